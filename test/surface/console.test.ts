import { readFile, stat } from 'node:fs/promises'
import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { join } from 'node:path'
import { createHash, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { temporaryDirectory } from '../api/kit.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let stateDir: string
let gateway: Gateway
let port: number
let ca: string

const config = (console: string, more = ''): string => `version: 1\nconsole: ${console}\n${more}`
const open = (text: string, directory: string): Promise<Gateway> =>
  createGateway(
    parseConfig(text, join(directory, 'sallyport.yaml'), {
      env: {},
      stateDir: join(directory, 'state'),
      now: Date.now(),
    }),
    { stateDir: join(directory, 'state'), operationalSink: () => undefined },
  )

function ask(how: 'https' | 'http', path: string, headers: Record<string, string> = {}, method = 'GET', body?: string) {
  const target = {
    ...{ host: '127.0.0.1', port, method, path, agent: false },
    headers: { host: `sallyport.localhost:${port}`, ...headers },
  }
  return new Promise<Answer>((resolve, reject) => {
    const request =
      how === 'http' ? plainRequest(target) : secureRequest({ ...target, ca, servername: 'sallyport.localhost' })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.end(body)
  })
}

beforeAll(async () => {
  folder = await temporaryDirectory()
  stateDir = join(folder.path, 'state')
  gateway = await open(config('{ port: 0 }'), folder.path)
  await gateway.listen()
  port = Number(new URL(gateway.consoleUrl ?? '').port)
  ca = await readFile(join(stateDir, 'tls', 'authority.pem'), 'utf8')
}, 60_000)
afterAll(async () => {
  await gateway.close()
  await folder.remove()
})

describe('the console over TLS of the gateway’s own authority', () => {
  it('SEC-2.4: its certificate is for its name, by an authority that can sign for nothing else; keys are 0600', async () => {
    expect(gateway.consoleUrl).toBe(`https://sallyport.localhost:${port}`)
    const authority = new X509Certificate(ca)
    expect(authority.ca).toBe(true)
    const leaf = new X509Certificate(await readFile(join(stateDir, 'tls', 'console.pem'), 'utf8'))
    expect(leaf.verify(authority.publicKey)).toBe(true)
    expect(leaf.subjectAltName).toBe('DNS:sallyport.localhost')
    for (const name of ['authority.key', 'console.key']) {
      expect((await stat(join(stateDir, 'tls', name))).mode & 0o777).toBe(0o600)
    }
    expect((await stat(join(stateDir, 'tls'))).mode & 0o777).toBe(0o700)
  })

  it('serves its frame at the address of every page, uncached, under the strict policy', async () => {
    for (const path of [
      '/',
      '/approvals',
      '/approvals/a-91c4',
      '/tools/search/diff/web_search',
      '/policies/live/flow.cedar',
      '/supply/skill/invoice-helper/1.4.0',
      '/settings/people',
      '/log?q=x',
    ]) {
      const answer = await ask('https', path)
      expect([path, answer.status]).toEqual([path, 200])
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'",
      )
      expect(answer.headers['permissions-policy']).toContain(
        'publickey-credentials-get=(self), publickey-credentials-create=(self)',
      )
      expect(answer.headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': 'max-age=31536000',
      })
    }
  })

  it('names a digest for each file of the frame, and the files are those', async () => {
    const { text } = await ask('https', '/')
    const tags = [...text.matchAll(/<(?:script|link)\b[^>]*(?:src|href)="(\/assets\/[^"]+)"[^>]*>/g)]
    expect(tags.length).toBeGreaterThan(0)
    for (const [tag, path = ''] of tags) {
      const file = await ask('https', path)
      const digest = createHash('sha384').update(file.text).digest('base64')
      expect(tag).toContain(`integrity="sha384-${digest}"`)
      expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    }
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son[a-z]+=|style="/)
  })

  it('AC-2.1.4: what is not in the table is 403, and no path reaches the file system', async () => {
    for (const path of [
      '/nothing',
      '/assets/nothing.js',
      '/assets/../index.html',
      '/assets/%2e%2e/manifest.json',
      '/manifest.json',
      '/index.html',
      '//approvals',
      '/approvals/',
      '/Approvals',
      '/assets/manifest.json',
      '/v1/session',
      '/mcp',
      '/api/v2/status',
    ]) {
      expect([path, (await ask('https', path)).status]).toEqual([path, 403])
    }
    for (const method of ['PUT', 'PATCH', 'OPTIONS', 'TRACE', 'HEAD']) {
      expect([method, (await ask('https', '/api/v1/status', {}, method)).status]).toEqual([method, 403])
    }
    expect((await ask('https', '/approvals', {}, 'HEAD')).status).toBe(200)
  })

  it('AC-2.1.2 ND-2.1.b: nobody is answered 401, and no operator socket rights leak to the network', async () => {
    for (const path of ['/api/v1/status', '/api/v1/agents', '/api/v1/log', '/api/v1/approvals']) {
      const answer = await ask('https', path)
      expect([path, answer.status, JSON.parse(answer.text).code]).toEqual([path, 401, 'SP_AUTHN_REQUIRED'])
    }
    const own = {
      origin: `https://sallyport.localhost:${port}`,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
    }
    expect((await ask('https', '/api/v1/agents', own, 'POST', '{"name":"x"}')).status).toBe(401)
  })

  it('/health is one word for supervisors and a page for browsers', async () => {
    expect((await ask('https', '/health')).text).toBe('{"status":"ok"}')
    expect((await ask('https', '/health', { accept: 'text/html,*/*' })).text).toContain('<div id="root">')
  })
})

describe('plain HTTP at the same port', () => {
  it('AC-2.4.1 E-22: pages move to HTTPS; APIs never do', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask('http', '/approvals/a-1?tab=mine', {}, method)
      expect([answer.status, answer.headers['location']]).toEqual([
        301,
        `https://sallyport.localhost:${port}/approvals/a-1?tab=mine`,
      ])
    }
    for (const [method, path] of [
      ['GET', '/api/v1/status'],
      ['POST', '/api/v1/kill'],
      ['POST', '/approvals'],
      ['GET', '/nothing'],
    ] as const) {
      const answer = await ask('http', path, {}, method)
      expect([path, answer.status, answer.headers['location']]).toEqual([path, 403, undefined])
    }
  })
})
