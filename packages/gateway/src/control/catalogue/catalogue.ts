import {
  isJsonObject,
  isServerAlias,
  SallyportError,
  launchDigest,
  pinDigest,
  type Disk,
  type Json,
  type JsonObject,
  toolId,
  type LaunchSpec,
  type LogRecord,
  type RegisteredTool,
  type ToolAnnotation,
  type ToolDefinition,
} from '@sallyport/core'
import type { CommandReader } from '../content/command/reader.ts'
import { pass, refuse, type Clock, type EvidencePort, type Random, type Verdict } from '../../boundary/ports.ts'
import { everyDocument } from '../../store/every.ts'
import type { Document, Store } from '../../store/ports.ts'
import type { ToolNote } from '../../config/tool-note.ts'
import { claimedAnnotation, sheetFor, toAnnotation, type CatalogueSheet } from './annotations.ts'
import { methodTools } from './methods.ts'
import { registeredTool, ToolRegistry, type CatalogueEntry, type ToolState } from './registry.ts'

/** What the operator configured for one server. */
interface ServerNotes {
  readonly trust: 'untrusted' | 'semi-trusted' | 'trusted'
  readonly tools: Readonly<Record<string, ToolNote>>
  readonly disabled: readonly string[]
}

export interface CatalogueDeps {
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly commands?: CommandReader
  readonly disk?: Disk
  /** Read when the first server that may have one is known. @throws SallyportError SP_CONFIG_INVALID */
  readonly sheets: () => readonly CatalogueSheet[]
  readonly notes: Readonly<Record<string, ServerNotes>>
  readonly elevated: readonly string[]
  /** `first-use`: a new tool is pinned when it is first seen, and listed for review; `review`: it waits for an operator. */
  readonly pinning: 'first-use' | 'review'
  /** Told about every change of what may run, before the change is answered: policy types itself against it. */
  readonly changed: (tools: readonly RegisteredTool[]) => Promise<void>
}

export interface Observation {
  readonly added: readonly string[]
  readonly drifted: readonly string[]
  readonly refused: readonly string[]
}

/** One tool, pinned and as last seen: what `mcp diff` shows. */
export interface ToolDrift {
  readonly tool: string
  readonly pinned: ToolDefinition
  readonly seen: ToolDefinition
}

/** Where what is said of a tool comes from; `unknown` counts as the worst case (E-18). */
export type AnnotationSource = 'operator' | 'catalogue' | 'claim' | 'unknown'

/** A definition that was pinned, or is. Times in ms since 1970. */
interface PastPin {
  readonly pin: string
  readonly by: string
  readonly at: number
  readonly definition: ToolDefinition
}

export interface PinView extends PastPin {
  readonly tool: string
  readonly state: string
  /** When the server first offered what differs; 0: it does not. */
  readonly seenAt: number
  /** Who looked at the difference and left it held. */
  readonly kept?: { readonly by: string; readonly at: number }
  /** Newest first. */
  readonly history: readonly PastPin[]
}

/** Earlier pins of one tool that are kept. */
const MOST_PINS = 12

const HERE: ReadonlySet<LaunchSpec['transport']> = new Set(['host', 'stdio', 'commands'])

/** A command in a sandbox reaches nothing outside; what it changes and prints nobody vouches for. */
const COMMAND: ToolAnnotation = {
  effect: 'write',
  groups: ['group:runtime'],
  args: { command: 'selector', arg: 'selector' },
  irreversible: false,
  persist: false,
}

/**
 * Which servers and tools there are, and which definition of each was reviewed. Calls are resolved against pins, never
 * against what a server says today (T-083, T-084).
 */
