import {
  COMMAND_KEY,
  argumentFacts,
  argumentLeaves,
  effectOf,
  isToolName,
  nameSkeleton,
  NO_LINKS,
  toolId,
  toSallyportError,
  UNCLASSIFIED,
  withWritten,
  type ArgumentFacts,
  type ArgumentScalar,
  type Disk,
  type JsonObject,
  type RegisteredTool,
  type ToolAnnotation,
  type ToolDefinition,
} from '@sallyport/core'
import {
  pass,
  refuse,
  type DescribedCall,
  type Refusal,
  type RegistryPort,
  type Verdict,
} from '../../boundary/ports.ts'
import { unreadCommands, type CommandReader } from '../content/command/reader.ts'
import { SchemaCompiler, type ArgumentValidator } from './schema.ts'

/** `pinned` may run · `unreviewed` waits for an operator · `drifted` differs from its pin · `refused` could not be registered. */
export type ToolState = 'pinned' | 'unreviewed' | 'drifted' | 'disabled' | 'refused'

export interface CatalogueEntry {
  readonly tool: RegisteredTool
  readonly state: ToolState
  /** Why it may not run, for people. */
  readonly note: string
}

interface Slot extends CatalogueEntry {
  readonly validate: ArgumentValidator | undefined
}

const BLOCKED = {
  unreviewed: 'SP_MCP_TOOL_UNPINNED',
  drifted: 'SP_MCP_TOOL_DRIFT',
  disabled: 'SP_MCP_TOOL_DISABLED',
  refused: 'SP_MCP_TOOL_DISABLED',
} as const

/** Groups whose tools run what they are given. */
const RUNS: ReadonlySet<string> = new Set(['group:runtime', 'group:nodes'])
/** Elsewhere `code` may be a country and `script` a font. */
const SURELY_COMMAND = /^(?:command|cmd|shell)$/i
const VERDICTS = ['block', 'ask', 'clean'] as const

/** All tools by exact name. Lookups fold nothing: a name that only looks like another is unknown (T-078). */
export class ToolRegistry implements RegistryPort {
  readonly #servers = new Map<string, Map<string, Slot>>()
  readonly #schemas = new SchemaCompiler()
  readonly #commands: CommandReader
  readonly #disk: Disk
  readonly #here = new Set<string>()
  /** Tool id → the command that its argument is data of. */
  readonly #templates = new Map<string, string>()
  /** By skeletons of name and id; undefined: has to be made anew. */
  #byLook: ReadonlyMap<string, readonly Slot[]> | undefined

  /**
   * @param commands reads command lines; without one every command line asks
   * @param disk where links lead to in paths of servers that run here; without one no path holds a link
   */
  constructor(commands: CommandReader = unreadCommands, disk: Disk = NO_LINKS) {
    this.#commands = commands
    this.#disk = disk
  }

  /** Puts a tool in or replaces it. A schema that is refused, a bad name or a look-alike name blocks this tool alone. */
  set(entry: CatalogueEntry): void {
    this.#byLook = undefined
    const { tool } = entry
    const tools = this.#servers.get(tool.server) ?? new Map<string, Slot>()
    this.#servers.set(tool.server, tools)
    const twin = [...tools.values()].find(
      (other) => other.tool.name !== tool.name && nameSkeleton(other.tool.name) === nameSkeleton(tool.name),
    )
    const fault = isToolName(tool.name) ? twin && `Looks like ${twin.tool.name}.` : 'The name is not allowed.'
    tools.set(
      tool.name,
      fault === undefined ? this.#compiled(entry) : { ...entry, state: 'refused', note: fault, validate: undefined },
    )
  }

  /** The server runs on this machine, so its paths are paths of this machine. */
  runsHere(server: string): void {
    this.#here.add(server)
  }

  /** The argument of this tool is put into a command. */
  putsInto(id: string, template: string): void {
    this.#templates.set(id, template)
  }

