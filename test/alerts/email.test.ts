import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { emailSink, type EmailConfig } from '../../packages/gateway/src/alerts/sinks/email.ts'
import type { SinkWays } from '../../packages/gateway/src/alerts/sinks/ways.ts'
import { guardedSocket } from '../../packages/gateway/src/execution/egress/guarded.ts'
import { trustedWith } from '../../packages/gateway/src/execution/egress/secured.ts'
import { denial, openBench, until } from './kit.ts'
import { noticeWith, PAYLOADS } from './notices.ts'

interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly secure: boolean
  readonly user: string
  readonly text: string
}

/** A certificate for localhost that nobody else signed. */
function certificate(): { readonly key: string; readonly cert: string } {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-mail-'))
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ],
    { stdio: 'ignore' },
  )
  const identity = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(directory, { recursive: true })
  return identity
}

const IDENTITY = certificate()
const USER = 'sallyport'
const PASSWORD = 'correct horse battery'

async function openMailServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = []
  const server = new SMTPServer({
    ...IDENTITY,
    authMethods: ['PLAIN', 'LOGIN'],
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) =>
      username === USER && password === PASSWORD ? done(null, { user: USER }) : done(new Error('no')),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          ...{ secure: session.secure, user: String(session.user ?? ''), text: Buffer.concat(chunks).toString() },
        })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { mails, port: (listening.address() as AddressInfo).port }
}

const ways = (authorities: readonly string[] = [IDENTITY.cert]): SinkWays =>
  ({ connect: guardedSocket({ exceptions: [] }), trusted: () => trustedWith(authorities) }) as unknown as SinkWays
const config = (port: number, more: Partial<EmailConfig> = {}): EmailConfig => ({
  ...{ host: 'localhost', port, tls: 'starttls', user: USER, password: PASSWORD },
  ...{ from: 'gate@example.com', to: ['ana@example.com', 'bob@example.com'] },
  ...more,
})

/** Header lines, unfolded, and the body as it was written. */
function read(text: string) {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const headers = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  return { headers, body: Buffer.from(rest.join(''), 'base64').toString() }
}

describe('e-mail', () => {
  it.each(['starttls', 'implicit'] as const)('AC-5.2.2: over %s, signed in, to everybody who is named', async (tls) => {
    const { mails, port } = await openMailServer({ secure: tls === 'implicit' })
    await emailSink(config(port, { tls }), ways()).send(noticeWith('plain', 'n1'), AbortSignal.timeout(10_000))
    expect(mails).toMatchObject([
      { from: 'gate@example.com', to: ['ana@example.com', 'bob@example.com'], secure: true, user: USER },
    ])
    const { headers, body } = read(mails[0]?.text ?? '')
    expect(headers).toContain('Subject: [Sallyport critical] plain tried plain and was denied: plain')
    expect(headers.some((line) => line === 'Message-ID: <n1@sallyport>')).toBe(true)
    expect(body).toContain('Tool:      plain')
  })

  it.each([
    ['a certificate that nobody trusts', () => openMailServer(), { authorities: [] as string[] }],
    ['a server without TLS', () => openMailServer({ disabledCommands: ['STARTTLS'] }), {}],
    ['a wrong password', () => openMailServer(), { password: 'wrong' }],
    ['a server that refuses', () => openMailServer({ onMailFrom: (_a, _s, done) => done(new Error('no')) }), {}],
  ])(
    'HB-69: %s gets no message and no password',
    async (_name, open, { authorities, ...more }: { authorities?: string[]; password?: string }) => {
      const { mails, port } = await open()
      const sink = emailSink(config(port, more), ways(authorities))
      await expect(sink.send(noticeWith('plain', 'n1'), AbortSignal.timeout(10_000))).rejects.toThrow(/./)
      expect(mails).toEqual([])
    },
  )

  it('a server that hangs is given up when the time is over', async () => {
    const { port } = await openMailServer({ onConnect: () => undefined })
    const start = Date.now()
    const sink = emailSink(config(port), ways())
    await expect(sink.send(noticeWith('plain', 'n1'), AbortSignal.timeout(300))).rejects.toThrow(/./)
    expect(Date.now() - start).toBeLessThan(10_000)
  })

  it('HB-69: an address inside is not connected to, whatever its name', async () => {
    const connect = guardedSocket({ exceptions: [], resolve: async () => ['169.254.169.254'] })
    const sink = emailSink(config(25, { host: 'mail.example.com' }), { ...ways(), connect })
    await expect(sink.send(noticeWith('plain', 'n1'), AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: 'SP_EGRESS_REFUSED',
    })
  })

  it('T-168: 100 payloads are 100 mails, each with our headers and to our people alone', async () => {
    const { mails, port } = await openMailServer({ authOptional: true })
    const sink = emailSink(config(port, { tls: 'off', user: undefined }), ways())
    for (const [i, payload] of PAYLOADS.entries())
      await sink.send(noticeWith(payload, `n${i}`), AbortSignal.timeout(10_000))
    expect(mails).toHaveLength(PAYLOADS.length)
    const names = new Set<string>()
    for (const [i, { to, text }] of mails.entries()) {
      expect(to).toEqual(['ana@example.com', 'bob@example.com'])
      const { headers, body } = read(text)
      for (const line of headers) names.add(line.slice(0, line.indexOf(':')).toLowerCase())
      expect(headers.filter((line) => /^(?:subject|to|from):/i.test(line))).toHaveLength(3)
      expect(body.split('\n')).toHaveLength(20)
      expect(body).toContain(`n${i}\n`)
    }
    expect([...names].toSorted()).toEqual([
      ...['auto-submitted', 'content-transfer-encoding', 'content-type', 'date', 'from', 'message-id', 'mime-version'],
      ...['subject', 'to', 'x-sallyport-alert'],
    ])
  }, 60_000)

  it('AC-5.2.2: an alert of a gateway arrives by mail when it is critical, and not when it is high', async () => {
    const { mails, port } = await openMailServer()
    const mail = { type: 'email', ...config(port) }
    const bench = await openBench({ alerts: { sinks: { oncall: mail } }, authorities: [IDENTITY.cert] })
    await bench.evidence.append([denial({ severity: 'high' }), denial({ severity: 'critical', toolName: 'fs.rm' })])
    await until(() => mails.length === 1)
    expect(read(mails[0]?.text ?? '').body).toContain('fs.rm')
    expect(await bench.alerting.service.test('oncall')).toBeUndefined()
    expect(mails).toHaveLength(2)
  })
})