export class Catalogue {
  readonly registry: ToolRegistry
  readonly #deps: CatalogueDeps
  readonly #launches = new Map<string, LaunchSpec>()
  readonly #directories = new Map<string, string>()
  /** Pin → what the registry shows of it: what this node wrote itself comes back as a change and is none. */
  readonly #shown = new Map<string, string>()
  #queue: Promise<unknown> = Promise.resolve()
  #announcing: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  private constructor(deps: CatalogueDeps) {
    this.#deps = deps
    this.registry = new ToolRegistry(deps.commands, deps.disk)
  }

  /** Reads servers and pins from the store and follows their changes on other nodes. */
  static async open(deps: CatalogueDeps): Promise<Catalogue> {
    const catalogue = new Catalogue(deps)
    for (const { id, body } of await everyDocument(deps.store, 'server')) {
      catalogue.#know(id, body['launch'] as never)
      if (typeof body['cwd'] === 'string') catalogue.#directories.set(id, body['cwd'])
    }
    for (const document of await everyDocument(deps.store, 'pin')) catalogue.#show(document)
    await deps.changed(catalogue.registry.all())
    deps.store.watch(({ kind, id }) => {
      if (kind === 'pin') void catalogue.#serially(() => catalogue.#refresh(id)).catch(() => undefined)
    })
    return catalogue
  }

  servers(): readonly { readonly alias: string; readonly launch: LaunchSpec }[] {
    return [...this.#launches].map(([alias, launch]) => ({ alias, launch }))
  }

  launch(alias: string): LaunchSpec | undefined {
    return this.#launches.get(alias)
  }

  /**
   * Names a server. The first launch under an alias is kept; another one under the same alias is refused until an operator
   * forgets the server (T-083: a changed configuration entry).
   */
  async addServer(alias: string, launch: LaunchSpec, cwd?: string): Promise<Verdict<null>> {
    const known = this.#launches.has(alias)
    const added = await this.#addServer(alias, launch, cwd)
    if (added.ok && !known) await this.#announce()
    return added
  }

  /** Directory a registered command runs in; what an agent asks for later does not change it. */
  directory(alias: string): string | undefined {
    return this.#directories.get(alias)
  }

  async #addServer(alias: string, launch: LaunchSpec, cwd?: string): Promise<Verdict<null>> {
    if (!isServerAlias(alias))
      return refuse('SP_MCP_UNKNOWN_SERVER', 'A server alias is a-z, 0-9 and single dashes, at most 32.')
    return this.#serially(async () => {
      const known = this.#launches.get(alias)
      if (known !== undefined) {
        if (launchDigest(known) === launchDigest(launch)) return pass(null)
        return refuse(
          'SP_MCP_TOOL_DRIFT',
          `The server ${alias} is started in another way than the one that was reviewed.`,
        )
      }
      const body = { launch: launch as unknown as JsonObject, ...(cwd === undefined ? {} : { cwd }) }
      if (!(await this.#deps.store.put({ kind: 'server', id: alias, state: 'known', expiresAt: 0, body }, 0))) {
        const stored = await this.#deps.store.get('server', alias)
        if (stored === undefined) return refuse('SP_STORE_TAMPERED', `The entry of server ${alias} cannot be read.`)
        this.#know(alias, stored.body['launch'] as never)
        return launchDigest(stored.body['launch'] as never) === launchDigest(launch)
          ? pass(null)
          : refuse('SP_MCP_TOOL_DRIFT', `The server ${alias} is started in another way than the one that was reviewed.`)
      }
      this.#know(alias, launch)
      if (cwd !== undefined) this.#directories.set(alias, cwd)
      await this.#record('server.added', alias, { launch: launch as unknown as JsonObject })
      return pass(null)
    })
  }

  /** Forgets a server and its pins, so that it can be reviewed anew. */
  async removeServer(alias: string): Promise<void> {
    await this.#serially(async () => {
      for (const { kind, id, version, body } of await everyDocument(this.#deps.store, 'pin')) {
        if (body['server'] === alias) await this.#deps.store.remove(kind, id, version)
      }
      const stored = await this.#deps.store.get('server', alias)
      if (stored !== undefined) await this.#deps.store.remove('server', alias, stored.version)
      this.#launches.delete(alias)
      this.registry.remove(alias)
      await this.#record('server.removed', alias, {})
    })
    await this.#announce()
  }

  /**
   * Compares what a server offers with the pins. New tools are pinned or held by `pinning`; a difference blocks that tool until
   * an operator accepts it; a tool that is merely absent changes nothing.
   */
  async observe(alias: string, definitions: readonly ToolDefinition[]): Promise<Observation> {
    const launch = this.#launches.get(alias)
    const report = { added: [] as string[], drifted: [] as string[], refused: [] as string[] }
    if (launch === undefined) return report
    if (definitions.every((definition) => this.#isPinned(alias, definition, launch))) return report
    await this.#serially(async () => {
      for (const definition of definitions) await this.#observeOne(alias, definition, launch, report)
    })
    if (report.added.length + report.drifted.length > 0) await this.#announce()
    return report
  }

  /**
   * Accepts what was last seen of the named tools (all of the server when none are named) as the reviewed definition.
   * `reviewed` is what the operator looked at, tool → digest: a server that changes in between is not pinned (T-084).
   */
  async pin(
    alias: string,
    tools: readonly string[],
    by: string,
    reviewed?: Readonly<Record<string, string>>,
  ): Promise<readonly string[]> {
    const pinned = await this.#serially(async () => {
      const done: string[] = []
      for (const document of await everyDocument(this.#deps.store, 'pin')) {
        const definition = (document.body['seen'] ?? document.body['definition']) as unknown as ToolDefinition
        const wanted = document.body['server'] === alias && (tools.length === 0 || tools.includes(definition.name))
        const launch = this.#launches.get(alias)
        if (!wanted || launch === undefined) continue
        if (reviewed !== undefined && reviewed[definition.name] !== pinDigest(definition, launch)) {
          throw new SallyportError('SP_MCP_TOOL_DRIFT', `${definition.name} is not what was looked at; look again.`)
        }
        await this.#write(document, definition, launch, 'pinned', by)
        done.push(document.id)
      }
      return done
    })
    await this.#announce()
    return pinned
  }

  async drifts(alias: string): Promise<readonly ToolDrift[]> {
    const documents = await everyDocument(this.#deps.store, 'pin')
    return documents.flatMap(({ id, state, body }) =>
      body['server'] === alias && state === 'drifted'
        ? [{ tool: id, pinned: body['definition'] as never, seen: body['seen'] as never }]
        : [],
    )
  }

  /** Pins of a server's tools, with those before them, newest first. */
  async pins(alias: string): Promise<readonly PinView[]> {
    const documents = await everyDocument(this.#deps.store, 'pin')
    return documents.filter(({ body }) => body['server'] === alias).map(pinView)
  }

  /**
   * Somebody looked at what changed and leaves it held: recorded, and not asked about again until the tool changes once more.
   * `reviewed`: tool → digest of what was looked at. @throws SallyportError SP_MCP_TOOL_DRIFT when it is something else now
   */
  async keepHeld(alias: string, by: string, reviewed: Readonly<Record<string, string>>): Promise<readonly string[]> {
    return this.#serially(async () => {
      const done: string[] = []
      for (const [name, digest] of Object.entries(reviewed)) {
        const stored = await this.#deps.store.get('pin', toolId(alias, name))
        if (stored?.state !== 'drifted' || stored.body['seenPin'] !== digest)
          throw new SallyportError('SP_MCP_TOOL_DRIFT', `${name} is not what was looked at; look again.`)
        await this.#record('tool.kept-held', stored.id, { pin: text(stored.body['pin']), seenPin: digest, by }, 'warn')
        const body = { ...stored.body, kept: { by, at: this.#deps.clock.now() } }
        await this.#keep(stored.id, 'drifted', body, stored.version)
        done.push(stored.id)
      }
      return done
    })
  }

  /** Who said what a tool does: the operator, the shipped catalogue, the program itself, or nobody. */
  annotatedBy(alias: string, name: string): AnnotationSource {
    const launch = this.#launches.get(alias)
    if (this.#deps.notes[alias]?.tools[name] !== undefined) return 'operator'
    if (launch !== undefined && sheetFor(this.#deps.sheets, launch)?.tools[name] !== undefined) return 'catalogue'
    if (launch?.transport === 'commands') return 'catalogue'
    return launch?.transport === 'sdk' ? 'claim' : 'unknown'
  }

  entries(alias: string): readonly CatalogueEntry[] {
    return this.registry.entries(alias)
  }

  /** A known server has its methods as tools at once; its own tools come with its first listing. */
  #know(alias: string, launch: LaunchSpec): void {
    this.#launches.set(alias, launch)
    if (HERE.has(launch.transport)) this.registry.runsHere(alias)
    if (launch.transport === 'commands') {
      const commands = JSON.parse(launch.commands) as Readonly<Record<string, { readonly template?: string }>>
      for (const [name, { template }] of Object.entries(commands))
        if (template !== undefined) this.registry.putsInto(toolId(alias, name), template)
    }
    for (const { definition, annotation } of methodTools(launch)) {
      const pin = pinDigest(definition, launch)
      const labelled = { ...annotation, result: annotation.result ?? this.#trusted(alias) }
      const tool = registeredTool({ server: alias, definition, pin, annotation: labelled, elevated: false })
      this.registry.set({ tool, state: 'pinned', note: '' })
    }
  }

  /** Label of results that nobody described, by how far the operator trusts the server. */
  #trusted(alias: string): NonNullable<ToolAnnotation['result']> {
    return TRUST[this.#deps.notes[alias]?.trust ?? 'untrusted']
  }

  #isPinned(alias: string, definition: ToolDefinition, launch: LaunchSpec): boolean {
    const resolved = this.registry.resolve(alias, definition.name)
    return resolved.ok && resolved.value.pin === pinDigest(definition, launch)
  }

  async #observeOne(
    alias: string,
    definition: ToolDefinition,
    launch: LaunchSpec,
    report: { added: string[]; drifted: string[]; refused: string[] },
  ): Promise<void> {
    const id = `${alias}.${definition.name}`
    const stored = await this.#deps.store.get('pin', id)
    const pin = pinDigest(definition, launch)
    if (stored === undefined) {
      const state: ToolState = this.#deps.pinning === 'first-use' ? 'pinned' : 'unreviewed'
      await this.#write(undefined, definition, launch, state, 'first-use', alias)
      const shown = this.registry.entries(alias).find(({ tool }) => tool.name === definition.name)
      ;(shown?.state === 'refused' ? report.refused : report.added).push(id)
    } else if (stored.body['pin'] !== pin) {
      const seenBefore = stored.state === 'drifted' && stored.body['seenPin'] === pin
      if (!seenBefore) await this.#drift(stored, definition, pin)
      report.drifted.push(id)
    }
  }

  async #write(
    before: Document | undefined,
    definition: ToolDefinition,
    launch: LaunchSpec,
    state: ToolState,
    by: string,
    alias = text(before?.body['server']),
  ): Promise<void> {
    const id = `${alias}.${definition.name}`
    const pin = pinDigest(definition, launch)
    const made = { definition: definition as unknown as JsonObject, pin, by, at: this.#deps.clock.now() }
    const body = { server: alias, ...made, history: earlierPins(before) }
    await this.#keep(id, state, body, before?.version ?? 0)
    await this.#record(state === 'pinned' ? 'tool.pinned' : 'tool.seen', id, { pin, by })
  }

  async #drift(stored: Document, seen: ToolDefinition, seenPin: string): Promise<void> {
    const { kept: _, ...rest } = stored.body
    const body = { ...rest, seen: seen as unknown as JsonObject, seenPin, seenAt: this.#deps.clock.now() }
    await this.#keep(stored.id, 'drifted', body, stored.version)
    await this.#record('tool.drifted', stored.id, { pin: text(stored.body['pin']), seenPin }, 'warn')
  }

  /** Stores a pin and shows what is stored then, also when another node was first. */
  async #keep(id: string, state: ToolState, body: JsonObject, expected: number): Promise<void> {
    await this.#deps.store.put({ kind: 'pin', id, state, expiresAt: 0, body }, expected)
    const stored = await this.#deps.store.get('pin', id)
    if (stored !== undefined) this.#show(stored)
  }

  async #refresh(id: string): Promise<void> {
    const document = await this.#deps.store.get('pin', id)
    if (document === undefined) return void this.#shown.delete(id)
    if (this.#shown.get(id) === markOf(document)) return
    this.#show(document)
    await this.#announce()
  }

  #show(document: Document): void {
    const { id, body, state } = document
    this.#shown.set(id, markOf(document))
    const definition = body['definition'] as unknown as ToolDefinition
    const server = text(body['server'])
    const tool = registeredTool({
      server,
      definition,
      pin: text(body['pin']),
      annotation: this.#annotation(server, definition),
      result: this.#trusted(server),
      elevated: this.#deps.elevated.some((name) => name === definition.name || name === `${server}.${definition.name}`),
    })
    const shown =
      this.#deps.notes[server]?.disabled.includes(definition.name) === true ? 'disabled' : (state as ToolState)
    this.registry.set({ tool, state: shown, note: NOTES[shown] })
  }

  #annotation(server: string, definition: ToolDefinition): ToolAnnotation | undefined {
    const { name } = definition
    const launch = this.#launches.get(server)
    const shipped = launch === undefined ? undefined : sheetFor(this.#deps.sheets, launch)?.tools[name]
    const note = this.#deps.notes[server]?.tools[name] ?? shipped
    if (note !== undefined) return toAnnotation(note)
    if (launch?.transport === 'commands') return COMMAND
    return launch?.transport === 'sdk' ? claimedAnnotation(definition) : undefined
  }

  /** Tells about the tools there are now. Changes that come while one is being told are told together after it. */
  #announce(): Promise<void> {
    this.#next ??= this.#announcing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        this.#announcing = this.#deps.changed(this.registry.all())
        return this.#announcing
      })
    return this.#next
  }

  /** One change at a time on this node; compare-and-set in the store settles races between nodes. */
  #serially<T>(task: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(task, task)
    this.#queue = next.catch(() => undefined)
    return next
  }

  async #record(what: string, id: string, extra: JsonObject, level: 'info' | 'warn' = 'info'): Promise<void> {
    const record: LogRecord = {
      kind: 'tool',
      auditId: this.#deps.random.uuid(),
      timestamp: new Date(this.#deps.clock.now()).toISOString(),
      level,
      change: what,
      toolName: id,
      ...extra,
    }
    await this.#deps.evidence.append([record])
  }
}

