import type { RegisteredTool } from '../action/tool.ts'
import { serves, type ToolScope } from './surface.ts'

/** What the operator says of a tool that strangers may reach. */
export interface SurfaceTool {
  readonly scope: ToolScope
  /** `read` what anybody may know · `create` leaves something new behind, and nothing else (E-91). */
  readonly effect?: 'read' | 'create' | undefined
  /** Calls of a `create` tool by one agent. */
  readonly perHour?: number | undefined
}

/** `<server>.<tool>` → what was said of it. Tools that are not here are internal. */
export type SurfaceTools = Readonly<Record<string, SurfaceTool>>

export interface MisScoped {
  readonly tool: string
  readonly reason: string
}

const words = (name: string): readonly string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')

const set = (text: string): ReadonlySet<string> => new Set(text.split(' '))

const CHANGES = set(
  'update edit modify patch upsert replace overwrite merge delete remove destroy drop purge erase clear cancel revoke archive move rename publish approve assign grant restore enable disable reset rotate transfer refund exec execute eval shell bash process migrate send',
)
const CREATES = set('create add insert submit register save upload write')
/** What these are about was there before; what they leave is called otherwise. */
const BOOKS = set('book reserve')
const BOOKED: readonly string[] = ['booking', 'reservation']
const READS = set('get list read find search lookup fetch show query export view download dump')
/** What follows the thing itself in a name: `get_lead_details`, `find_bookings_by_mail`. */
const TAILS = set('by of for from with all list detail details info record records data entry entries history status')

const singular = (word: string): string => word.replace(/ies$/, 'y').replace(/s$/, '')

/** What a tool is about: `create_lead` → lead, `listBookings` → booking. */
function thingOf(name: string): string {
  const all = words(name).filter((word) => !READS.has(word) && !CREATES.has(word))
  const tail = all.findIndex((word, at) => at > 0 && TAILS.has(word))
  return singular((tail < 0 ? all : all.slice(0, tail)).at(-1) ?? '')
}
const leftBy = (name: string): readonly string[] => (meets(name, BOOKS) === undefined ? [thingOf(name)] : BOOKED)

const serverOf = (id: string): string => id.slice(0, id.indexOf('.'))
const nameOf = (id: string): string => id.slice(id.indexOf('.') + 1)
const meets = (name: string, table: ReadonlySet<string>): string | undefined => words(name).find((w) => table.has(w))

const openOf = (tools: SurfaceTools) => Object.entries(tools).filter(([, { scope }]) => serves(scope, 'public'))

/** Aliases of the servers that have something for strangers. */
export const serversForStrangers = (tools: SurfaceTools): ReadonlySet<string> =>
  new Set(openOf(tools).map(([id]) => serverOf(id)))

/**
 * Tools that cannot be given to strangers, whatever is said of them (HB-18, E-91): what changes or ends something, what has no
 * limit, and what reads back what strangers leave. Judged by names alone: `unfit` judges what is known of the tool itself.
 */
export function misScoped(tools: SurfaceTools): readonly MisScoped[] {
  const open = openOf(tools)
  const left = new Set(open.flatMap(([id, { effect }]) => (effect === 'create' ? leftBy(nameOf(id)) : [])))
  return open.flatMap(([tool, entry]) => {
    const reason = fault(nameOf(tool), entry, left)
    return reason === undefined ? [] : [{ tool, reason }]
  })
}

function fault(name: string, { effect, perHour }: SurfaceTool, left: ReadonlySet<string>): string | undefined {
  if (effect === undefined) return 'What strangers may call says `effect: read` or `effect: create`.'
  if (name.startsWith('mcp:')) return 'Methods of a server reach everything that it has; give out single tools.'
  const change = meets(name, CHANGES)
  if (change !== undefined) return `"${change}" changes or ends something; strangers only add (E-91).`
  if (effect === 'create') {
    if (perHour === undefined) return 'What strangers may add has a limit: `perHour` (E-91).'
    const read = meets(name, READS)
    return read === undefined ? undefined : `"${read}" reads; a tool that adds gives nothing back (E-91).`
  }
  if (perHour !== undefined) return '`perHour` is for `effect: create`; budgets and rate limits bound what is read.'
  const create = meets(name, CREATES)
  if (create !== undefined) return `"${create}" is not a read.`
  const thing = thingOf(name)
  return left.has(thing) && meets(name, READS) !== undefined
    ? `It reads back what strangers leave as "${thing}" (E-91).`
    : undefined
}

/** Groups whose tools run what they are given. */
const RUNS: ReadonlySet<string> = new Set(['group:runtime', 'group:nodes'])

/**
 * Why a tool is not fit for strangers by what is known of it now; undefined: it is. What nobody has described is not, and neither
 * is a read whose results nobody declared public.
 */
export function unfit(tool: RegisteredTool, { effect }: SurfaceTool): string | undefined {
  const { annotation, definition } = tool
  if (!tool.annotated) return 'Nobody has said what it does (`servers.NAME.tools`).'
  if (tool.elevated || annotation.groups.some((group) => RUNS.has(group))) return 'It runs what it is given.'
  if (definition.annotations?.['destructiveHint'] === true) return 'Its server calls it destructive.'
  if (annotation.persist || annotation.sensitive === true) return 'It acts again later, or changes rights.'
  if (effect === 'read')
    return annotation.effect !== 'read'
      ? 'It is described as more than a read.'
      : annotation.result?.confidentiality === 0
        ? undefined
        : 'Nobody has said that its results are public (`result: { confidentiality: 0 }`).'
  return annotation.irreversible || annotation.effect === 'read' ? 'It is not described as one that adds.' : undefined
}
