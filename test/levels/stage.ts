import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  approvalView,
  callDigest,
  decisionDigest,
  operatorDecisionDigest,
  viewDigest,
  type ApprovalRequest,
  type Json,
} from '@sallyport/core'
import { provePin } from '../../packages/gateway/src/control/presence/pin.ts'
import { Browser, type Reply } from '../people/console.ts'
import { UNCONFINED } from '../unconfined.ts'
import { PRELUDE, type Effect, type Level } from './attempts.ts'
import { DRIVER, Shell } from './shell.ts'
import { differences, lookAt, type World } from './world.ts'

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url))
const isRoot = process.getuid?.() === 0
/** Accounts of the operator, who runs the gateway, and of an agent that has one of its own (L2). */
const OPERATOR = isRoot ? 61_234 : (process.getuid?.() ?? -1)
const STRANGER = 61_235
const CANARY = 'canary-of-the-gateway'
const SECRET = 'canary-of-the-vault'

/** Where everybody finds the checkout: root mounts it for other accounts. */
const AT = isRoot ? '/mnt' : CHECKOUT.replace(/\/$/, '')
const PROGRAM = join(AT, 'packages/gateway/bin/sallyport.js')
const as = (uid: number, command: readonly string[]): readonly string[] =>
  isRoot
    ? [
        ...['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', 'mount --bind "$1" /mnt; shift; exec "$@"'],
        ...['sh', CHECKOUT, 'setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--', ...command],
      ]
    : command

export interface Answer {
  readonly out: string
  readonly effects: readonly Effect[]
}

/** A gateway of an operator's own, as the program runs it, with two questions open, and agents that try things. */
export interface Stage {
  readonly ids: { readonly held: string; readonly other: string }
  /** Runs a command as the agent does at this level, and says what of the operator's world is different afterwards. */
  attempt(level: Level, command: string): Promise<Answer>
  /** Runs the program as the operator. */
  sallyport(...args: string[]): Promise<{ readonly code: number; readonly out: string }>
  operator(method: string, path: string, body?: Json): Promise<Reply>
  close(): Promise<void>
}

