import type { Duplex } from 'node:stream'
import { syslogLine, type Facility } from '@sallyport/core'
import type { Sink } from '../sink.ts'
import type { SinkWays } from './ways.ts'

export type SyslogTarget = { readonly facility: Facility; readonly machine: string } & (
  | { readonly protocol: 'udp' | 'tcp' | 'tls'; readonly host: string; readonly port: number }
  | { readonly protocol: 'unix'; readonly path: string }
)

/** RFC 5424 over UDP (RFC 5426), TCP and TLS with octet counting (RFC 6587, RFC 5425), or a stream socket of this machine. */
export function syslogSink(target: SyslogTarget, ways: SinkWays): Sink {
  const lineOf = (notice: Parameters<Sink['send']>[0]): string => syslogLine(notice, target.facility, target.machine)
  if (target.protocol === 'udp')
    return { send: (notice) => ways.datagram(target.host, target.port, Buffer.from(lineOf(notice))) }
  return {
    send: async (notice, signal) => {
      // one connection for each: what an old one still takes, nobody may read any more
      const socket = await connected(target, ways)
      const over = (): void => void socket.destroy()
      signal.addEventListener('abort', over, { once: true })
      try {
        const line = lineOf(notice)
        await flushed(socket, `${Buffer.byteLength(line)} ${line}`)
      } finally {
        signal.removeEventListener('abort', over)
        socket.destroy()
      }
    },
  }
}

async function connected(target: Exclude<SyslogTarget, { protocol: 'udp' }>, ways: SinkWays): Promise<Duplex> {
  if (target.protocol === 'unix') return ways.local(target.path)
  const socket = await ways.connect(target.host, target.port)
  return target.protocol === 'tcp' ? socket : ways.secure(socket, target.host)
}

/** Resolves when the other side has the end of it: syslog has no answer, but a connection that was closed in order had a reader. */
function flushed(socket: Duplex, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => resolve())
    socket.resume()
    socket.end(text)
  })
}
