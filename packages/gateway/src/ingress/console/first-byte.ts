import { createServer, type Server, type Socket } from 'node:net'
import { networkOf } from '@sallyport/core'

/** A TLS record that starts a handshake (RFC 8446 section 5.1); no HTTP method begins with it. */
const HANDSHAKE = 0x16

export interface Takers {
  /** Gets connections by their `connection` event. */
  readonly secure: Server | undefined
  readonly plain: Server
}

export interface ConnectionLimits {
  /** ms until the first byte must be here. */
  readonly patience: number
  /** Open ones at most, of all and of one network, so that one stranger cannot use up what all share. */
  readonly connections: number
  readonly perNetwork: number
  /** This machine and proxies, which everybody comes through. */
  readonly isExempt: (address: string) => boolean
}

/**
 * One port for both: who speaks TLS gets the console, who speaks plain HTTP is told where it is (E-22).
 */
export function firstByteServer({ secure, plain }: Takers, limits: ConnectionLimits): Server {
  const { patience, connections, perNetwork, isExempt } = limits
  const open = new Map<string, number>()
  const count = (network: string, by: number): number => {
    const now = (open.get(network) ?? 0) + by
    if (now > 0) open.set(network, now)
    else open.delete(network)
    return now
  }
  const server = createServer((socket: Socket) => {
    const { remoteAddress = '' } = socket
    if (!isExempt(remoteAddress)) {
      const network = networkOf(remoteAddress)
      socket.once('close', () => count(network, -1))
      if (count(network, 1) > perNetwork) return void socket.destroy()
    }
    const timer = setTimeout(() => socket.destroy(), patience)
    const failed = (): void => void socket.destroy()
    socket.once('error', failed)
    socket.once('close', () => clearTimeout(timer))
    socket.once('readable', () => {
      clearTimeout(timer)
      const first = socket.read() as Buffer | null
      if (first === null) return void socket.destroy()
      socket.off('error', failed)
      socket.unshift(first)
      const taker = first[0] === HANDSHAKE ? secure : plain
      if (taker === undefined) socket.destroy()
      else taker.emit('connection', socket)
    })
  })
  server.maxConnections = connections
  return server
}