  remove(server: string): void {
    this.#byLook = undefined
    this.#here.delete(server)
    for (const id of this.#templates.keys()) if (id.startsWith(`${server}.`)) this.#templates.delete(id)
    this.#servers.delete(server)
  }

  entries(server: string): readonly CatalogueEntry[] {
    return [...(this.#servers.get(server)?.values() ?? [])]
  }

  servers(): readonly string[] {
    return [...this.#servers.keys()]
  }

  /** Everything that may run, for the policy schema. */
  all(): readonly RegisteredTool[] {
    return this.servers().flatMap((server) => this.list(server))
  }

  list(server: string): readonly RegisteredTool[] {
    return this.entries(server).flatMap(({ tool, state }) => (state === 'pinned' ? [tool] : []))
  }

  resolve(server: string, name: string): Verdict<RegisteredTool> {
    const tools = this.#servers.get(server)
    if (tools === undefined) return refuse('SP_MCP_UNKNOWN_SERVER', 'The gateway knows no such server.')
    const slot = tools.get(name)
    if (slot === undefined) return refuse('SP_MCP_UNKNOWN_TOOL', 'The server has no tool with exactly this name.')
    return slot.state === 'pinned' ? pass(slot.tool) : refuse(BLOCKED[slot.state], slot.note)
  }

  named(name: string): ReturnType<RegistryPort['named']> {
    const plain = name.replace(/[\s\p{Cf}]/gu, '')
    const ways = [plain, plain.replace(/^mcp[_:./-]+/i, ''), plain.split(/__|[.:/]/).at(-1) ?? '']
    // a capital I looks like a small l, and means a small i
    const looks = ways.flatMap((way) => [nameSkeleton(way), nameSkeleton(way.toLowerCase())])
    const slots = new Set(looks.flatMap((look) => this.#looks().get(look) ?? []))
    return [...slots].map(({ tool, state, note }) => ({
      tool,
      state: state === 'pinned' ? undefined : (refuse(BLOCKED[state], note) satisfies Refusal),
    }))
  }

  #looks(): ReadonlyMap<string, readonly Slot[]> {
    if (this.#byLook !== undefined) return this.#byLook
    const looks = new Map<string, Slot[]>()
    for (const tools of this.#servers.values())
      for (const slot of tools.values())
        for (const look of [nameSkeleton(slot.tool.name), nameSkeleton(slot.tool.id)])
          looks.set(look, [...(looks.get(look) ?? []), slot])
    return (this.#byLook = looks)
  }

  validate(tool: RegisteredTool, args: JsonObject): Verdict<null> {
    const validate = this.#servers.get(tool.server)?.get(tool.name)?.validate
    if (validate === undefined) return refuse('SP_MCP_TOOL_DISABLED', 'The schema of the tool cannot be used.')
    let problems: readonly string[]
    try {
      problems = validate(args)
    } catch (thrown) {
      const { code, message } = toSallyportError(thrown, 'SP_MCP_SCHEMA_REFUSED')
      return refuse(code, message)
    }
    return problems.length === 0
      ? pass(null)
      : refuse('SP_MCP_INVALID_ARGUMENTS', problems.slice(0, 3).join('; ').slice(0, 400))
  }

  /** What the command lines of a call would do, by two shell parsers; the worst one speaks. */
  #withCommands(
    tool: RegisteredTool,
    facts: ArgumentFacts,
    leaves: readonly ArgumentScalar[],
    cwd: string | undefined,
  ): ArgumentFacts {
    const isCommand = tool.annotation.groups.some((group) => RUNS.has(group)) ? COMMAND_KEY : SURELY_COMMAND
    const template = this.#templates.get(tool.id)
    const readings = leaves.flatMap(({ key, value }) => {
      if (typeof value !== 'string') return []
      if (template !== undefined) return [this.#commands.bind(template, value)]
      return isCommand.test(key) ? [this.#commands.read(value, cwd)] : []
    })
    if (readings.length === 0) return facts
    const verdicts = readings.map(({ verdict }) => verdict)
    const command = VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? 'ask'
    const effects = new Set(readings.flatMap((reading) => reading.effects))
    const programs = new Set([...facts.commands, ...readings.flatMap((reading) => reading.programs)])
    return { ...facts, command, commandEffects: [...effects].sort(), commands: [...programs] }
  }

  #compiled(entry: CatalogueEntry): Slot {
    try {
      return { ...entry, validate: this.#schemas.compile(entry.tool.definition.inputSchema) }
    } catch (thrown) {
      return { ...entry, state: 'refused', note: toSallyportError(thrown).message, validate: undefined }
    }
  }

  describe(tool: RegisteredTool, args: JsonObject, cwd?: string): DescribedCall {
    const leaves = argumentLeaves(tool.annotation, args, tool.definition.inputSchema)
    const facts = this.#withCommands(tool, argumentFacts(tool, args, leaves, cwd, this.#diskOf(tool)), leaves, cwd)
    return { leaves, facts, effect: effectOf(tool.annotation, args) }
  }

  describeWritten(tool: RegisteredTool, facts: ArgumentFacts, written: readonly string[], cwd: string): ArgumentFacts {
    return withWritten(facts, written, cwd, this.#diskOf(tool))
  }

  #diskOf({ server }: RegisteredTool): Disk {
    return this.#here.has(server) ? this.#disk : NO_LINKS
  }
}

/** Puts a definition, its pin and what is said about it together. */
export function registeredTool(of: {
  readonly server: string
  readonly definition: ToolDefinition
  readonly pin: string
  readonly annotation: ToolAnnotation | undefined
  /** Label of the results when the annotation says nothing about them. */
  readonly result?: NonNullable<ToolAnnotation['result']>
  readonly elevated: boolean
}): RegisteredTool {
  const { server, definition, pin, elevated } = of
  const { name } = definition
  const annotated = of.annotation !== undefined
  const annotation = { ...(of.result === undefined ? {} : { result: of.result }), ...(of.annotation ?? UNCLASSIFIED) }
  return { id: toolId(server, name), server, name, definition, pin, annotation, annotated, elevated }
}
