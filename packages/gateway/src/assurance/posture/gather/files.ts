import { existsSync, lstatSync, readdirSync, type Stats } from 'node:fs'
import { basename, dirname, join, parse } from 'node:path'
import { layout } from '../../../config/paths.ts'
import { whyPathIsUnsafe } from '../../../config/unsafe-path.ts'
import type { FileFact, FileRole, FilesFacts } from '../facts.ts'

export interface FilesToLookAt {
  readonly stateDir: string
  /** Absolute; absent: there is none. */
  readonly config: string | undefined
  /** The configuration lies where this product looks for it, and not where somebody named it. */
  readonly isOwnConfig: boolean
  /** Policy files and directories of the configuration, absolute. */
  readonly policies: readonly string[]
  /** Files with what the gateway logs in with. */
  readonly logins: readonly string[]
  readonly home: string
  readonly uid: number
}

/** Entries of one directory that are looked at; more than this is nobody's installation. */
const MOST = 500

/** Owners, modes and links of everything that is the gateway's own. Follows no link; what is not there is left out. */
export function gatherFiles(at: FilesToLookAt): FilesFacts {
  const { stateDir, config, isOwnConfig, policies, logins, home, uid } = at
  const own = layout(stateDir)
  const state = existsSync(stateDir)
  const isClosed = state && (lstatSync(stateDir).mode & 0o011) === 0
  const named: (readonly [string, FileRole])[] = [
    [own.stateDir, 'state'],
    [own.keys, 'key'],
    ...inside(own.keys)
      .filter((path) => !path.endsWith('.pub'))
      .map((path) => [path, 'key'] as const),
    [own.run, 'socket'],
    ...inside(own.run).map((path) => [path, 'socket'] as const),
    [own.agents, 'state'],
    ...[join(stateDir, 'hooks'), join(stateDir, 'backups'), own.homes, own.rules, own.tls].map(
      (path) => [path, 'state'] as const,
    ),
    ...inside(join(stateDir, 'hooks')).map((path) => [path, 'state'] as const),
    ...[own.store, `${own.store}-wal`, `${own.store}-shm`].map((path) => [path, 'state'] as const),
    // what lies behind a closed directory cannot be reached, whatever its own mode
    ...(isClosed ? [] : [[own.log, 'log'] as const]),
    ...(config === undefined ? [] : [[config, 'config'] as const]),
    ...policies.map((path) => [path, 'policy'] as const),
    ...logins.map((path) => [path, 'login'] as const),
  ]
  const placed = [stateDir, ...(config === undefined || !isOwnConfig ? [] : [config])]
  const unsafe = state ? whyPathIsUnsafe(dirname(stateDir)) : undefined
  return {
    uid,
    files: named.flatMap(([path, role]) => factOf(path, role)),
    ...(unsafe === undefined ? {} : { unsafePath: unsafe }),
    synced: placed.flatMap((path) => {
      const service = syncedBy(path)
      return service === undefined ? [] : [{ path, service }]
    }),
    inWorkspace: placed.flatMap((path) => {
      const workspace = workspaceOf(path, home)
      return workspace === undefined ? [] : [{ path, workspace }]
    }),
  }
}

function factOf(path: string, role: FileRole): readonly FileFact[] {
  let stat: Stats
  try {
    stat = lstatSync(path)
  } catch {
    return []
  }
  return [
    {
      path,
      role,
      uid: stat.uid,
      mode: stat.mode & 0o777,
      isLink: stat.isSymbolicLink(),
      isDirectory: stat.isDirectory(),
    },
  ]
}

const inside = (directory: string): readonly string[] =>
  existsSync(directory)
    ? readdirSync(directory)
        .slice(0, MOST)
        .map((name) => join(directory, name))
    : []

/** Names of folders that a service copies, and marks that it leaves in them. */
const SYNCED: readonly (readonly [RegExp, string])[] = [
  [/^dropbox(?: \(.*\))?$/i, 'Dropbox'],
  [/^onedrive(?: - .*)?$/i, 'OneDrive'],
  [/^(?:icloud ?drive|mobile documents|com~apple~clouddocs)$/i, 'iCloud'],
  [/^(?:google ?drive|my drive|googledrive-.*)$/i, 'Google Drive'],
  [/^(?:nextcloud|owncloud)$/i, 'Nextcloud'],
  [/^(?:box|box sync)$/i, 'Box'],
  [/^(?:pclouddrive|megasync|mega|syncthing|proton ?drive|cloudstorage)$/i, 'a synchronisation service'],
]
const MARKS: Readonly<Record<string, string>> = {
  '.dropbox': 'Dropbox',
  '.stfolder': 'Syncthing',
  '.nextcloudsync.log': 'Nextcloud',
}

/** The service that copies the folder of a path to other machines, by the names and marks on the way up. */
export function syncedBy(path: string): string | undefined {
  for (let at = dirname(path); at !== parse(at).root; at = dirname(at)) {
    const name = SYNCED.find(([pattern]) => pattern.test(basename(at)))?.[1]
    const mark = Object.entries(MARKS).find(([file]) => existsSync(join(at, file)))?.[1]
    if ((name ?? mark) !== undefined) return name ?? mark
  }
  return undefined
}

/** The repository that a path lies in; a home directory under version control is none. */
function workspaceOf(path: string, home: string): string | undefined {
  for (let at = dirname(path); at !== parse(at).root; at = dirname(at))
    if (at !== home && existsSync(join(at, '.git'))) return at
  return undefined
}