export async function openStage(): Promise<Stage> {
  const place = mkdtempSync(join(tmpdir(), 'sp-'))
  chmodSync(place, 0o755)
  const own = (path: string, uid: number, mode = 0o700): string => {
    mkdirSync(path, { recursive: true, mode })
    chmodSync(path, mode)
    if (isRoot) chownSync(path, uid, uid)
    return path
  }
  const file = (path: string, text: string, uid = OPERATOR): string => {
    writeFileSync(path, text, { mode: 0o600 })
    if (isRoot) chownSync(path, uid, uid)
    return path
  }
  const home = own(join(place, 'ana'), OPERATOR)
  for (const directory of [
    '.config',
    '.config/sallyport',
    '.local',
    '.local/bin',
    '.local/share',
    '.claude',
    '.browser',
  ])
    own(join(home, directory), OPERATOR)
  const state = join(home, '.local/share/sallyport')
  const config = join(home, '.config/sallyport')
  const executed = file(join(home, 'executed'), '')
  const counter = file(join(home, 'counter.mjs'), readFileSync(join(CHECKOUT, 'test/e2e/counter-server.mjs'), 'utf8'))
  const watched = [
    file(join(home, '.bashrc'), '# of the operator\n'),
    file(join(home, '.claude/settings.json'), '{"hooks":{}}\n'),
    file(join(home, '.local/bin/sallyport'), `#!/bin/sh\nexec node ${PROGRAM} "$@"\n`),
    file(join(config, 'rules.cedar'), RULES),
    file(
      join(config, 'sallyport.yaml'),
      `version: 1
policies: [./rules.cedar]
${UNCONFINED}
console: { port: 0, tls: off }
gateway: { port: 0 }
servers:
  counter:
    command: ${JSON.stringify([process.execPath, counter, executed])}
    trust: trusted
    tools: { count: { effect: write, groups: [group:fs], args: { id: param } } }
`,
    ),
  ]
  const environment = { PATH: '/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8' }

  const gateway = start(OPERATOR, [process.execPath, PROGRAM, 'up'], { ...environment, CANARY })
  let said = ''
  gateway.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  for (let tries = 0; !said.includes('the console is at'); tries++) {
    if (tries > 600 || gateway.exitCode !== null) throw new Error(`The gateway does not start: ${said}`)
    await sleep(50)
  }
  const info = JSON.parse(readFileSync(join(state, 'run/gateway.json'), 'utf8')) as Record<string, string>
  const operator = (method: string, path: string, body?: Json) =>
    over({ socketPath: join(state, 'run/operator.sock') }, method, path, body)
  const done = async (asked: Promise<Reply>): Promise<Reply['body']> => {
    const { status, body } = await asked
    if (status >= 300) throw new Error(JSON.stringify(body))
    return body
  }

  for (const name of ['a', 'b']) await done(operator('POST', '/api/v1/agents', { name }))
  const [value, salt] = [Buffer.from(SECRET), '00'.repeat(16)]
  const digest = createHash('sha256').update(salt).update(value).digest('hex')
  const kept = { name: 'deploy', type: 'api_key', salt, digest, value: value.toString('base64') }
  await done(operator('POST', '/api/v1/vault', kept))
  const browser = new Browser(info['consoleUrl'] ?? '')
  const key = randomBytes(32)
  const link = (await done(operator('POST', '/api/v1/setup/link', {}))) as { url: string }
  await done(browser.post('/api/v1/setup/redeem', { code: link.url.slice(link.url.indexOf('#') + 1) }))
  const pin = (await done(browser.post('/api/v1/setup/pin/challenge', { nonce: 'ab'.repeat(32) }))) as SignedPin
  const { recoveryCodes } = (await done(
    browser.post('/api/v1/setup/pin', {
      ...{ name: 'ana', salt: pin.operators[0]?.salt ?? '', verifier: key.toString('hex') },
      ...{ nonce: pin.nonce, notAfter: pin.notAfter },
    }),
  )) as { recoveryCodes: string[] }
  const trust = { name: 'a', level: 2, reason: 'policy alone' }
  const proof = await proofOf(operator, 'agent.trust', trust, key)
  await done(operator('POST', '/api/v1/agents/a/trust', { level: trust.level, reason: trust.reason, proof }))
  // an open link, for whoever reads the store
  await done(new Browser(browser.origin).post('/api/v1/setup/recover', { name: 'ana', code: recoveryCodes[0] ?? '' }))
  const cookie = `sallyport=${browser.cookies.get('sallyport') ?? ''}`
  file(join(home, '.browser/cookie'), cookie)

  const credential = (name: string): string => readFileSync(join(state, 'agents', name, 'credential'), 'utf8').trim()
  const call = async (id: string): Promise<{ readonly approval: string; readonly call: string }> => {
    const [name = '', ...value] = credential('a').split(': ')
    const headers = { [name]: value.join(': '), prefer: 'wait=0' }
    const socketPath = join(state, 'run/agent.sock')
    const asked = { tool: 'counter.count', arguments: { id } }
    const { body } = await over({ socketPath, headers }, 'POST', '/v1/calls', asked)
    for (let tries = 0; tries < 200; tries++) {
      const { items } = (await done(operator('GET', '/api/v1/approvals?state=pending'))) as { items: Waiting[] }
      const found = items.find((each) => each.arguments.id === id)
      if (found !== undefined) return { approval: found.id, call: String(body.id ?? body.callId ?? '') }
      await sleep(25)
    }
    throw new Error(`The call does not wait: ${JSON.stringify(body)}`)
  }
  const [decided, held, other] = [await call('decided'), await call('held'), await call('other')]
  const replayed = await decisionFor(operator, decided.approval, key)
  await done(operator('POST', `/api/v1/approvals/${decided.approval}/approve`, replayed))
  while (readFileSync(executed, 'utf8') === '') await sleep(20)

  const secrets = [
    ...readdirSync(join(state, 'keys')).filter((name) => !name.endsWith('.pub')),
    '../agents/b/credential',
  ].map((name) => readFileSync(join(state, 'keys', name)).toString('base64'))
  const revealing = [CANARY, SECRET, cookie, ...secrets]

  const look = (): Promise<World> =>
    lookAt({ ask: operator, state, held: [held.approval, other.approval], files: watched, executed })

  let last: World | undefined
  const shells = new Map<Level, Shell>()
  const shellOf = (level: Level): Shell => {
    const found = shells.get(level)
    if (found !== undefined) return found
    const uid = level === 'L2' ? STRANGER : OPERATOR
    const work = own(join(place, `work-${level}`), uid, 0o755)
    file(join(work, 'agent.sh'), DRIVER, uid)
    const lent = level === 'L2' ? own(join(place, 'agent'), STRANGER) : ''
    if (lent !== '') file(join(lent, 'credential'), `${credential('a')}\n`, STRANGER)
    const variables = {
      ...{ STATE: state, HOME_OF_OPERATOR: home, ID: held.approval, OTHER: other.approval, CALL: other.call },
      ...{ DECIDED: decided.approval, REPLAYED: JSON.stringify(replayed), GUESS: 'correct-horse-9', PID: info['pid'] },
      SALLYPORT: `${process.execPath} ${PROGRAM} --state ${level === 'L1' ? '/etc/sallyport' : state}`,
      SERVER: `${process.execPath} ${counter} ${executed}`,
      CONSOLE_PORT: new URL(browser.origin).port,
      ...{
        L0: { AGENT_SOCKET: `--unix-socket ${state}/run/agent.sock`, CREDENTIAL: `${state}/agents/a/credential` },
        L1: {
          AGENT_SOCKET: '--unix-socket /etc/sallyport/run/agent.sock',
          CREDENTIAL: '/etc/sallyport/agents/a/credential',
        },
        L2: { AGENT_PORT: `:${new URL(info['url'] ?? '').port}`, CREDENTIAL: `${lent}/credential` },
      }[level],
    }
    const prelude = Object.entries(variables).map(([name, value]) => `export ${name}='${String(value)}'`)
    const driver = ['sh', join(work, 'agent.sh')]
    const confined = ['run', '--agent', 'a', '--workspace', work, '--show', `${AT}/node_modules,${AT}/packages/core`]
    const command = level === 'L1' ? [process.execPath, PROGRAM, ...confined, '--', ...driver] : driver
    const env = level === 'L2' ? { ...environment, HOME: lent } : environment
    const shell = new Shell(start(uid, command, env, work), `cd '${work}'\n${prelude.join('\n')}\n${PRELUDE}\n`)
    shells.set(level, shell)
    return shell
  }

  return {
    ids: { held: held.approval, other: other.approval },
    operator,
    async attempt(level, command) {
      const shell = shellOf(level)
      await shell.ready()
      const before = last ?? (await look())
      const out = await shell.run(command)
      const changed = differences(before, (last = await look()))
      const reads = revealing.some((secret) => out.includes(secret))
      return { out, effects: [...(reads ? (['reads'] as const) : []), ...changed] }
    },
    sallyport(...args) {
      const child = start(OPERATOR, [process.execPath, PROGRAM, ...args], environment)
      let out = ''
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => (out += chunk.toString()))
      return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, out })))
    },
    async close() {
      await Promise.all([...shells.values()].map((shell) => shell.end()))
      gateway.kill('SIGKILL')
      rmSync(place, { recursive: true, force: true })
    },
  }

  function start(uid: number, command: readonly string[], env: Record<string, string>, cwd = '/'): ChildProcess {
    const [program = '', ...args] = as(uid, command)
    return spawn(program, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  }
}

