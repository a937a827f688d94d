import { join } from 'node:path'
import { canonicalJson, isJsonObject, parseJson, sha256, type Json } from '@sallyport/core'
import { WIRED_HOSTS } from '../../hosts/table.ts'
import { machineFiles, type HostFiles } from './hosts/files.ts'

/** Path → what stood there: a digest of what counts, or the state of what could not be read. */
export type Written = Readonly<Record<string, string>>

interface IntegrityDeps {
  readonly stateDir: string
  /** Absolute; absent: there is none. */
  readonly config: string | undefined
  /** What stood there at the last look, kept over a restart. */
  readonly memory: { read(): Promise<Written | undefined>; write(found: Written): Promise<void> }
  readonly alert: (name: string, severity: 'high' | 'medium', message: string) => void
  readonly files?: HostFiles
}

interface Integrity {
  /** Looks now, and tells of each file that is not as it was at the last look. */
  look(): Promise<void>
}

/** Entries of one directory that are looked at. */
const MOST = 500

/**
 * Watches what `init` wrote: configuration, hook clients, and hooks of ours in the files of hosts (TM-PERSIST-003). The first look
 * remembers; of what a host keeps for itself in the same file nothing is told. Runs and writes nothing of theirs.
 */
export function createIntegrity({ stateDir, config, memory, alert, files = machineFiles }: IntegrityDeps): Integrity {
  let running: Promise<void> | undefined

  const lookOnce = async (): Promise<void> => {
    const before = await memory.read()
    const paths = new Set(await writtenPaths(stateDir, config, files))
    // what once stood there is looked for even when the list of it is gone
    for (const [path, stood] of Object.entries(before ?? {})) if (stood !== 'absent') paths.add(path)
    const found: Record<string, string> = {}
    for (const path of [...paths].sort()) found[path] = await standing(path, files)
    if (canonicalJson(found) === canonicalJson(before ?? {})) return
    // told first: a look that ends between the two tells twice and never not at all
    for (const [path, now] of Object.entries(found)) {
      if (before === undefined) break
      const then = before[path] ?? 'absent'
      // people edit a configuration; clients and hooks are written by `init` alone
      const severity = path === config ? 'medium' : 'high'
      if (now !== then) alert('files.changed', severity, `${path} ${described(then, now)}`)
    }
    await memory.write(found)
  }

  return { look: () => (running ??= lookOnce().finally(() => (running = undefined))) }
}

async function writtenPaths(
  stateDir: string,
  config: string | undefined,
  files: HostFiles,
): Promise<readonly string[]> {
  const inside = async (name: string): Promise<readonly string[]> =>
    (await files.list(join(stateDir, name))).slice(0, MOST).map((entry) => join(stateDir, name, entry))
  const kept: string[] = []
  for (const backup of await inside('backups')) {
    const { text } = await files.look(join(backup, 'manifest.json'), true)
    kept.push(...pathsOf(text).filter((path) => hostOf(path) !== undefined))
  }
  return [...(config === undefined ? [] : [config]), ...(await inside('hooks')), ...kept]
}

/** Paths that a manifest of `init` names; none of one that cannot be read. */
function pathsOf(manifest: string | undefined): readonly string[] {
  try {
    const value = parseJson(manifest ?? 'null')
    const entries = isJsonObject(value) && Array.isArray(value['files']) ? (value['files'] as readonly Json[]) : []
    return entries.flatMap((entry) => (isJsonObject(entry) && typeof entry['path'] === 'string' ? [entry['path']] : []))
  } catch {
    return []
  }
}

const hostOf = (path: string) => WIRED_HOSTS.find(({ hookFile }) => path.endsWith(`/${hookFile.path}`))

async function standing(path: string, files: HostFiles): Promise<string> {
  const { state, text } = await files.look(path, true)
  if (text === undefined) return state
  const host = hostOf(path)
  if (host === undefined) return sha256(text)
  try {
    return sha256(JSON.stringify([host.hookFile.installed(text), switches(host, text)]))
  } catch {
    return sha256(text)
  }
}

/** Settings of this file that switch hooks off; a host that has them in another file has none here. */
function switches(host: (typeof WIRED_HOSTS)[number], text: string): Json {
  try {
    return host.disabling(text).map(({ setting }) => setting)
  } catch {
    return []
  }
}

function described(then: string, now: string): string {
  if (now === 'absent') return 'was removed.'
  const is = now === 'unread' || now === 'folder' ? 'cannot be read now' : `is ${now.slice(0, 16)} now`
  return `${then === 'absent' ? 'is new' : `was changed: it was ${then.slice(0, 16)}`}, and ${is}.`
}
