import { createServer, type Server, type Socket } from 'node:net'

/** A TLS record that starts a handshake (RFC 8446 section 5.1); no HTTP method begins with it. */
const HANDSHAKE = 0x16

export interface Takers {
  /** Gets connections by their `connection` event. */
  readonly secure: Server | undefined
  readonly plain: Server
}

/**
 * One port for both: who speaks TLS gets the console, who speaks plain HTTP is told where it is (E-22).
 * @param patience ms until the first byte must be here
 */
export function firstByteServer({ secure, plain }: Takers, patience: number, connections: number): Server {
  const server = createServer((socket: Socket) => {
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