const RULES = `// version: 1.0
@id("all") permit (principal, action, resource);
@id("asks") @decision("approve") forbid (principal, action, resource) unless { context.approved };
`

interface Waiting {
  readonly id: string
  readonly arguments: { readonly id: string }
}
interface SignedPin {
  readonly nonce: string
  readonly notAfter: number
  readonly operators: readonly { readonly salt: string }[]
}

/** What the operator's program sends to approve. */
async function decisionFor(operator: Ask, id: string, key: Uint8Array): Promise<Json> {
  const { body } = await operator('GET', `/api/v1/approvals/${id}/challenge?nonce=${'cd'.repeat(32)}`)
  const { nonce, notAfter, request } = body as { nonce: string; notAfter: number; request: ApprovalRequest }
  const [view, scope] = [viewDigest(approvalView({ request })), { kind: 'once' } as const]
  const decision = decisionDigest({ approvalId: id, call: callDigest(request.binding), view, scope, notAfter, nonce })
  const proof = provePin(Buffer.from(key), decision)
  return { operator: 'operator:ana', nonce, notAfter, proof, view, scope, reason: 'looked at it' }
}

/** What the operator's program sends with an act that is not about a call. */
async function proofOf(operator: Ask, kind: string, payload: Json, key: Uint8Array): Promise<Json> {
  const { body } = await operator('POST', '/api/v1/presence/challenge', { kind, payload, nonce: 'ef'.repeat(32) })
  const { nonce, notAfter } = body as { nonce: string; notAfter: number }
  return { operator: 'operator:ana', nonce, notAfter, proof: provePin(Buffer.from(key), operatorDecisionDigest(body)) }
}

type Ask = (method: string, path: string, body?: Json) => Promise<Reply>

function over(target: RequestOptions, method: string, path: string, body?: Json): Promise<Reply> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const sent =
    text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  const headers = { host: 'localhost', ...(target.headers as Record<string, string> | undefined), ...sent }
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ ...target, method, path, headers, timeout: 5_000 }, (response) => {
      let answered = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (answered += chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(answered || '{}') }),
      )
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error('No answer.')))
    asked.end(text)
  })
}
