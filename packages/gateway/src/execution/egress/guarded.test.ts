import { execFileSync } from 'node:child_process'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseHostRule, type InnerException } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOutgoing } from './outgoing.ts'

const hits: string[] = []
const answer: RequestListener = (request, response) => {
  hits.push(request.headers.host ?? '')
  response.end('inside')
}
const plain = createHttp(answer)
let secure: ReturnType<typeof createHttps>
let folder = ''
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-guarded-'))
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
      ...['-subj', '/CN=other.example', '-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  )
  secure = createHttps({ key: readFileSync(key), cert: readFileSync(cert) }, answer)
  for (const server of [plain, secure]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  for (const server of [plain, secure]) server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What comes of a request when a name resolves like this, time after time. */
async function tried(url: string, answers: readonly (readonly string[])[], exceptions: readonly InnerException[] = []) {
  const asked: string[] = []
  const resolve = async (host: string): Promise<readonly string[]> => {
    asked.push(host)
    return answers[Math.min(asked.length, answers.length) - 1] ?? []
  }
  const outgoing = createOutgoing({ exceptions, resolve })
  const before = hits.length
  const outcome = await outgoing.exchange(url, { method: 'GET', headers: {}, signal: AbortSignal.timeout(3_000) }).then(
    async (given) => {
      await given.discard()
      return String(given.status)
    },
    (thrown: { readonly code?: string; readonly details?: { readonly reason?: string } }) =>
      [thrown.code, thrown.details?.reason].filter(Boolean).join(' '),
  )
  return { outcome, asked, hits: hits.length - before }
}

describe('what the gateway itself connects to', () => {
  test('HB-73: an address in figures and localhost are what an operator meant', async () => {
    for (const host of ['127.0.0.1', 'localhost', 'sub.localhost']) {
      expect(await tried(`http://${host}:${portOf(plain)}/`, [])).toEqual({ outcome: '200', asked: [], hits: 1 })
    }
  })

  test.each([
    [['127.0.0.1'], 'ip_loopback'],
    [['10.0.0.8'], 'ip_private'],
    [['::1'], 'ip_loopback'],
    [['::ffff:127.0.0.1'], 'ip_loopback'],
    [['169.254.169.254'], 'ip_metadata'],
    [['93.184.216.34', '127.0.0.1'], 'dns_mixed'],
    [[], 'dns_failed'],
  ])('HB-69, T-120: a name that resolves to %j is not connected to (%s)', async (addresses, reason) => {
    const { outcome, asked, hits: reached } = await tried(`http://mcp.example:${portOf(plain)}/`, [addresses])
    expect({ outcome, reached }).toEqual({ outcome: `SP_EGRESS_REFUSED ${reason}`, reached: 0 })
    expect(asked).toEqual(['mcp.example'])
  })

  test('T-117: a name that changes its mind is asked once for each connection, and no answer is used unjudged', async () => {
    const exceptions = [{ rule: parseHostRule('flip.example:*'), blocks: ['127.0.0.1/32'] }]
    const url = `http://flip.example:${portOf(plain)}/`
    expect(await tried(url, [['127.0.0.1'], ['10.0.0.8']], exceptions)).toMatchObject({ outcome: '200', hits: 1 })
    expect(await tried(url, [['10.0.0.8'], ['127.0.0.1']], exceptions)).toMatchObject({
      outcome: 'SP_EGRESS_REFUSED ip_private',
      asked: ['flip.example'],
      hits: 0,
    })
  })

  test('HB-73: an exception is for the very host, its port and its addresses; metadata services are in none', async () => {
    const port = portOf(plain)
    const only = [{ rule: parseHostRule(`mcp.example:${port}`), blocks: ['127.0.0.0/8'] }]
    expect(await tried(`http://mcp.example:${port}/`, [['127.0.0.1']], only)).toMatchObject({ outcome: '200' })
    expect(await tried(`http://other.example:${port}/`, [['127.0.0.1']], only)).toMatchObject({ hits: 0 })
    expect(await tried(`http://mcp.example:${portOf(secure)}/`, [['127.0.0.1']], only)).toMatchObject({ hits: 0 })
    const wide = [{ rule: parseHostRule('mcp.example:*'), blocks: ['0.0.0.0/0'] }]
    expect((await tried('http://mcp.example/', [['169.254.169.254']], wide)).outcome).toBe(
      'SP_EGRESS_REFUSED ip_metadata',
    )
  })

  test('HB-69: the certificate has to be of the name, whatever the address', async () => {
    const exceptions = [{ rule: parseHostRule('mcp.example:*'), blocks: ['127.0.0.0/8'] }]
    const { outcome, hits: reached } = await tried(
      `https://mcp.example:${portOf(secure)}/`,
      [['127.0.0.1']],
      exceptions,
    )
    expect({ outcome, reached }).toEqual({ outcome: 'SP_MCP_UPSTREAM_FAILED', reached: 0 })
  })
})
