import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { csrfOf, rateOf, surfacesOf, type MatrixEntry } from '../../packages/gateway/src/ingress/api/matrix.ts'
import { tableOfEntries } from '../../packages/gateway/src/routes.ts'
import { EXAMPLES, type Example } from './examples.ts'
import { ask, temporaryDirectory, type Answer } from './kit.ts'

let gateway: Gateway
let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let workspace: string
const filesystem = new URL('../../node_modules/@modelcontextprotocol/server-filesystem/dist/index.js', import.meta.url)

beforeAll(async () => {
  folder = await temporaryDirectory()
  workspace = join(folder.path, 'workspace')
  await mkdir(workspace)
  await writeFile(join(workspace, 'report.txt'), 'All is well.\n')
  const stateDir = join(folder.path, 'state')
  const config = [
    'version: 1',
    'policies: [preset:balanced]',
    'servers:',
    `  files: { command: [${process.execPath}, ${filesystem.pathname}, ${workspace}] }`,
  ].join('\n')
  const loaded = parseConfig(config, join(folder.path, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() })
  gateway = await createGateway(loaded, { stateDir })
  await gateway.listen()
}, 60_000)
afterAll(async () => {
  await gateway.close()
  await folder.remove()
})

describe('docs/reference/api.md', () => {
  it(
    'AC-2.1.1: lists every entry of the matrix, with examples as a real gateway answers them',
    { timeout: 120_000 },
    async () => {
      const kept: Record<string, string> = { workspace }
      const shown: string[] = []
      for (const example of EXAMPLES) {
        if (example.claimed === true) await claim()
        const answer = await run(example, kept)
        expect([example.title, answer.status, answer.body?.code], answer.text).toMatchObject([
          example.title,
          example.status,
          answer.body?.code,
        ])
        for (const [name, path] of Object.entries(example.keep ?? {})) kept[name] = member(answer.body, path)
        shown.push(show(example, answer, kept))
      }
      await expect(`${HEAD}${table()}\n## Examples\n\n${shown.join('\n')}`).toMatchFileSnapshot(
        '../../docs/reference/api.md',
      )
    },
  )
})

/** What `sallyport init --claim` does after the PIN was typed. */
async function claim(): Promise<void> {
  const socketPath = join(folder.path, 'state', 'run', 'operator.sock')
  const challenge = await ask({ socketPath }, { path: `/api/v1/presence/claim?nonce=${'ab'.repeat(32)}` })
  const { nonce, notAfter, operators } = challenge.body
  const body = { name: 'ana', salt: operators[0].salt, verifier: 'cd'.repeat(32), nonce, notAfter }
  const claimed = await ask({ socketPath }, { method: 'POST', path: '/api/v1/presence/claim', body })
  expect(claimed.status, claimed.text).toBe(200)
}

function run(
  { to, method, path, as, headers = {}, body }: Example,
  kept: Readonly<Record<string, string>>,
): Promise<Answer> {
  const socketPath = join(folder.path, 'state', 'run', `${to}.sock`)
  return ask(
    { socketPath },
    {
      method,
      path: fill(path, kept),
      headers,
      ...(body === undefined ? {} : { bodyText: fill(JSON.stringify(body), kept) }),
      ...(as === undefined ? {} : { bearer: kept[as] ?? '' }),
    },
  )
}

const fill = (text: string, kept: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => kept[name] ?? whole)

const member = (body: unknown, path: string): string =>
  String(path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], body))

