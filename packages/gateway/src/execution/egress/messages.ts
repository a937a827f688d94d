import { createConnection, isIPv6, type Socket } from 'node:net'
import { readEgressTarget, SallyportError } from '@sallyport/core'
import { clearNamed, systemResolve } from './dial.ts'
import type { GuardDeps } from './guarded.ts'

/**
 * Sends single datagrams to a place that an operator named: its name is resolved once for each, all answers are judged, and it goes to a
 * judged address (HB-69). Nobody knows whether one arrives.
 */
export const guardedDatagram =
  ({ exceptions, resolve = systemResolve }: GuardDeps) =>
  async (host: string, port: number, bytes: Uint8Array): Promise<void> => {
    const target = readEgressTarget(`${host.includes(':') ? `[${host}]` : host}:${port}`)
    const cleared = target === undefined ? undefined : await clearNamed(target, { blocked: [], exceptions }, resolve)
    const address = cleared?.kind === 'cleared' ? cleared.addresses[0] : undefined
    if (address === undefined) throw new SallyportError('SP_EGRESS_REFUSED', `${host}.`)
    const { createSocket } = await import('node:dgram')
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    try {
      await new Promise<void>((resolve_, reject) => {
        socket.once('error', reject)
        socket.send(bytes, port, address, (error) => (error === null ? resolve_() : reject(error)))
      })
    } finally {
      socket.close()
    }
  }

/** A stream socket of this machine, by its path. Rejects when nobody listens. */
export const localSocket = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ path })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
  })
