import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WiredHost } from '../../hosts/host.ts'
import { hookCommand, hookScript, nodeHookClients, nodeHookCommand } from '../../hosts/script.ts'
import { fail, ok, type Examination, type Finding } from './check.ts'

/** How long a hook may take for the canary, ms. Nobody has to be asked, so this is ample. */
const LIMIT = 15_000

/**
 * An event that every gateway refuses, whatever policy says: it names a tool and no call id. A hook that lets it pass lets
 * everything pass.
 */
export const CANARY = JSON.stringify({
  session_id: 'sallyport-doctor',
  cwd: '/',
  hook_event_name: 'PreToolUse',
  tool_name: 'Bash',
  tool_input: { command: 'sallyport-canary' },
})

export interface HookRun {
  readonly exit: number | string
  readonly stdout: string
  readonly stderr: string
}

/** Runs the installed command line as the host would, and once more against a socket where nobody answers (T-043). */
export async function runCanaries(on: Examination, host: WiredHost, gate: string): Promise<readonly Finding[]> {
  const { id, title } = host.profile
  const answered = await runHook(gate, CANARY)
  const live = whyNotDenied(answered)
  const alive = await on.io.gateway.alive()
  const down = whyNotDenied(await runHook(deadCommand(on, host), CANARY))
  return [
    live !== undefined
      ? fail(
          `canary:${id}`,
          `${title}: the installed hook does not stop a call: ${live}.`,
          `sallyport doctor --fix, or sallyport init --import ${id}`,
        )
      : alive && !answered.stderr.includes('SP_HOOK_PAYLOAD')
        ? fail(
            `canary:${id}`,
            `${title}: the hook denies, but not because the gateway said so: ${answered.stderr.slice(0, 200)}`,
            'sallyport agents ls; the agent of the hook has to be registered',
          )
        : ok(`canary:${id}`, `${title}: the installed hook stopped the canary call.`),
    down === undefined
      ? ok(`canary-down:${id}`, `${title}: with the gateway down the hook denies.`)
      : fail(
          `canary-down:${id}`,
          `${title}: with the gateway down the hook does not deny: ${down}.`,
          'This is a defect: report it.',
        ),
  ]
}

/** Exactly one JSON deny on stdout, a reason on stderr, exit 2: the only form that blocks on every host tried. */
export function whyNotDenied({ exit, stdout, stderr }: HookRun): string | undefined {
  if (exit !== 2) return `exit ${exit}`
  if (stderr.trim() === '') return 'no reason on standard error'
  try {
    const answer = JSON.parse(stdout) as { hookSpecificOutput?: { permissionDecision?: string } }
    return answer.hookSpecificOutput?.permissionDecision === 'deny' ? undefined : 'the answer is not a deny'
  } catch {
    return 'standard output is not one JSON value'
  }
}

const temporary: string[] = []

function deadCommand({ site }: Examination, host: WiredHost): string {
  const directory = mkdtempSync(join(site.stateDir, 'doctor-'))
  temporary.push(directory)
  const paths = {
    script: join(directory, 'hook.sh'),
    socket: join(directory, 'none.sock'),
    credential: join(directory, 'none'),
  }
  if (site.curl === undefined) {
    writeFileSync(join(directory, 'clients.json'), JSON.stringify(nodeHookClients(host, paths)))
    return nodeHookCommand(host, site.node, site.hookEntry, join(directory, 'clients.json')).gate
  }
  writeFileSync(paths.script, hookScript(host, { ...paths, curl: site.curl, start: ['/bin/true'] }))
  return hookCommand(host, paths.script).gate
}

function runHook(command: string, payload: string): Promise<HookRun> {
  return new Promise((resolve) => {
    const child = execFile(
      '/bin/sh',
      ['-c', command],
      { timeout: LIMIT, cwd: '/', env: { PATH: '/usr/bin:/bin' } },
      (error, stdout, stderr) => {
        for (const directory of temporary.splice(0)) rmSync(directory, { recursive: true, force: true })
        resolve({ exit: error === null ? 0 : (error.code ?? error.signal ?? 'killed'), stdout, stderr })
      },
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(payload)
  })
}