/** Every entry, by plane, as the matrix has it. */
function table(): string {
  const entries = tableOfEntries()
  const isStatic = (entry: MatrixEntry): boolean => 'raw' in entry && (entry.raw === 'page' || entry.raw === 'asset')
  const rows = (plane: MatrixEntry['plane'], cells: (entry: MatrixEntry) => readonly string[]) =>
    entries
      .filter((entry) => entry.plane === plane && !isStatic(entry))
      .map((entry) => `| ${entry.method} | \`${entry.path}\` | ${cells(entry).join(' | ')} | ${entry.summary} |`)
      .sort((a, b) => ((a.split('|')[2] ?? '') < (b.split('|')[2] ?? '') ? -1 : 1))
      .join('\n')
  const scopeOf = ({ auth, scope }: MatrixEntry): string => (auth === 'key' ? 'the agent’s key' : `\`${scope}\``)
  const presenceOf = (entry: MatrixEntry) => ('presence' in entry ? entry.presence : undefined)
  const consoleScope = (entry: MatrixEntry): string => {
    if (!surfacesOf(entry).includes('console')) return '–'
    return presenceOf(entry) === 'free' ? '`write`' : scopeOf(entry)
  }
  const socketWants = (entry: MatrixEntry): string => {
    if (!surfacesOf(entry).includes('socket')) return '–'
    return presenceOf(entry) === 'route' ? 'proof' : 'nothing'
  }
  const open = entries.filter(({ scope }) => scope === 'public')
  const reasons = [...new Set(open.map(({ justification = '' }) => justification))].map((reason) => {
    const paths = open
      .filter(({ justification }) => justification === reason)
      .map(({ method, path }) => `\`${method} ${path}\``)
    return `- ${[...new Set(paths)].join(', ')}: ${reason}`
  })
  return [
    '## Agent plane: `<state>/run/agent.sock`, and TCP when `gateway.port` is set\n',
    '| method | path | scope | rate | what it does |\n|---|---|---|---|---|',
    `${rows('agent', (entry) => [scopeOf(entry), rateOf(entry, 'socket')])}\n`,
    '## Operator plane: the console’s port, and `<state>/run/operator.sock`\n',
    'On the console a person needs the scope of the third column by their roles, and a proof of presence besides where the',
    'fourth says so. Whoever can open the socket may look, deny and kill without one. What the console does by itself says',
    '`Sallyport-Background: 1` and does not keep the session open. The rate is that on the console; on the socket it is `local`.',
    'A request that changes something comes from the console’s own origin (`origin`); `state` comes from an identity provider.\n',
    '| method | path | console | socket wants | rate | CSRF | what it does |\n|---|---|---|---|---|---|---|',
    `${rows('operator', (entry) => [
      consoleScope(entry),
      socketWants(entry),
      rateOf(entry, surfacesOf(entry).includes('console') ? 'console' : 'socket'),
      csrfOf(entry),
    ])}\n`,
    '## What is public, and why\n',
    `${reasons.join('\n')}\n`,
  ].join('\n')
}

function show(
  { title, to, method, path, as, headers = {}, body }: Example,
  answer: Answer,
  kept: Readonly<Record<string, string>>,
): string {
  const sent = [
    `${method} ${path.replaceAll(/\{([a-z]+)\}/g, '<$1>')} HTTP/1.1`,
    ...(as === undefined ? [] : [`Authorization: Bearer <${as}>`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined
      ? []
      : [
          'Content-Type: application/json',
          '',
          JSON.stringify(body, undefined, 2).replaceAll('{workspace}', '/workspace'),
        ]),
  ]
  const notable = ['location', 'retry-after', 'www-authenticate'].filter((name) => answer.headers[name] !== undefined)
  const received = [
    `HTTP/1.1 ${answer.status}`,
    ...notable.map((name) => `${name}: ${plain(String(answer.headers[name]), kept)}`),
    '',
    plain(JSON.stringify(answer.body, undefined, 2), kept),
  ]
  return `${title} (${to} plane)\n\n\`\`\`http\n${sent.join('\n')}\n\`\`\`\n\n\`\`\`http\n${received.join('\n')}\n\`\`\`\n`
}

/** The same text in every run. */
const plain = (text: string, kept: Readonly<Record<string, string>>): string =>
  text
    .replaceAll(kept['workspace'] ?? '\u0000', '/workspace')
    .replaceAll(/ id=[0-9a-f]{24}>>>/g, ' id=<nonce>>>>')
    .replaceAll(/spk_[A-Za-z0-9_-]{43}/g, 'spk_…')
    .replaceAll(/eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g, 'eyJ…')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/g, '<time>')
    .replaceAll(/"afterMs": \d+/g, '"afterMs": 3')
    .replaceAll(/"approvalId": "[^"]+"/g, '"approvalId": "<approval>"')

const HEAD = `# HTTP API

<!-- Written by \`npx vitest run test/api/reference.test.ts -u\` from the table of routes and the answers of a running gateway. -->

The table is also the router and the authentication matrix (SEC-2.1): a path, method or spelling that is not in it is answered
403, with or without a credential. Bodies are strict JSON (no duplicate keys, no unknown members). Errors are problem details
(RFC 9457) with \`code\`, \`detail\`, \`next\` and, where there is a record in the log, \`eventId\`.

- **Identity** comes from the connection and the credential alone. Headers that claim one (\`X-User\`, \`X-Agent-Id\`, …) are refused.
- **Credentials** live 15 minutes: \`POST /v1/token\` with the agent’s key, or the file \`<state>/agents/NAME/credential\`, which a
  running gateway renews every five minutes.
- **Waiting**: \`Prefer: wait=N\` (at most 50 seconds) holds the answer; what takes longer is 202 with \`Location\`.
- **\`Idempotency-Key\`**: the same key and arguments are the same call, which never runs twice.
- **\`Sallyport-Session\`, \`Sallyport-Purpose\`** (or \`session\`, \`purpose\` in a body) are recorded and shown; they decide nothing.
- **Web pages** get nothing but those of the console itself: other origins, other \`Host\` names and cross-site requests are
  refused, and there is no CORS.
- **Rates** are set by class under \`gateway.rateLimit\`; too many requests get 429 with \`Retry-After\`.
- The same table as OpenAPI 3.1: [openapi.json](openapi.json).

`
