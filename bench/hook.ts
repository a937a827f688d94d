import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGateway, loadConfig } from 'sallyport'
import { findCurl } from '../packages/gateway/dist/cli/init/site.js'
import { CLAUDE_CODE } from '../packages/gateway/dist/hosts/claude-code.js'
import { hookCommand, hookScript, nodeHookClients, nodeHookCommand } from '../packages/gateway/dist/hosts/script.js'

const RUNS = 200
const WARM = 10
const ENTRY = fileURLToPath(new URL('../packages/gateway/dist/cli/hook/entry.js', import.meta.url))

interface Figures {
  readonly what: string
  readonly runs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly target: string
}

/**
 * One hook event from the command line that a host runs to the answer on its standard output, through a real gateway with
 * preset:balanced and a durable log. The floors are a shell that does nothing and a Node that does nothing.
 *
 *   npm run bench -- hook [--json]
 */
export async function run(args: readonly string[]): Promise<number> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-bench-hook-'))
  const stateDir = join(place, 'state')
  writeFileSync(
    join(place, 'sallyport.yaml'),
    'version: 1\npolicies: [preset:balanced]\ngateway: { rateLimit: { loops: { calls: 1000000 } } }\n',
  )
  const loaded = loadConfig(join(place, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() })
  const gateway = await createGateway(loaded, { stateDir, operationalSink: () => undefined })
  try {
    await gateway.identity.agents.add({ name: 'claude-code', by: 'bench' })
    await gateway.listen()
    const socket = join(stateDir, 'run', 'agent.sock')
    const credential = join(stateDir, 'agents', 'claude-code', 'credential')
    const clients = join(place, 'clients.json')
    writeFileSync(clients, JSON.stringify(nodeHookClients(CLAUDE_CODE, { socket, credential })))
    const curl = findCurl()
    const script = join(place, 'hook.sh')
    const paths = { script, socket, credential, curl: curl ?? '', start: ['/bin/true'] }
    writeFileSync(script, hookScript(CLAUDE_CODE, paths))
    const figures = [
      await measure('floor: /bin/sh -c true', 'true', ''),
      await measure('floor: node -e 0', `'${process.execPath}' -e 0`, ''),
      ...(curl === undefined
        ? []
        : [await measure('hook, sh + curl', hookCommand(CLAUDE_CODE, script).gate, 'p50 ≤ 15 ms, p99 ≤ 60 ms')]),
      await measure(
        'hook, Node',
        nodeHookCommand(CLAUDE_CODE, process.execPath, ENTRY, clients).gate,
        'p50 ≤ 80 ms, p99 ≤ 120 ms',
      ),
    ]
    if (args.includes('--json')) console.log(JSON.stringify({ machine: cpus()[0]?.model, figures }))
    else console.table(figures)
    return 0
  } finally {
    await gateway.close()
    rmSync(place, { recursive: true, force: true })
  }
}

let calls = 0

async function measure(what: string, command: string, target: string): Promise<Figures> {
  process.stderr.write(`measuring ${what}\n`)
  const times: number[] = []
  for (let run = -WARM; run < RUNS; run++) {
    const started = performance.now()
    await once(command)
    if (run >= 0) times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10
  return { what, runs: RUNS, p50Ms: at(0.5), p99Ms: at(0.99), target }
}

function once(command: string): Promise<void> {
  const payload = JSON.stringify({
    session_id: 'bench',
    cwd: '/',
    hook_event_name: 'PreToolUse',
    tool_name: 'Read',
    tool_input: { file_path: '/tmp/x' },
    tool_use_id: `bench-${++calls}`,
  })
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    child.stdin.on('error', () => undefined)
    child.stdin.end(payload)
    child.on('close', (exit) => {
      if (exit === 0 && (output === '{}\n' || !command.includes('SALLYPORT_HOOK'))) resolve()
      else reject(new Error(`exit ${exit}: ${output}`))
    })
  })
}
