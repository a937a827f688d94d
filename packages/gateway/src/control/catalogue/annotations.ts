import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CLEAN,
  joinLabels,
  SallyportError,
  UNCLASSIFIED,
  UNKNOWN_RESULT,
  type Label,
  type LaunchSpec,
  type ResultLabel,
  type ToolAnnotation,
  type ToolDefinition,
} from '@sallyport/core'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { toolNote, type ToolNote } from '../../config/tool-note.ts'

const sheet = z.strictObject({
  match: z
    .strictObject({
      npm: z.string().optional().describe('Exact npm package name in the launch command.'),
      host: z.string().optional().describe('Built-in tools of an agent host.'),
      gateway: z.literal('requests').optional().describe('Tools that the gateway itself runs.'),
    })
    .describe('Which servers this sheet is for.'),
  tools: z.record(z.string(), toolNote),
})
export type CatalogueSheet = z.infer<typeof sheet>

export function toAnnotation(note: ToolNote): ToolAnnotation {
  const { result, fields, groups, sensitive, narrower, cameFrom, ...rest } = note
  return {
    ...rest,
    ...(sensitive === undefined ? {} : { sensitive }),
    ...(narrower === undefined ? {} : { narrower }),
    ...(cameFrom === undefined ? {} : { cameFrom }),
    groups: groups.length === 0 ? UNCLASSIFIED.groups : groups,
    ...(fields === undefined ? (result === undefined ? {} : { result }) : { fields, result: worst(result, fields) }),
  }
}

/** Label of the whole: as bad as the worst of its fields, and as an unlabelled result where nothing is said about the rest. */
function worst(rest: ToolNote['result'], fields: NonNullable<ToolNote['fields']>): ResultLabel {
  const all = [rest ?? UNKNOWN_RESULT, ...Object.values(fields)].map((label) => ({ ...label, sources: [] }))
  const { integrity, confidentiality } = all.reduce<Label>(joinLabels, CLEAN)
  return { integrity, confidentiality }
}

/**
 * Reads the shipped annotation sheets.
 * @throws SallyportError SP_CONFIG_INVALID naming the file: a damaged sheet stops what needs sheets rather than widening anything.
 */
export function readSheets(directory: string): readonly CatalogueSheet[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const document = parseDocument(readFileSync(join(directory, name), 'utf8'), { uniqueKeys: true, merge: false })
      const parsed = sheet.safeParse(document.toJS({ maxAliasCount: 0 }))
      const problem = document.errors[0]?.message ?? parsed.error?.issues[0]?.message
      if (problem !== undefined || !parsed.success) throw new SallyportError('SP_CONFIG_INVALID', `${name}: ${problem}`)
      return parsed.data
    })
}

/**
 * The sheet for a launch: by the exact package name of an `npx`/node_modules launch, or by host. The name only decides which
 * notes are used; the pin still decides whether a tool may run.
 */
export function sheetFor(sheets: () => readonly CatalogueSheet[], launch: LaunchSpec): CatalogueSheet | undefined {
  if (launch.transport === 'host') return sheets().find(({ match }) => match.host === launch.name)
  if (launch.transport === 'requests') return sheets().find(({ match }) => match.gateway === launch.transport)
  if (launch.transport !== 'stdio') return undefined
  const names = launch.command.map(packageName)
  return sheets().find(({ match }) => match.npm !== undefined && names.includes(match.npm))
}

/** `@scope/name@1.2.3` → `@scope/name`; `/x/node_modules/@scope/name/dist/index.js` → `@scope/name`. */
function packageName(word: string): string {
  const installed = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(word)?.[1]
  return installed ?? word.replace(/(?<=.)@[^/@]*$/, '')
}

const claims = toolNote.pick({ effect: true, args: true, irreversible: true, persist: true })

/**
 * What an SDK program says of a tool of its own. The program runs the tool itself and wrote the claim, so the claim is as good
 * as the program; it is pinned with the definition and cannot be changed without review. Groups are never claimed.
 */
export function claimedAnnotation(definition: ToolDefinition): ToolAnnotation | undefined {
  const parsed = claims.safeParse(definition.annotations?.['dev.sallyport/claims'])
  return parsed.success ? { ...parsed.data, groups: ['group:sdk'] } : undefined
}
