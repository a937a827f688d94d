import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { createServer, connect, type TLSSocket } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createAuthority, type Authority } from './authority.ts'

/** What a client that trusts the authority makes of a server that answers as `answers` when it asks for `asks`. */
async function shaken(authority: Authority, answers: string, asks: string): Promise<string> {
  const context = await authority.contextFor(answers)
  const server = createServer({ SNICallback: (_name, done) => done(null, context) })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client: TLSSocket = connect({ port, host: '127.0.0.1', servername: asks, ca: [authority.certificate] })
  const outcome = await new Promise<string>((resolve) => {
    client.once('secureConnect', () => resolve('trusted'))
    client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
  })
  client.destroy()
  server.close()
  return outcome
}

describe('an authority of one sandbox', () => {
  test('T-123: it is trusted for its hosts, and the certificate is of the very host', async () => {
    const authority = await createAuthority(['api.example.com', 'x.example.org'], Date.now)
    expect(await shaken(authority, 'api.example.com', 'api.example.com')).toBe('trusted')
    expect(await shaken(authority, 'x.example.org', 'api.example.com')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    await expect(authority.contextFor('bank.example')).rejects.toThrow('not one of those')
  })

  test('T-123: it says itself that it is good for nothing else, for a week', async () => {
    const certificate = new X509Certificate(
      (await createAuthority(['api.example.com', 'x.example.org'], Date.now)).certificate,
    )
    expect(certificate.ca).toBe(true)
    const life = Date.parse(certificate.validTo) - Date.now()
    expect(life).toBeGreaterThan(6 * 86_400_000)
    expect(life).toBeLessThan(8 * 86_400_000)
    const text = execFileSync('openssl', ['x509', '-noout', '-text'], {
      input: certificate.toString(),
      encoding: 'utf8',
    })
    expect(text).toMatch(/Name Constraints: critical\s+Permitted:\s+DNS:api\.example\.com\s+DNS:x\.example\.org/)
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign\n/)
  })
})
