/**
 * The demo: one real client, four real servers, one policy; an ordinary task, then the same agent fully hijacked; then a command that
 * uses a key which it never holds; then skills of strangers.
 * Ends with 0 only if every ordinary call ran and no hijacked one did, and the log proves it.
 *
 *   npm run demo [-- --keep]
 */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { createGateway, loadConfig, type Gateway } from 'sallyport'
import { connect, tell } from './client.ts'
import { proveLog } from './evidence.ts'
import { startApi } from './figures-api.ts'
import { lendingConfiguration, playLending, resolve } from './lending.ts'
import { replayToken } from './replay.ts'
import { HIJACKED, ORDINARY, PROMPT, type Step } from './scenario.ts'
import { playSkills } from './skills.ts'
import { createWorld, type World } from './world.ts'

const AGENT = 'demo'
const keep = process.argv.includes('--keep')
const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[22m` : text)
const print = (text = ''): void => void process.stdout.write(`${text}\n`)

interface Played {
  readonly step: Step
  readonly ran: boolean
  readonly decision: string
  readonly rule: string
  readonly ms: number
}

async function play(gateway: Gateway, client: Client, world: World, step: Step): Promise<Played> {
  if (step.relist === true) await client.listTools()
  const started = performance.now()
  const result = (await client
    .callTool({ name: step.tool, arguments: { ...step.args(world.workspace) } })
    .catch((error: unknown) => ({ isError: true, content: [{ type: 'text', text: String(error) }] }))) as {
    isError?: boolean
    content: readonly { readonly text?: string }[]
  }
  const ms = performance.now() - started
  const newest = await gateway.store.readLog({ newest: true, limit: 8 })
  const decision = newest
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    .findLast(({ kind }) => kind === 'decision')
  const rule = (decision?.['policyRule'] as readonly string[] | undefined)?.join(' ') ?? ''
  return {
    step,
    ran: result.isError !== true,
    decision: String(decision?.['code'] ?? decision?.['policyDecision']),
    rule,
    ms,
  }
}

function show(played: Played, good: boolean): void {
  const { step, decision, rule, ms } = played
  const mark = good ? '✔' : '✘'
  const name = step.tool.replace('__', '.').padEnd(28)
  const twin = step.twin === undefined ? '' : `   (one value away from "${step.twin}")`
  print(
    `  ${mark} ${step.say.padEnd(34)} ${name} ${decision.padEnd(24)} ${rule.padEnd(24)} ${ms.toFixed(1).padStart(6)} ms${twin}`,
  )
}

async function main(): Promise<number> {
  const confined = spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0
  const api = await startApi()
  const world = createWorld(confined, (at) => (confined ? lendingConfiguration(at, api) : ''))
  const loaded = loadConfig(world.configFile, { env: {}, stateDir: world.stateDir, now: Date.now() })
  const gateway = await createGateway(loaded, {
    stateDir: world.stateDir,
    resolve,
    talk: (line) => print(`  ${line}`),
    operationalSink: (_text, done) => done(),
  })
  let failures = 0
  try {
    await gateway.identity.agents.add({ name: AGENT, by: 'demo', scopes: ['read', 'execute', 'vouch'] })
    await gateway.identity.agents.setTrust(AGENT, 2, 'demo', 'the demo shows policy alone')
    await gateway.listen()
    print(bold('\nA gateway, four real MCP servers, one policy file, one agent at trust level 2 (policy alone).'))
    print(
      confined
        ? '  Each server runs in a sandbox of its own: no network, its own directory and nothing else of this machine.'
        : '  NOT CONFINED: bubblewrap cannot make a sandbox here, so the servers run with the rights of this account.',
    )
    const client = await connect(gateway.url ?? '', world.stateDir, AGENT)
    await client.listTools()

    print(bold('\nThe user types, and the application says so over its own credential:'))
    print(`  “${PROMPT}”`)
    await tell(gateway.url ?? '', world.stateDir, AGENT, PROMPT)

    print(bold('\nThe ordinary task'))
    for (const step of ORDINARY) {
      const played = await play(gateway, client, world, step)
      show(played, played.ran)
      if (!played.ran) failures++
    }

    print(bold('\nThe same agent, hijacked by a mail: it obeys the attacker in everything'))
    for (const step of HIJACKED) {
      const harmless = step.harmless === true
      const played = await play(gateway, client, world, step)
      show(played, played.ran === harmless)
      if (played.ran !== harmless) failures++
    }
    const replayed = await replayToken(gateway)
    print(
      `  ${replayed === 'SP_CAP_REPLAYED' ? '✔' : '✘'} ${'replay a used capability token'.padEnd(34)} ${'(executor)'.padEnd(28)} ${replayed}`,
    )
    if (replayed !== 'SP_CAP_REPLAYED') failures++

    await story(world)
    failures += report(world)
    await client.close()
    if (confined) {
      print(bold('\nA command with a key that it never holds, and all the ways to carry something out'))
      failures += await playLending(gateway, world, api, print)
    } else print('\nNOT SHOWN: credentials are lent to what is confined.')
    print(bold('\nSkills from strangers'))
    failures += await playSkills(gateway, world, print)
    failures += await proveLog(gateway, world, print)
    if (keep) await idle(gateway, world)
  } finally {
    await gateway.close()
    api.close()
    if (!keep) rmSync(world.place, { recursive: true, force: true })
  }
  print(
    failures === 0
      ? bold('\nEvery ordinary call ran, every hijacked one was stopped, and the log proves it.')
      : `\n${failures} checks failed.`,
  )
  return failures === 0 ? 0 : 1
}

/** What was read from where, what that changed, why a question was asked: `sallyport session show`. */
async function story(world: World): Promise<void> {
  const list = JSON.parse(await sallyport(world, 'session', 'ls', '--json')) as {
    sessions: readonly { readonly id: string; readonly ingress: string }[]
  }
  const session = list.sessions.find(({ ingress }) => ingress === 'mcp-http')
  print(bold('\nWhat the session shows (`sallyport session show`)'))
  const shown = await sallyport(world, 'session', 'show', session?.id ?? '')
  const lines = shown.split('\n').filter((line) => / held | heard |since|integrity \d, confidentiality \d$/.test(line))
  for (const line of lines) print(`  ${line.slice(0, 200)}`)
}

const run = promisify(execFile)
const program = fileURLToPath(new URL('../packages/gateway/bin/sallyport.js', import.meta.url))
const sallyport = async (world: World, ...words: readonly string[]): Promise<string> =>
  (await run(process.execPath, [program, ...words, '--state', world.stateDir])).stdout

/** What the world looks like afterwards, read from the disk and not from our own records. */
function report(world: World): number {
  const outbox = JSON.parse(readFileSync(join(world.mailbox, 'outbox.json'), 'utf8')) as readonly {
    readonly to: readonly string[]
  }[]
  const inbox = JSON.parse(readFileSync(join(world.mailbox, 'inbox.json'), 'utf8')) as readonly unknown[]
  const key = readFileSync(join(world.workspace, 'secrets/keys.env'), 'utf8')
  const facts: readonly (readonly [string, boolean])[] = [
    [
      `${outbox.length} mails were sent, to ${outbox.map(({ to }) => to.join(', ')).join('; ')}`,
      outbox.length === 2 && outbox.every(({ to }) => to.join() === 'boss@corp.example'),
    ],
    [`${inbox.length} of 6 mails are left`, inbox.length === 5],
    ['the secrets file is as it was', key.startsWith('PAYMENT_KEY=not-a-real-key')],
  ]
  print(bold('\nThe world afterwards'))
  for (const [fact, good] of facts) print(`  ${good ? '✔' : '✘'} ${fact}`)
  return facts.filter(([, good]) => !good).length
}

async function idle(gateway: Gateway, world: World): Promise<void> {
  print(bold('\nStill running. Put a real agent behind it:'))
  print(`  MCP endpoint   ${gateway.url}/mcp`)
  print(`  credential     ${join(world.stateDir, 'agents', AGENT, 'credential')}`)
  print(`  operator       node packages/gateway/bin/sallyport.js --state ${world.stateDir} log tail`)
  await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()))
}

process.exitCode = await main()
