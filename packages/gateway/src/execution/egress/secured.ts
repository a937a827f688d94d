import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'

/** Longest that a handshake may take, ms. */
const LIMIT = 10_000

/** A session that is taken up again: its handshake is shorter, and the certificate was checked when it began. */
export interface Resumption {
  readonly last: Buffer | undefined
  /** Told of each that can be taken up. */
  readonly kept: (session: Buffer) => void
}

/**
 * TLS over a connection that was judged, with the certificate of the name that was asked for, whatever address it is on (HB-69).
 * Rejects with the error of the handshake; then the connection is gone.
 * @param authorities certificates, PEM, besides those of Node
 */
export async function secured(
  socket: Socket,
  host: string,
  authorities: readonly string[] = [],
  resumption?: Resumption,
): Promise<TLSSocket> {
  // loaded on first use, as everything that few gateways need
  const { connect } = await import('node:tls')
  const secureContext = authorities.length === 0 ? undefined : await contextOf(authorities)
  const isAddress = host.includes(':') || /^[\d.]+$/.test(host)
  return new Promise((resolve, reject) => {
    const secure = connect({
      ...{ socket, host, ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' },
      ...(isAddress ? {} : { servername: host }),
      ...(secureContext === undefined ? {} : { secureContext }),
      ...(resumption?.last === undefined ? {} : { session: resumption.last }),
    })
    if (resumption !== undefined) secure.on('session', resumption.kept)
    const late = (): void => void secure.destroy(new Error('The handshake took too long.'))
    secure.setTimeout(LIMIT, late)
    secure.once('error', reject)
    secure.once('secureConnect', () => {
      secure.off('error', reject)
      secure.setTimeout(0, late)
      resolve(secure)
    })
  })
}

const contexts = new WeakMap<readonly string[], SecureContext>()

/** To read a hundred and forty certificates takes longer than a handshake: once for a list is enough. */
async function contextOf(authorities: readonly string[]): Promise<SecureContext> {
  const { createSecureContext } = await import('node:tls')
  const known = contexts.get(authorities)
  if (known !== undefined) return known
  const made = createSecureContext({ ca: await trustedWith(authorities), minVersion: 'TLSv1.2' })
  contexts.set(authorities, made)
  return made
}

/** Certificates of all who are trusted, PEM: those of Node and these. */
export async function trustedWith(authorities: readonly string[]): Promise<string[]> {
  const { rootCertificates } = await import('node:tls')
  return [...rootCertificates, ...authorities]
}
