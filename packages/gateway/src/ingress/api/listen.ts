import { chmod, lstat, mkdir, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { dirname } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { isLoopback } from '../../config/loopback.ts'
import { requireSocketPath } from '../../config/paths.ts'

/**
 * Listens on a Unix socket that only this user can open: directory 0700 and socket 0600, both owned by this user. A file
 * that a crashed gateway left is removed; one that answers belongs to a running gateway.
 * @throws SallyportError SP_STORE_BUSY, SP_CONFIG_INSECURE, SP_CONFIG_INVALID
 */
export async function listenUnix(server: Server, path: string): Promise<void> {
  requireSocketPath(path)
  await ownDirectory(dirname(path))
  await removeStale(path)
  await started(server, () => server.listen({ path }))
  await chmod(path, 0o600)
}

/** Listens on this address and port; 0 takes a free one. Whether others may reach it was asked before. Returns the port. */
export async function listenTcp(server: Server, host: string, port: number): Promise<number> {
  await started(server, () => server.listen({ host, port, exclusive: true }))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

/**
 * Listens on a loopback address.
 * @throws SallyportError SP_CONFIG_INSECURE
 */
export function listenLoopback(server: Server, host: string, port: number): Promise<number> {
  if (!isLoopback(host)) throw new SallyportError('SP_CONFIG_INSECURE', `${host} is not a loopback address.`)
  return listenTcp(server, host, port)
}

async function ownDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const stat = await lstat(path)
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
    throw new SallyportError('SP_CONFIG_INSECURE', `${path} is not a directory of this user.`)
  }
  await chmod(path, 0o700)
}

async function removeStale(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => undefined)
  if (stat === undefined) return
  if (!stat.isSocket()) throw new SallyportError('SP_CONFIG_INSECURE', `${path} is in the way and is not a socket.`)
  if (await answers(path)) throw new SallyportError('SP_STORE_BUSY', `Something listens on ${path}.`)
  await unlink(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function started(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    listen()
  })
}
