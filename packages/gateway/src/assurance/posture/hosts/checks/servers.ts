import { isJsonObject, type PostureFinding } from '@sallyport/core'
import { entryState, readEntry, type EntryState } from '../../../../hosts/server-entry.ts'
import { valueAt, valuesAt } from '../../../../hosts/settings-text.ts'
import type { OpenFile } from '../open-place.ts'

/** MCP servers of a file, and whether their calls pass the gateway. */
export interface ServerCoverage {
  readonly findings: readonly PostureFinding[]
  readonly wrapped: number
  readonly open: number
}

/** Servers of one file that are named. */
const MOST = 100

/** @param gateways addresses at which this machine's gateway serves MCP */
export function serverCoverage({ host, place, file, settings }: OpenFile, gateways: readonly string[]): ServerCoverage {
  const findings: PostureFinding[] = []
  let wrapped = 0
  let open = 0
  for (const pattern of place.servers ?? [])
    for (const { path, value } of valuesAt(settings?.value, [...pattern, '*'])) {
      if (isOff(value)) continue
      const entry = readEntry(path, value)
      const passes = entry?.url !== undefined && gateways.some((gateway) => entry.url?.startsWith(gateway))
      const state: EntryState = entry === undefined ? 'unreadable' : entryState(entry)
      if (state === 'wrapped' || passes) {
        wrapped++
        continue
      }
      if (open++ >= MOST) continue
      findings.push({
        id: 'hosts.mcp_bypass',
        severity: 'high',
        subject: `${host.title}: ${String(path.at(-1))}`,
        detail: DETAIL[state],
        why: 'Its calls are neither decided nor recorded, and what it answers reaches the model unlooked at (T-053, T-089).',
        remediation: REMEDY[state],
        file: file.path,
        line: settings?.lineOf(path) ?? 1,
      })
    }
  return { findings, wrapped, open }
}

const isOff = (value: unknown): boolean =>
  isJsonObject(value) && (valueAt(value, ['disabled']) === true || valueAt(value, ['enabled']) === false)

const DETAIL: Readonly<Record<EntryState, string>> = {
  stdio: 'The MCP server is started by the host itself, past the gateway.',
  remote: 'The MCP server is reached by the host itself, past the gateway.',
  unreadable: 'The entry of the MCP server cannot be read.',
  wrapped: '',
}
const REMEDY: Readonly<Record<EntryState, string>> = {
  stdio: 'Run `sallyport init`, which puts the gateway in front of it.',
  remote: 'List it under `servers` in sallyport.yaml, and remove it here.',
  unreadable: 'Correct the entry, then run `sallyport init`.',
  wrapped: '',
}
