import type { Duplex } from 'node:stream'

/** How sinks reach others: only through connections that were judged (HB-69). */
export interface SinkWays {
  /** One request over HTTP; resolves with the status. */
  readonly post: (
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ) => Promise<number>
  readonly connect: (host: string, port: number) => Promise<Duplex>
  /** TLS over such a connection, with the certificate of that name. */
  readonly secure: (socket: Duplex, host: string) => Promise<Duplex>
  /** One datagram. */
  readonly datagram: (host: string, port: number, bytes: Uint8Array) => Promise<void>
  /** A socket of this machine. */
  readonly local: (path: string) => Promise<Duplex>
  /** Certificates of all authorities that are trusted, PEM. */
  readonly trusted: () => Promise<string[]>
}
