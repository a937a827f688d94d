import { createHash, createHmac } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../packages/gateway/src/index.ts'
import { hasSandbox } from '../sandbox/machine.ts'
import type { Got } from './apis.ts'
import { CanaryScan } from './canary.ts'
import { openClients, placeholder, type Clients } from './kit.ts'

const SIGNED = 'inject: { sigv4: { region: eu-central-1, service: sts } }'
const AWS = { accessKeyId: 'AKIACANARY0123456789', secretAccessKey: 'canary/of+aws/0123456789abcdefghijklmnop' }
const canSign = ((): boolean => {
  const one = `category: read, agents: [a], base: "https://sts.example", ${SIGNED}`
  try {
    parseConfig(`version: 1\ncredentials: { aws: { ${one} } }\n`, '/x.yaml', { env: {}, stateDir: '/x', now: 0 })
    return true
  } catch {
    return false
  }
})()
if (!canSign) process.stderr.write('NOT VERIFIED: the SDK of AWS, because requests are not signed anew yet.\n')

/** What Signature Version 4 has a server compute from a request that came (AWS, "Create a signed request"). */
function signatureOf({ method, url, headers, body }: Got, secret: string): string {
  const [path = '', query = ''] = url.split('?')
  const [, scope = '', names = ''] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? []
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const canonical = [method, path, query, signed.join(''), names, sha(body)].join('\n')
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha(canonical)].join('\n')
  const key = scope
    .split('/')
    .reduce<string | Buffer>((from, part) => createHmac('sha256', from).update(part).digest(), `AWS4${secret}`)
  return createHmac('sha256', key).update(text).digest('hex')
}

/** Where the client is sent, and by what it is told; '': the variables of the preset, which it reads by itself. */
const CASES = [
  ['github', '@octokit/rest', 'by URL', '$GITHUB_API_URL'],
  ['github', '@octokit/rest', 'by tunnel', 'https://github.localhost:$PORT'],
  ['openai', 'openai', 'by URL, untold', ''],
  ['openai', 'openai', 'by tunnel', 'https://openai.localhost:$PORT/v1'],
  ['anthropic', '@anthropic-ai/sdk', 'by URL, untold', ''],
  ['anthropic', '@anthropic-ai/sdk', 'by tunnel', 'https://anthropic.localhost:$PORT'],
  ['stripe', 'stripe', 'by tunnel', 'https://stripe.localhost:$PORT'],
  ...(canSign ? [['aws', '@aws-sdk/client-sts', 'by tunnel', 'https://sts.localhost:$PORT'] as const] : []),
] as const

const bearer =
  (value: string) =>
  ({ headers }: Got): void =>
    expect(headers.authorization).toBe(`Bearer ${value}`)
/** What the API has to get, and what the client has to say. */
const EXPECTED: Readonly<Record<string, readonly [got: (value: string) => (got: Got) => void, said: object]>> = {
  github: [bearer, { data: { full_name: 'acme/shop' }, wrong: [404, expect.stringContaining('Not Found')] }],
  openai: [bearer, { streamed: 'Good day', whole: { object: 'chat.completion' }, wrong: [403, expect.any(String)] }],
  anthropic: [
    (value) => (got) => expect(got.headers['x-api-key']).toBe(value),
    { streamed: 'Good day', whole: { type: 'message' } },
  ],
  stripe: [bearer, { list: { data: [{ id: 'cus_1' }] }, made: { email: 'a@example.org' }, wrong: expect.any(String) }],
  aws: [
    () => (got) => {
      expect(got.headers.authorization).toContain(`Credential=${AWS.accessKeyId}/`)
      expect(got.headers.authorization).toContain(`Signature=${signatureOf(got, AWS.secretAccessKey)}`)
    },
    { Account: '123456789012' },
  ],
}

describe.skipIf(!hasSandbox)('SDKs of vendors in a sandbox', () => {
  let clients: Clients

  beforeAll(async () => {
    clients = await openClients(
      {
        github: { yaml: 'preset: github, category: read' },
        openai: { path: '/v1', yaml: 'preset: openai, category: external, paths: [/v1/chat/**]' },
        anthropic: { yaml: 'preset: anthropic, category: external' },
        stripe: { yaml: 'preset: stripe, category: write, methods: [GET, POST]' },
        ...(canSign ? { aws: { host: 'sts', yaml: `preset: aws, category: read, ${SIGNED}` } } : {}),
      },
      { aws: JSON.stringify(AWS) },
    )
  }, 60_000)
  afterAll(async () => clients.close())

  it.each(CASES)(
    'E-88, HB-87, HB-88, HB-90, E-87: %s: %s works %s; it holds a placeholder, and neither heap nor memory has more',
    async (name, _package, _how, where) => {
      const { run, apis, values, ground } = clients
      const [isRight, said] = EXPECTED[name] ?? []
      apis.take(name)
      const { exitCode, stdout, stderr } = await run(`node ${name}.mjs ${where}`)
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
      expect(JSON.parse(stdout)).toMatchObject({ key: placeholder(name), ...said })
      const got = apis.take(name === 'aws' ? 'sts' : name)
      expect(got.length).toBeGreaterThan(0)
      for (const one of got) isRight?.(values[name] ?? '')(one)
      for (const { headers } of got) expect(JSON.stringify(headers)).not.toContain('sallyport-lease')

      const left = [`${name}.heapsnapshot`, `${name}.memory`].map((file) => join(ground.work, file))
      const scan = new CanaryScan({ ...values, aws: AWS.secretAccessKey })
      for (const path of left) {
        expect(scan.file(path).hits).toEqual([])
        // what it does hold is found there: this is its memory
        expect(new CanaryScan({ placeholder: placeholder(name) }).file(path).hits).not.toEqual([])
        rmSync(path)
      }
      expect(scan.bytes).toBeGreaterThan(2 ** 24)
      expect(scan.look('standard output', stdout).look('standard error', stderr).hits).toEqual([])
    },
    120_000,
  )
})
