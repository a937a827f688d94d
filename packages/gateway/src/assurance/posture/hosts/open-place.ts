import { dirname, isAbsolute, join } from 'node:path'
import { isJsonObject, toSallyportError, type PostureFinding } from '@sallyport/core'
import { readSettings, type Settings } from '../../../hosts/settings-text.ts'
import type { HostFiles, LookedFile } from './files.ts'
import type { HostTable, Place } from './host-table.ts'

/** A file of a host, looked at, and read where it could be. */
export interface OpenFile {
  readonly host: HostTable
  readonly place: Place
  readonly file: LookedFile
  readonly settings: Settings | undefined
}

/** Opens the files of a place that are there. What cannot be read is a finding: it is not clean. */
export async function openPlace(
  host: HostTable,
  place: Place,
  files: HostFiles,
): Promise<readonly (OpenFile | PostureFinding)[]> {
  const found = await files.look(place.path, place.format !== undefined)
  if (found.state === 'absent') return []
  if (found.state === 'unread') return [unreadable(host, place.path, found.why ?? '')]
  const { every } = place
  if (every !== undefined) {
    if (found.state !== 'folder') return [unreadable(host, place.path, 'It should be a folder.')]
    const names = (await files.list(place.path)).filter((name) => name.endsWith(every))
    const inside: readonly Place[] = names.map((name) => {
      const { every: _, ...rest } = place
      return { ...rest, path: join(place.path, name) }
    })
    return (await Promise.all(inside.map((each) => openPlace(host, each, files)))).flat()
  }
  if (found.state === 'folder') return [unreadable(host, place.path, 'It is a folder.')]
  if (place.format === undefined) return [{ host, place, file: found, settings: undefined }]
  try {
    const settings = readSettings(place.format, found.text ?? '')
    if (!isJsonObject(settings.value)) return [unreadable(host, place.path, 'It is not an object.')]
    const open = { host, place, file: found, settings }
    return place.includes === true ? await withIncludes(open, files) : [open]
  } catch (thrown) {
    return [unreadable(host, place.path, toSallyportError(thrown).detail)]
  }
}

const MOST_INCLUDES = 20

/** `$include` names files whose members are taken for its own; the nearer file wins. */
async function withIncludes(open: OpenFile, files: HostFiles): Promise<readonly (OpenFile | PostureFinding)[]> {
  const { host, place, settings } = open
  const others: (OpenFile | PostureFinding)[] = []
  const seen = new Set([place.path])
  const fill = async (value: unknown, folder: string): Promise<unknown> => {
    if (Array.isArray(value)) return Promise.all(value.map((item) => fill(item, folder)))
    if (!isJsonObject(value)) return value
    const own: [string, unknown][] = []
    let taken: unknown
    for (const [key, inner] of Object.entries(value)) {
      if (key !== '$include') own.push([key, await fill(inner, folder)])
      else
        for (const name of [inner].flat())
          if (typeof name === 'string')
            taken = merged(taken, await included(isAbsolute(name) ? name : join(folder, name)))
    }
    return merged(taken, Object.fromEntries(own))
  }
  const included = async (path: string): Promise<unknown> => {
    if (seen.has(path) || seen.size > MOST_INCLUDES) {
      others.push(unreadable(host, path, 'It is included more than once, or too many files are.'))
      return undefined
    }
    seen.add(path)
    const file = await files.look(path, true)
    if (file.state !== 'file') {
      others.push(unreadable(host, path, file.why ?? 'It is included and not there.'))
      return undefined
    }
    try {
      const inner = readSettings('json5', file.text ?? '')
      others.push({ host, place: { path, scope: place.scope, format: 'json5' }, file, settings: inner })
      return await fill(inner.value, dirname(path))
    } catch (thrown) {
      others.push(unreadable(host, path, toSallyportError(thrown).detail))
      return undefined
    }
  }
  const value = await fill(settings?.value, dirname(place.path))
  return [{ ...open, settings: { value, lineOf: (path) => settings?.lineOf(path) ?? 1 } }, ...others]
}

const merged = (under: unknown, over: unknown): unknown => {
  if (!isJsonObject(under) || !isJsonObject(over)) return over ?? under
  const result: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over))
    if (key !== '__proto__') result[key] = Object.hasOwn(result, key) ? merged(result[key], value) : value
  return result
}

const unreadable = (host: HostTable, path: string, why: string): PostureFinding => ({
  id: 'hosts.unreadable',
  severity: 'high',
  subject: `${host.title}: ${path}`,
  detail: `It could not be checked. ${why}`,
  why: 'What could not be read may allow everything.',
  remediation: 'Correct the file or its permissions, and run the audit again.',
  file: path,
})
