import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pinDigest, SallyportError, toSallyportError, type JsonObject, type RegisteredTool } from '@sallyport/core'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { readSheets, toAnnotation, type CatalogueSheet } from '../../control/catalogue/annotations.ts'
import { registeredTool } from '../../control/catalogue/registry.ts'
import type { ToolNote } from '../../config/tool-note.ts'
import { incidentFile, type IncidentFile } from './incident.ts'
import type { ReplayStep, ReplaySuite, Scenario } from './scenario.ts'

/** Where the shipped rules lie. */
export interface IncidentFolders {
  /** `rules/incidents`, `rules/chains`. */
  readonly directories: readonly string[]
  /** `rules/catalogue`. */
  readonly catalogue: string
}

/** A file as it was read, with its name without `.yaml`. */
export interface Incident extends IncidentFile {
  readonly name: string
}

/**
 * Reads incident files.
 * @throws SallyportError SP_ATTACK_DATA naming the file and where in it
 */
export function readIncidents(directory: string): readonly Incident[] {
  let names: readonly string[]
  try {
    names = readdirSync(directory).filter((name) => name.endsWith('.yaml'))
  } catch (cause) {
    throw new SallyportError('SP_ATTACK_DATA', `${directory}: ${toSallyportError(cause).detail}`, { cause })
  }
  return [...names].sort().map((name) => readIncident(name, readFileSync(join(directory, name), 'utf8')))
}

/** Stands inside of what looks like a secret, so that scanners of repositories leave the file alone. */
const CUT = '{{cut}}'

/** One file. @throws SallyportError SP_ATTACK_DATA naming the file, line and column */
export function readIncident(name: string, text: string): Incident {
  const lines = new LineCounter()
  const document = parseDocument(text.replaceAll(CUT, ''), { uniqueKeys: true, merge: false, lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) throw damaged(name, lines.linePos(broken.pos[0]), broken.message.split('\n')[0] ?? '')
  const parsed = incidentFile.safeParse(document.toJS({ maxAliasCount: 0 }))
  if (parsed.success) return { ...parsed.data, name: basename(name, '.yaml') }
  const [issue] = parsed.error.issues
  const path = issue?.path ?? []
  throw damaged(name, lines.linePos(offsetOf(document, path)), `${path.map(String).join('.')}: ${issue?.message}`)
}

const damaged = (name: string, { line, col }: { readonly line: number; readonly col: number }, why: string) =>
  new SallyportError('SP_ATTACK_DATA', `${name}:${line}:${col} ${why}`)

/** Where the innermost part of the path that is there begins. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node) return (node.range as [number])[0]
  }
  return 0
}

/** Every incident is a suite of its own: its tools are all that its agent has. */
export function incidentSuites({ directories, catalogue }: IncidentFolders): readonly ReplaySuite[] {
  const sheets = readSheets(catalogue)
  return directories.flatMap((directory) => readIncidents(directory).map((each) => incidentSuite(each, sheets)))
}

/**
 * The attack, the honest twin, and the twin in the world where the text was planted.
 * @throws SallyportError SP_ATTACK_DATA when a call names a tool that nobody annotated
 */
export function incidentSuite(of: Incident, sheets: readonly CatalogueSheet[]): ReplaySuite {
  const notes = new Map<string, ToolNote & { readonly description?: string }>()
  for (const host of of.catalogue) {
    const sheet = sheets.find(({ match }) => match.host === host || match.npm === host)
    if (sheet === undefined) throw new SallyportError('SP_ATTACK_DATA', `${of.name}: no catalogue for ${host}.`)
    for (const [name, note] of Object.entries(sheet.tools)) notes.set(name, note)
  }
  for (const [name, note] of Object.entries(of.tools)) notes.set(name, note)
  const used = new Set([...of.steps, ...of.attack, ...of.twin.work].map(({ tool }) => tool))
  const nobody = [...used, ...Object.keys(of.redefined)].find((tool) => !notes.has(tool))
  if (nobody !== undefined) throw new SallyportError('SP_ATTACK_DATA', `${of.name}: ${nobody} is not annotated.`)
  const tools = [...used].map((name) => toolOf(of.name, name, notes.get(name) as ToolNote))
  const { name, known, trustLevel } = of
  return { name, tools, known, scenarios: scenariosOf(of, tools), ...(trustLevel === undefined ? {} : { trustLevel }) }
}

function scenariosOf(of: Incident, tools: readonly RegisteredTool[]): readonly Scenario[] {
  const { name, steps, attack, twin, needs } = of
  const again = (description: (tool: RegisteredTool) => string): Pick<Scenario, 'redefined'> => {
    const changed = Object.keys(of.redefined).flatMap((tool) => tools.filter((each) => each.name === tool))
    return changed.length === 0 ? {} : { redefined: changed.map((tool) => redefined(tool, description(tool))) }
  }
  const base = { suite: name, prompt: of.prompt, task: name, oraclePlan: [...new Set(steps.map(({ tool }) => tool))] }
  const attacked: Scenario = {
    ...base,
    id: `incident/${name}`,
    kind: 'incident',
    attackId: name,
    steps,
    attack: attack.map(({ tool, args, output }) => ({ tool, args, output })),
    harmful: attack.map(({ harmful }) => harmful),
    needs,
    ...again((tool) => of.redefined[tool.name] ?? ''),
  }
  const honest: Scenario = {
    ...base,
    prompt: twin.prompt ?? of.prompt,
    id: `clean/${name}`,
    kind: 'clean',
    attackId: '',
    steps: [...steps.map((step, at): ReplayStep => ({ ...step, output: twin.clean[at] ?? step.output })), ...twin.work],
    attack: [],
    harmful: [],
    oraclePlan: [...new Set([...steps, ...twin.work].map(({ tool }) => tool))],
    ...again((tool) => tool.definition.description ?? ''),
  }
  return [attacked, honest, { ...honest, id: `poisoned/${name}`, kind: 'poisoned', steps: [...steps, ...twin.work] }]
}

const LAUNCH = { transport: 'host', name: 'replay' } as const

function toolOf(server: string, name: string, note: ToolNote & { readonly description?: string }): RegisteredTool {
  const { description = '', ...rest } = note
  const places = Object.keys(note.args).map((path) => path.replace(/[.[{].*$/, ''))
  const definition = {
    name,
    description,
    inputSchema: { type: 'object', properties: Object.fromEntries(places.map((place) => [place, {}])) } as JsonObject,
  }
  const annotation = toAnnotation(rest)
  return registeredTool({ server, definition, pin: pinDigest(definition, LAUNCH), elevated: false, annotation })
}

/** What the server says later. The pin covers every member, whatever their order. */
function redefined(tool: RegisteredTool, description: string): RegisteredTool {
  const { name, inputSchema } = tool.definition
  const definition = { inputSchema, description, name }
  return { ...tool, definition, pin: pinDigest(definition, LAUNCH) }
}
