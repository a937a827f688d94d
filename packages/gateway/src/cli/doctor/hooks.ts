import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import type { WiredHost } from '../../hosts/host.ts'
import { WIRED_HOSTS } from '../../hosts/table.ts'
import { replaceFile } from '../init/backup.ts'
import { makePlan } from '../init/plan.ts'
import { clientTraces } from '../init/places.ts'
import { runCanaries } from './canary.ts'
import { fail, ok, warn, type Check, type Examination, type Finding } from './check.ts'

/** Each agent host that is here: are our hooks installed, whole, able to block, and do they (T-042, T-043)? */
export const hooksCheck: Check = async (on) => {
  const findings: Finding[] = []
  for (const host of WIRED_HOSTS) {
    const here = clientTraces(on.site).some(({ client, path }) => client === host.profile.id && existsSync(path))
    if (here) findings.push(...(await hostFindings(on, host)))
  }
  return findings.length > 0 ? findings : [ok('hooks', 'No agent with hooks was found for this account.')]
}

async function hostFindings(on: Examination, host: WiredHost): Promise<readonly Finding[]> {
  const { id, title } = host.profile
  const file = join(on.site.home, host.hookFile.path)
  const install = `sallyport init --import ${id}`
  if (!existsSync(file)) return [fail(`hooks:${id}`, `${title} has no hooks.`, install)]
  try {
    const installed = host.hookFile.installed(readFileSync(file, 'utf8'))
    const missing = Object.entries(installed).flatMap(([event, hooks]) => (hooks.length === 0 ? [event] : []))
    if (missing.length > 0)
      return [fail(`hooks:${id}`, `${title} has no hook of ours for ${missing.join(', ')}.`, install)]
    const weak = Object.values(installed)
      .flat()
      .flatMap((hook) => [
        ...(hook.async ? ['it is asynchronous, so it cannot block'] : []),
        ...(host.profile.hardened !== undefined && hook.onFailure !== 'block' ? ['onFailure is not "block"'] : []),
        ...(hook.timeoutSeconds === undefined || hook.timeoutSeconds < 4
          ? ['its timeout is missing or too short']
          : []),
        ...(hook.matcher !== undefined && !['*', '.*', ''].includes(hook.matcher)
          ? [`it matches only ${hook.matcher}`]
          : []),
      ])
    const gate = Object.values(installed)[0]?.[0]?.command ?? ''
    return [
      weak.length > 0
        ? fail(`hooks:${id}`, `${title}: ${[...new Set(weak)].join('; ')}.`, install)
        : ok(`hooks:${id}`, `${title} asks before every tool.`),
      ...changedFiles(on, host, gate),
      ...switchedOff(on, host),
      versionFinding(on, host),
      ...(await runCanaries(on, host, gate)),
    ]
  } catch (thrown) {
    return [fail(`hooks:${id}`, `${file}: ${toSallyportError(thrown, 'SP_CONFIG_INVALID').message}`, install)]
  }
}

/** The hook client is compared with what `init` would write today; putting it back only tightens. */
function changedFiles(on: Examination, host: WiredHost, gate: string): readonly Finding[] {
  const { id } = host.profile
  const agent = new RegExp(`/hooks/${id}-([^/']+)\\.(?:sh|json)`).exec(gate)?.[1]
  const planned = makePlan({ ...on.site, agent, configExists: true, only: [id] }).files.filter(({ path }) =>
    path.startsWith(join(on.site.stateDir, 'hooks', `${id}-`)),
  )
  return planned.map(({ path, after, mode, before }) =>
    fail(
      `hook-client:${id}`,
      `${path} ${before === undefined ? 'is missing' : 'was changed'}.`,
      'sallyport doctor --fix',
      () => replaceFile(path, after, mode),
    ),
  )
}

/** Settings in any file that the host reads which switch hooks off, also those of the project we stand in. */
function switchedOff({ site, io }: Examination, host: WiredHost): readonly Finding[] {
  return (SETTINGS[host.profile.id] ?? []).flatMap((place) => {
    const path = place.startsWith('/')
      ? place
      : place.startsWith('~/')
        ? join(site.home, place.slice(2))
        : join(io.cwd, place)
    if (!existsSync(path)) return []
    try {
      return host
        .disabling(readFileSync(path, 'utf8'))
        .map(({ setting, effect }) =>
          fail(`hooks-off:${host.profile.id}`, `${setting} in ${path}. ${effect}`, `Remove ${setting} from ${path}.`),
        )
    } catch (thrown) {
      return [
        warn(
          `hooks-off:${host.profile.id}`,
          `${path} cannot be read: ${toSallyportError(thrown).message}`,
          `Correct ${path}.`,
        ),
      ]
    }
  })
}

const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  'claude-code': [
    '~/.claude/settings.json',
    '~/.claude/settings.local.json',
    '.claude/settings.json',
    '.claude/settings.local.json',
    '/etc/claude-code/managed-settings.json',
  ],
  codex: ['~/.codex/config.toml', '.codex/config.toml', '/etc/codex/config.toml', '/etc/codex/requirements.toml'],
}

/** The installed program's version, read from its files: doctor runs nothing that it finds on PATH (T-038). */
function versionFinding({ env }: Examination, host: WiredHost): Finding {
  const { id, title, hardened } = host.profile
  if (hardened === undefined) {
    return warn(
      `host:${id}`,
      `${title} lets a call through when its hook dies, hangs or was not trusted: observe-only.`,
      `sallyport agents matrix ${id}`,
    )
  }
  const version = installedVersion(env['PATH'] ?? '', PROGRAMS[id] ?? id)
  if (version === undefined) {
    return warn(
      `host:${id}`,
      `The version of ${title} could not be found; before ${hardened.since} a dead hook lets calls through.`,
      `Check that it is ${hardened.since} or later.`,
    )
  }
  return compareVersions(version, hardened.since) >= 0
    ? ok(`host:${id}`, `${title} ${version} blocks when a hook fails (${hardened.by}).`)
    : fail(
        `host:${id}`,
        `${title} ${version} ignores ${hardened.by}: a dead hook lets calls through.`,
        `Update ${title} to ${hardened.since} or later.`,
      )
}

const PROGRAMS: Readonly<Record<string, string>> = { 'claude-code': 'claude', codex: 'codex' }

/** From a version in the path (native installer) or the package.json beside the program (npm). */
export function installedVersion(path: string, program: string): string | undefined {
  for (const directory of path.split(':').filter((entry) => entry.startsWith('/'))) {
    if (!existsSync(join(directory, program))) continue
    const real = realpathSync(join(directory, program))
    const named = /^\d+\.\d+\.\d+$/.exec(basename(real))?.[0]
    if (named !== undefined) return named
    for (let at = dirname(real); at !== dirname(at); at = dirname(at)) {
      if (!existsSync(join(at, 'package.json'))) continue
      const version = /"version"\s*:\s*"(\d+\.\d+\.\d+)/.exec(readFileSync(join(at, 'package.json'), 'utf8'))?.[1]
      if (version !== undefined) return version
    }
    return undefined
  }
  return undefined
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number))
  for (let at = 0; at < 3; at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
