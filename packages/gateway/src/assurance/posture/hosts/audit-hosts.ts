import { inOrder, type PostureFinding } from '@sallyport/core'
import { hookFindings, hooksOf, programsOf } from './checks/hooks.ts'
import { launchFindings } from './checks/launch.ts'
import { createAccessCheck } from './checks/permissions.ts'
import { protectionFindings } from './checks/protection.ts'
import { secretFindings } from './checks/secrets.ts'
import { serverCoverage } from './checks/servers.ts'
import { overrideFindings, ruleFindings } from './checks/settings.ts'
import { machineFiles, type HostFiles } from './files.ts'
import type { Ground, HostTable } from './host-table.ts'
import { openPlace, type OpenFile } from './open-place.ts'
import { HOST_TABLES } from './table/all.ts'

/** Where and how the agents of a machine are looked for. */
export interface HostAudit {
  readonly home: string
  /** A project whose files count as well. */
  readonly project?: string
  readonly platform: NodeJS.Platform
  /** Account that the agents run as. */
  readonly uid: number
  /** Variables that move configurations, e.g. `CODEX_HOME`; default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** In front of administrators' paths; default: none. */
  readonly root?: string
  readonly files?: HostFiles
  /** Addresses at which the gateway of this machine serves MCP. */
  readonly gateways?: readonly string[]
}

/**
 * Looks at every agent that is installed (SYS-1, HB-138, SEC-7.1): is it governed, do its servers pass the gateway, does its hook fail
 * closed, what modes does it run in, who can change its files. An agent that is not there is no finding; a file that cannot be read is one.
 * Nothing is run and nothing is written.
 */
export async function auditHosts(audit: HostAudit): Promise<readonly PostureFinding[]> {
  const files = audit.files ?? machineFiles
  const ground: Ground = { ...audit, environment: audit.environment ?? {}, root: audit.root ?? '' }
  const access = createAccessCheck({ ...audit, files })
  const found: PostureFinding[] = []
  for (const host of HOST_TABLES) found.push(...(await hostFindings(host, ground, { ...audit, files }, access)))
  found.push(...(await launchFindings(audit.home, files)))
  return inOrder(distinct(found))
}

async function hostFindings(
  host: HostTable,
  ground: Ground,
  audit: HostAudit & { readonly files: HostFiles },
  access: ReturnType<typeof createAccessCheck>,
): Promise<readonly PostureFinding[]> {
  const traces = await Promise.all(host.traces(ground).map((path) => audit.files.look(path, false)))
  const installed = traces.some(({ state }) => state !== 'absent')
  // files of a project are read whether or not their agent is here: somebody else opens it with it
  const places = host.places(ground).filter(({ scope }) => installed || scope === 'project')
  const opened = (await Promise.all(places.map((place) => openPlace(host, place, audit.files)))).flat()
  const open = opened.filter((one): one is OpenFile => 'host' in one)
  const found = opened.filter((one): one is PostureFinding => 'id' in one && 'severity' in one)
  const servers = open.map((file) => serverCoverage(file, audit.gateways ?? []))
  for (const file of open) {
    found.push(
      ...ruleFindings(file),
      ...overrideFindings(file),
      ...hookFindings(file),
      ...secretFindings(file, ground.platform),
    )
    found.push(...(await access(host.title, file.file, file.place.scope === 'project')))
    found.push(...(await programFindings(file, ground, audit.files, access)))
  }
  found.push(...servers.flatMap(({ findings }) => findings))
  if (!installed) return found
  const sum = (key: 'wrapped' | 'open'): number => servers.reduce((total, each) => total + each[key], 0)
  found.push(...protectionFindings(host, open, { wrapped: sum('wrapped'), open: sum('open') }))
  if (ground.platform === 'win32' && open.length > 0) found.push(unchecked(host))
  return found
}

/** The programs that hooks start: missing ones let calls through, and those that others can write run for others. */
async function programFindings(
  open: OpenFile,
  { home }: Ground,
  files: HostFiles,
  access: ReturnType<typeof createAccessCheck>,
): Promise<readonly PostureFinding[]> {
  const found: PostureFinding[] = []
  for (const hook of hooksOf(open).slice(0, 300)) {
    for (const path of programsOf(hook.command, home)) {
      const looked = await files.look(path, false)
      if (looked.state === 'file') found.push(...(await access(`${open.host.title} hook`, looked, false)))
      else if (hook.gate)
        found.push({
          id: 'hosts.hook_fails_open',
          severity: hook.ours ? 'high' : 'medium',
          subject: `${open.host.title}: ${hook.event}`,
          detail: `The hook starts ${path}, which ${looked.state === 'absent' ? 'is not there' : 'is no file that could be run'}.`,
          why: 'A hook that cannot start stops nothing on most hosts.',
          remediation: hook.ours ? 'Run `sallyport init` again.' : 'Put the program back, or remove the hook.',
          file: open.file.path,
          line: open.settings?.lineOf(hook.path) ?? 1,
        })
    }
  }
  return found
}

const unchecked = (host: HostTable): PostureFinding => ({
  id: 'hosts.writable_by_others',
  severity: 'info',
  subject: host.title,
  detail: 'Who else can write the files was not checked: access lists of Windows are not read.',
  why: 'What was not checked is not clean.',
  remediation: 'Look at the files with `icacls`.',
})

function distinct(findings: readonly PostureFinding[]): readonly PostureFinding[] {
  const seen = new Set<string>()
  return findings.filter(({ id, subject, detail, file, line }) => {
    const key = [id, subject, detail, file, line].join('\0')
    return seen.has(key) ? false : (seen.add(key), true)
  })
}
