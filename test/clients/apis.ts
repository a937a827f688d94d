import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createAuthority } from '../../packages/gateway/src/execution/egress/authority.ts'

/** One request as an API got it. */
export interface Got {
  readonly host: string
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** HTTPS on this machine, for names below `localhost`, each of which answers as one vendor's API does. */
export interface Apis {
  readonly port: number
  /** PEM. */
  readonly authority: string
  readonly got: readonly Got[]
  /** Requests that came for a name since the last time that somebody asked. */
  take(name: string): readonly Got[]
  close(): void
}

/** What a request came with, as APIs repeat it in errors and debug members: the worst that one may answer. */
const echoOf = ({ headers }: Got): Record<string, unknown> => ({
  authorization: headers.authorization,
  key: headers['x-api-key'],
  inBase64: Buffer.from(headers.authorization ?? '').toString('base64'),
})

interface Answer {
  readonly status?: number
  readonly type?: string
  readonly body: unknown
}
type Api = (got: Got, place: string, origin: string) => Answer

const stream = (events: readonly (readonly [name: string | undefined, data: unknown])[]): Answer => ({
  type: 'text/event-stream',
  body: events
    .map(([name, data]) => `${name === undefined ? '' : `event: ${name}\n`}data: ${textOf(data)}\n\n`)
    .join(''),
})
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** In the shapes of the vendors' public references: no more of them than their clients need. */
const APIS: Readonly<Record<string, Api>> = {
  github: (got) =>
    got.url.startsWith('/repos/acme/')
      ? { body: { id: 1, full_name: 'acme/shop', default_branch: 'main', debug: echoOf(got) } }
      : { status: 404, body: { message: 'Not Found', debug: echoOf(got) } },

  openai: (got) => {
    if (got.url !== '/v1/chat/completions') return { status: 404, body: { error: { message: textOf(echoOf(got)) } } }
    const common = { id: 'chatcmpl-1', created: 1, model: 'gpt-5' }
    const { stream: isStreamed } = JSON.parse(got.body) as { readonly stream?: boolean }
    const part = (delta: object, finish: string | null = null): readonly [undefined, object] => [
      undefined,
      { ...common, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] },
    ]
    if (isStreamed === true)
      return stream([part({ content: 'Good ' }), part({ content: 'day' }), part({}, 'stop'), [undefined, '[DONE]']])
    const message = { role: 'assistant', content: `Good day ${textOf(echoOf(got))}` }
    return {
      body: { ...common, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] },
    }
  },

  anthropic: (got) => {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', stop_reason: null }
    const { stream: isStreamed } = JSON.parse(got.body) as { readonly stream?: boolean }
    const usage = { input_tokens: 1, output_tokens: 1 }
    if (isStreamed !== true)
      return { body: { ...message, content: [{ type: 'text', text: `Good day ${textOf(echoOf(got))}` }], usage } }
    const delta = (text: string): readonly [string, object] => [
      'content_block_delta',
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    ]
    return stream([
      ['message_start', { type: 'message_start', message: { ...message, content: [], usage } }],
      ['content_block_start', { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }],
      ...[delta('Good '), delta('day')],
      ['content_block_stop', { type: 'content_block_stop', index: 0 }],
      ['message_delta', { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }],
      ['message_stop', { type: 'message_stop' }],
    ])
  },

  stripe: (got) => ({
    body:
      got.method === 'POST'
        ? { id: 'cus_2', object: 'customer', email: new URLSearchParams(got.body).get('email'), debug: echoOf(got) }
        : { object: 'list', data: [{ id: 'cus_1', object: 'customer' }], has_more: false, url: '/v1/customers' },
  }),

  sts: () => ({
    type: 'text/xml',
    body:
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
      '<Arn>arn:aws:iam::123456789012:user/acme</Arn><UserId>AIDA</UserId><Account>123456789012</Account>' +
      '</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>',
  }),

  npm(got, place, origin) {
    const tarball = readFileSync(join(place, 'tiny.tgz'))
    if (got.url.endsWith('.tgz')) return { type: 'application/octet-stream', body: tarball }
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
    const dist = { tarball: `${origin}/tiny/-/tiny-1.0.0.tgz`, integrity }
    return {
      body: { name: 'tiny', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { ...TINY, dist } } },
    }
  },

  pypi: (got, place) =>
    got.url.endsWith('.whl')
      ? { type: 'application/octet-stream', body: readFileSync(join(place, WHEEL)) }
      : { type: 'text/html', body: `<!doctype html><a href="/files/${WHEEL}">${WHEEL}</a>` },

  any: (got) => ({ body: { url: got.url, method: got.method, length: got.body.length, debug: echoOf(got) } }),
}

