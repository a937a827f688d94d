import {
  canonicalJson,
  isJsonObject,
  notificationMessage,
  type Json,
  type JsonObject,
  type ListedTool,
  type OpenOptions,
  type ServerAnswer,
  type ServerFacts,
  type ServerMessages,
} from '@sallyport/core'
import type { Verdict } from '../../boundary/ports.ts'
import { permittedCapabilities } from './capabilities.ts'
import type { McpServerEntry } from './ports.ts'
import type { LinkHost } from './link-host.ts'
import { answerServerRequest } from './server-requests.ts'

/** ms in which equal list changes are merged, and notifications a second that reach a client. */
const MERGE_MS = 200
const MAX_PER_SECOND = 20
const MAX_NOTIFICATION = 16 * 1024
/** Notifications that may wait for their inspection; more are dropped. */
const MAX_WAITING = 64
const LIST_CHANGES = /^notifications\/(tools|prompts|resources)\/list_changed$/

/** One client's link to one server: opened on first use, its tools observed before the first call. */
export class ServerLink implements ServerMessages {
  readonly entry: McpServerEntry
  readonly subscribed = new Set<string>()
  private readonly host: LinkHost
  private opened: Promise<Verdict<ServerFacts>> | undefined
  /** What the server was told of the client when the connection was opened. */
  private told = ''
  private observed: Promise<Verdict<readonly ListedTool[]>> | undefined
  private readonly canonical = new Map<string, string>()
  private readonly merging = new Set<string>()
  private second = 0
  private sent = 0
  private waiting = 0
  private forwarded: Promise<void> = Promise.resolve()

  constructor(entry: McpServerEntry, host: LinkHost) {
    this.entry = entry
    this.host = host
  }

  /** Opens the server's connection with the era of the client, once. */
  async open(): Promise<Verdict<ServerFacts>> {
    const options = this.openOptions()
    const told = JSON.stringify([options.prefer, options.version, options.capabilities])
    if (told !== this.told) this.opened = undefined
    this.told = told
    this.opened ??= this.host.upstreams.open(this.entry.alias, this.host.caller.connection, options)
    const result = await this.opened
    if (!result.ok) this.opened = undefined
    return result
  }

  /** What the server lists now; the catalogue has seen it when this resolves. */
  async list(): Promise<Verdict<readonly ListedTool[]>> {
    const opened = await this.open()
    if (!opened.ok) return opened
    const listed = await this.host.upstreams.listTools(this.entry.alias, this.host.caller.connection)
    if (!listed.ok) return listed
    const tools = listed.value.map(({ definition }) => definition)
    const { serverInfo, instructions } = opened.value
    await this.host.catalogue.observe(this.entry.alias, { tools, serverInfo, instructions })
    return listed
  }

  /** Makes sure that the catalogue has seen the server's tools before the first call. */
  async ready(): Promise<Verdict<null>> {
    this.observed ??= this.list()
    const result = await this.observed
    if (result.ok) return { ok: true, value: null }
    this.observed = undefined
    return result
  }

  /** Texts of the listed tools that equal one of the pinned definitions, byte for byte as listed (T-083, T-084). */
  pinnedTexts(listed: readonly ListedTool[], pinned: ReadonlyMap<string, Json>): readonly ListedTool[] {
    return listed.filter(({ definition, text }) => {
      const reviewed = pinned.get(definition.name)
      return reviewed !== undefined && this.canonicalOf(text, definition as unknown as Json) === canonicalJson(reviewed)
    })
  }

  notification(method: string, params: JsonObject, paramsText: string): void {
    if (LIST_CHANGES.test(method)) return this.merge(method)
    if (method === 'notifications/resources/updated') {
      const { uri } = params
      if (typeof uri === 'string' && (this.subscribed.has(uri) || this.host.listensTo(uri))) {
        this.forward(method, JSON.stringify({ uri }))
      }
      return
    }
    if (method === 'notifications/message') {
      // A client of the 2026 era cannot listen for them here: what it never sees is not read by it either.
      if (this.host.client().era === 'legacy') this.forward(method, paramsText)
      return
    }
    this.host.refused('SP_MCP_METHOD_REFUSED', `Server ${this.entry.alias} sent ${method.slice(0, 60)}.`)
  }

  request(method: string, params: JsonObject, paramsText: string, signal: AbortSignal): Promise<ServerAnswer> {
    return answerServerRequest(this.host, this.entry, { method, params, paramsText, signal })
  }

  closed(): void {
    this.opened = undefined
    this.observed = undefined
    this.subscribed.clear()
  }

  private openOptions(): OpenOptions {
    const { era, version, capabilities } = this.host.client()
    return {
      prefer: era,
      ...(version === undefined ? {} : { version }),
      capabilities: permittedCapabilities(capabilities, this.entry),
      handler: this,
    }
  }

  private canonicalOf(text: string, definition: Json): string {
    const known = this.canonical.get(text)
    if (known !== undefined) return known
    const canonical = canonicalJson(definition)
    if (this.canonical.size > 2_000) this.canonical.clear()
    this.canonical.set(text, canonical)
    return canonical
  }

  /** A storm of list changes is one list change; for tools the catalogue looks first (T-066, T-084). */
  private merge(method: string): void {
    if (this.merging.has(method)) return
    this.merging.add(method)
    const tell = async (): Promise<void> => {
      this.merging.delete(method)
      if (method === 'notifications/tools/list_changed') {
        this.observed = undefined
        await this.ready()
      }
      this.host.notify(method, notificationMessage(method, '{}'))
    }
    setTimeout(() => {
      tell().catch(() => undefined)
    }, MERGE_MS).unref()
  }

  private forward(method: string, paramsText: string): void {
    const now = Math.floor(performance.now() / 1000)
    if (now !== this.second) {
      this.second = now
      this.sent = 0
    }
    if (++this.sent > MAX_PER_SECOND || paramsText.length > MAX_NOTIFICATION) return
    if (this.waiting >= MAX_WAITING) return
    this.waiting += 1
    // One after the other: none overtakes another, nor the label that an earlier one is still writing.
    this.forwarded = this.forwarded.then(async () => {
      try {
        const text = await this.host.inspect(this.entry.alias, method, paramsText)
        if (text !== undefined) this.host.notify(method, notificationMessage(method, text), uriOf(text))
      } catch {
        this.host.refused('SP_MCP_UPSTREAM_PROTOCOL', `A notification of ${this.entry.alias} could not be inspected.`)
      } finally {
        this.waiting -= 1
      }
    })
  }
}

function uriOf(paramsText: string): string | undefined {
  const params: unknown = JSON.parse(paramsText)
  return isJsonObject(params) && typeof params['uri'] === 'string' ? params['uri'] : undefined
}
