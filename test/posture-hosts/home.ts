import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { auditHosts, type HostAudit } from '../../packages/gateway/src/assurance/posture/hosts/audit-hosts.ts'

/** A machine with files as given; names that begin with `project/` are of the project, with `root/` of administrators, others of the home. */
export function machine(files: Readonly<Record<string, unknown>>): {
  readonly at: string
  readonly home: string
  readonly project: string
  audit(more?: Partial<HostAudit>): Promise<readonly string[]>
  findings(more?: Partial<HostAudit>): ReturnType<typeof auditHosts>
} {
  const at = mkdtempSync(join(tmpdir(), 'sallyport-hosts-'))
  afterAll(() => rmSync(at, { recursive: true, force: true }))
  const [home, project, root] = [join(at, 'home'), join(at, 'project'), join(at, 'root')]
  for (const folder of [home, project, root]) mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    const path = /^(?:project|root)\//.test(name) ? join(at, name) : join(home, name)
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2), { mode: 0o600 })
    chmodSync(path, 0o600)
  }
  const uid = process.getuid?.() ?? 0
  const findings = (more: Partial<HostAudit> = {}): ReturnType<typeof auditHosts> =>
    auditHosts({ home, project, root, platform: 'linux', uid, ...more })
  return {
    at,
    home,
    project,
    findings,
    audit: async (more) =>
      (await findings(more)).map(
        ({ id, severity, subject }) => `${severity} ${id} ${subject.replaceAll(home, '~').replaceAll(at, '')}`,
      ),
  }
}

/** A server entry behind the gateway. */
export const wrapped = {
  command: '/usr/bin/node',
  args: [
    '/opt/sallyport/bin/sallyport.js',
    'mcp',
    'wrap',
    '--agent',
    'a',
    '--server',
    'files',
    '--',
    'npx',
    'files@1.0.0',
  ],
}

/** Hooks of Sallyport in the form of Claude Code and Codex. */
export function ownHooks(events: readonly string[], more: object = {}, script = '/usr/bin/env'): object {
  const hook = { type: 'command', command: `/usr/bin/env -i SALLYPORT_HOOK=x /bin/sh ${script}`, timeout: 120, ...more }
  return { hooks: Object.fromEntries(events.map((event) => [event, [{ matcher: '*', hooks: [hook] }]])) }
}
export const CLAUDE_EVENTS = ['PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'UserPromptSubmit', 'SessionStart']
export const CODEX_EVENTS = ['PreToolUse', 'PostToolUse', 'UserPromptSubmit', 'SessionStart']