function earlierPins(before: Document | undefined): JsonObject[] {
  if (before === undefined) return []
  const { definition = {}, pin = '', by = '', at = 0, history } = before.body
  const earlier = Array.isArray(history) ? (history as JsonObject[]) : []
  return [{ definition, pin, by, at }, ...earlier].slice(0, MOST_PINS)
}

const pinView = ({ id, state, body }: Document): PinView => {
  const { pin, by, at, definition, history, seenAt, kept } = body
  return {
    ...{ tool: id, state, pin: text(pin), by: text(by), at: Number(at ?? 0) },
    definition: definition as unknown as ToolDefinition,
    seenAt: state === 'drifted' ? Number(seenAt ?? 0) : 0,
    ...(isJsonObject(kept) ? { kept: { by: text(kept['by']), at: Number(kept['at'] ?? 0) } } : {}),
    history: (Array.isArray(history) ? history : []) as unknown as readonly PastPin[],
  }
}

/** A pin that was removed and made anew has its first version again. */
const markOf = ({ version, updatedAt, state, body }: Document): string =>
  `${version} ${updatedAt} ${state} ${text(body['pin'])} ${text(body['seenPin'])}`

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

const TRUST = {
  untrusted: { integrity: 1, confidentiality: 1 },
  'semi-trusted': { integrity: 2, confidentiality: 1 },
  trusted: { integrity: 3, confidentiality: 1 },
} as const

const NOTES: Record<ToolState, string> = {
  pinned: '',
  unreviewed: 'The tool waits for an operator’s review.',
  drifted: 'The definition differs from the one that was reviewed.',
  disabled: 'The tool is switched off in the configuration.',
  refused: 'The tool could not be registered.',
}
