import type { Duplex } from 'node:stream'
import { addressFacts, LONGEST_HELLO, readOpening } from '@sallyport/core'

/** Longest that a client may take to say whom it wants to talk to, ms. */
const LIMIT = 10_000

export type OpeningVerdict =
  { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly reason: 'not_tls' | 'host_mismatch' }

/**
 * Reads what the client of a tunnel says first: TLS, for the very host of the tunnel (T-116, T-118). Otherwise anything could be behind
 * the name of an allowed host: another protocol, or another host of the same server.
 */
export async function openingOf(client: Duplex, head: Buffer, host: string): Promise<OpeningVerdict> {
  let bytes = head
  const late = AbortSignal.timeout(LIMIT)
  for (;;) {
    const opening = readOpening(bytes)
    if (opening.kind === 'hello') {
      // an address has no name that could be asked for
      const isOf = opening.serverName === host || (opening.serverName === undefined && addressFacts(host) !== undefined)
      return isOf ? { ok: true, bytes } : { ok: false, reason: 'host_mismatch' }
    }
    if (opening.kind === 'not-tls' || bytes.length > LONGEST_HELLO) return { ok: false, reason: 'not_tls' }
    const chunk = await nextChunk(client, late)
    if (chunk === undefined) return { ok: false, reason: 'not_tls' }
    bytes = Buffer.concat([bytes, chunk])
  }
}

/** Undefined when nothing more comes. */
function nextChunk(client: Duplex, late: AbortSignal): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const done = (chunk?: Buffer): void => {
      client.off('readable', read)
      client.off('end', over)
      client.off('close', over)
      late.removeEventListener('abort', over)
      resolve(chunk)
    }
    const over = (): void => done()
    const read = (): void => {
      const chunk = client.read() as Buffer | null
      if (chunk !== null) done(chunk)
    }
    if (late.aborted || client.destroyed || client.readableEnded) return done()
    client.on('readable', read)
    client.once('end', over)
    client.once('close', over)
    late.addEventListener('abort', over)
    read()
  })
}