const TINY = { name: 'tiny', version: '1.0.0' }
const WHEEL = 'tiny-1.0.0-py3-none-any.whl'
const WHEEL_FILES = {
  'tiny/__init__.py': 'VALUE = 1\n',
  'tiny-1.0.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: tiny\nVersion: 1.0.0\n',
  'tiny-1.0.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  'tiny-1.0.0.dist-info/RECORD': '',
}

/** A package, a wheel and a repository for the registries and for git. */
function furnish(place: string): void {
  mkdirSync(join(place, 'package'), { recursive: true })
  writeFileSync(join(place, 'package/package.json'), JSON.stringify(TINY))
  writeFileSync(join(place, 'package/index.js'), 'module.exports = 1\n')
  execFileSync('tar', ['-czf', join(place, 'tiny.tgz'), '-C', place, 'package'])
  const zip = `import json,sys,zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
  for name, text in json.loads(sys.argv[2]).items(): z.writestr(name, text)`
  execFileSync('python3', ['-c', zip, join(place, WHEEL), JSON.stringify(WHEEL_FILES)])
  const at = join(place, 'shop')
  const git = (...args: readonly string[]): unknown =>
    execFileSync('git', ['-C', at, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args])
  mkdirSync(at)
  git('init', '--quiet', '--initial-branch=main')
  writeFileSync(join(at, 'README'), 'shop\n')
  git('add', 'README')
  git('commit', '--quiet', '-m', 'first')
  mkdirSync(join(place, 'git/acme'), { recursive: true })
  execFileSync('git', ['clone', '--quiet', '--bare', at, join(place, 'git/acme/shop.git')])
}

/** `git http-backend` behind the server, as a forge has it (gitprotocol-http). */
function serveGit(place: string, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...{ PATH: process.env['PATH'], GIT_PROJECT_ROOT: join(place, 'git'), GIT_HTTP_EXPORT_ALL: '1' },
      ...{ PATH_INFO: path, QUERY_STRING: query, REQUEST_METHOD: request.method },
      ...{ CONTENT_TYPE: request.headers['content-type'] ?? '', CONTENT_LENGTH: String(body.length) },
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      HTTP_GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
      // a repository of whoever runs the tests
      ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' },
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const chunks: Buffer[] = []
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  backend.stdin.on('error', () => undefined)
  backend.stdin.end(body)
  backend.once('close', () => {
    const all = Buffer.concat(chunks)
    const end = all.indexOf('\r\n\r\n')
    const head = all.subarray(0, end).toString('latin1').split('\r\n')
    const headers = head.map((line) => line.split(': ', 2) as [string, string])
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200'
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers)).end(all.subarray(end + 4))
  })
}

/** @param place an empty directory */
export async function startApis(place: string): Promise<Apis> {
  furnish(place)
  const names = [...Object.keys(APIS), 'git'].map((name) => `${name}.localhost`)
  const authority = await createAuthority(names, Date.now)
  const contexts = new Map(await Promise.all(names.map(async (n) => [n, await authority.contextFor(n)] as const)))
  const got: Got[] = []
  const server = createServer({ SNICallback: (name, done) => done(null, contexts.get(name)) }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const body = Buffer.concat(chunks)
      const host = (headers.host ?? '').split('.', 1)[0] ?? ''
      const one: Got = { host, method, url, headers, body: body.toString() }
      got.push(one)
      if (host === 'git') return serveGit(place, request, body, response)
      const answer = APIS[host]?.(one, place, `https://${headers.host ?? ''}`) ?? { status: 500, body: 'nobody' }
      const bytes = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(textOf(answer.body))
      const type = answer.type ?? 'application/json'
      response.writeHead(answer.status ?? 200, { 'content-type': type, 'content-length': bytes.length }).end(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let taken = 0
  return {
    port: (server.address() as AddressInfo).port,
    authority: authority.certificate,
    got,
    take(name) {
      const since = got.slice(taken)
      taken = got.length
      return since.filter(({ host }) => host === name)
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
