import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, sha256, toSallyportError } from '@sallyport/core'
import { WIRED_HOSTS } from '../../hosts/table.ts'
import { closeBackup, listBackups, removeFile, replaceFile, type Backup, type BackupEntry } from './backup.ts'
import { mcpPlaces, type Home } from './places.ts'
import { decodeConfig, readConfigText, type ConfigPath, type ConfigText } from './text/config-text.ts'
import { readEntry, unwrapped } from '../../hosts/server-entry.ts'

export interface Undone {
  readonly path: string
  /** `restored`: byte for byte · `removed`: was not there before · `cleaned`: only our entries taken out, because the file changed since. */
  readonly result: 'restored' | 'removed' | 'cleaned' | 'kept' | 'gone'
  readonly note: string
}

/** What an undo would do, newest backup first. Nothing is written until `write` is true. */
export function undo(stateDir: string, home: Home, write: boolean): readonly Undone[] {
  const done: Undone[] = []
  const seen = new Set<string>()
  for (const backup of listBackups(stateDir)) {
    for (const entry of backup.files) {
      const step = undoOne(backup, entry, home, seen.has(entry.path))
      if (write) step.write()
      // A file changed since `init` was cleaned of all our entries; older backups of it have nothing left to say.
      if (step.result.result === 'cleaned') seen.add(entry.path)
      done.push(step.result)
    }
    if (write) closeBackup(backup)
  }
  return done
}

interface Step {
  readonly result: Undone
  write(): void
}

function undoOne(backup: Backup, entry: BackupEntry, home: Home, cleaned: boolean): Step {
  const { path } = entry
  const answer = (result: Undone['result'], note = '', write = (): void => undefined): Step => ({
    result: { path, result, note },
    write,
  })
  if (cleaned) return answer('kept', 'Already cleaned.')
  if (!existsSync(path)) {
    return entry.original === null
      ? answer('gone')
      : answer('kept', 'The file was removed since; its original is in the backup.')
  }
  const now = readFileSync(path)
  if (sha256(now) === entry.after) {
    if (entry.original === null) return answer('removed', '', () => removeFile(path))
    const original = readFileSync(join(backup.directory, entry.original))
    if (sha256(original) !== entry.before) return answer('kept', 'The kept original is damaged.')
    return answer('restored', '', () => replaceFile(path, original, entry.mode))
  }
  if (entry.own) return answer('kept', 'Changed since `init`; remove it by hand if it is not needed.')
  try {
    const text = withoutOurs(path, decodeConfig(now), home)
    return answer('cleaned', 'Changed since `init`: only our entries were taken out.', () =>
      replaceFile(path, text, entry.mode),
    )
  } catch (thrown) {
    return answer('kept', toSallyportError(thrown, 'SP_CONFIG_INVALID').message)
  }
}

/** Takes wrapping and hooks out of a file that somebody else has written to since. */
function withoutOurs(path: string, text: string, home: Home): string {
  const hooks = WIRED_HOSTS.find(({ hookFile }) => join(home.home, hookFile.path) === path)
  let result = hooks === undefined ? text : hooks.hookFile.uninstall(text)
  for (const place of mcpPlaces(home).filter((candidate) => candidate.path === path)) {
    let edited = readConfigText(place.format, result)
    for (const server of ourServers(edited, place.servers)) {
      edited = edited.set([...server.path, 'command'], server.command).set([...server.path, 'args'], server.args)
    }
    result = edited.text
  }
  return result
}

interface OurServer {
  readonly path: ConfigPath
  readonly command: string
  readonly args: readonly string[]
}

function ourServers(text: ConfigText, pattern: ConfigPath, prefix: ConfigPath = []): readonly OurServer[] {
  const [head, ...rest] = pattern
  const value = text.get(prefix)
  const keys = isJsonObject(value) ? Object.keys(value) : []
  if (head === undefined) {
    return keys.flatMap((key) => {
      const path = [...prefix, key]
      const entry = readEntry(path, text.get(path))
      const wrapped = entry === undefined ? undefined : unwrapped(entry)
      return wrapped === undefined ? [] : [{ path, ...wrapped }]
    })
  }
  return (head === '*' ? keys : [head]).flatMap((key) => ourServers(text, rest, [...prefix, key]))
}
