import {
  errorMessage,
  isJsonObject,
  META_SUBSCRIPTION,
  notificationMessage,
  resultMessage,
  type JsonObject,
} from '@sallyport/core'
import type { Reply } from './reply.ts'
import type { ClientSession, RequestContext } from './session.ts'

const MAX_LISTENERS = 32
const MAX_URIS = 100

interface Listener {
  readonly idText: string
  readonly methods: ReadonlySet<string>
  readonly uris: ReadonlySet<string>
  readonly reply: Reply
}

const FLAGS = [
  ['toolsListChanged', 'notifications/tools/list_changed', 'tools'],
  ['promptsListChanged', 'notifications/prompts/list_changed', 'prompts'],
  ['resourcesListChanged', 'notifications/resources/list_changed', 'resources'],
] as const

/**
 * `subscriptions/listen` (2026-07-28), held by the gateway: it listens upstream with an id of its own and tells each listener
 * under the id of his request. Every resource URI is decided by policy first.
 */
export class Subscriptions {
  private readonly session: ClientSession
  private readonly listeners = new Set<Listener>()
  private readonly ends = new Set<() => void>()

  constructor(session: ClientSession) {
    this.session = session
  }

  listensTo(uri: string): boolean {
    return [...this.listeners].some((listener) => listener.uris.has(uri))
  }

  deliver(method: string, uri?: string): void {
    for (const listener of this.listeners) {
      if (uri === undefined ? listener.methods.has(method) : listener.uris.has(uri)) tell(listener, method, uri)
    }
  }

  close(): void {
    for (const end of this.ends) end()
  }

  async listen(context: RequestContext): Promise<void> {
    const { request, reply, signal } = context
    const { notifications } = request.params
    if (!isJsonObject(notifications)) {
      return reply.end(errorMessage(request.idText, -32602, 'params.notifications is missing.'), -32602)
    }
    if (this.listeners.size >= MAX_LISTENERS) {
      return this.session.refuse(request, reply, 'SP_AUTHZ_RATE', 'Too many subscriptions are open.')
    }
    const methods = new Set<string>()
    const honoured: Record<string, boolean | readonly string[]> = {}
    const offered = await this.offered()
    for (const [flag, method, capability] of FLAGS) {
      if (notifications[flag] !== true || !offered.has(capability)) continue
      methods.add(method)
      honoured[flag] = true
    }
    const uris = await this.allowedUris(context, notifications['resourceSubscriptions'])
    if (uris.size > 0) honoured['resourceSubscriptions'] = [...uris]
    const listener: Listener = { idText: request.idText, methods, uris, reply }
    this.listeners.add(listener)
    tell(listener, 'notifications/subscriptions/acknowledged', undefined, { notifications: honoured })
    const ended = Object.keys(honoured).length === 0 ? Promise.resolve() : this.hold(honoured, signal)
    await ended
    this.listeners.delete(listener)
    if (signal.aborted) return reply.none()
    const result = `{"resultType":"complete","_meta":{${JSON.stringify(META_SUBSCRIPTION)}:${request.idText}}}`
    reply.end(resultMessage(request.idText, result))
  }

  /** Capabilities with `listChanged` of the servers in scope. */
  private async offered(): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    for (const entry of this.session.entries()) {
      const opened = await this.session.link(entry).open()
      if (!opened.ok) continue
      for (const [name, value] of Object.entries(opened.value.capabilities)) {
        if (isJsonObject(value) && value['listChanged'] === true) found.add(name)
      }
    }
    return found
  }

  /** Listens at every server in scope until the client goes, the session ends, or all servers have ended it. */
  private async hold(filter: JsonObject, signal: AbortSignal): Promise<void> {
    const stop = new AbortController()
    const both = AbortSignal.any([signal, stop.signal])
    const gone = new Promise<void>((resolve) => {
      const end = (): void => {
        this.ends.delete(end)
        stop.abort()
        resolve()
      }
      this.ends.add(end)
      if (signal.aborted) end()
      else signal.addEventListener('abort', end, { once: true })
    })
    for (const { alias } of this.session.entries()) {
      this.session.upstreams.listen(alias, this.session.caller.connection, filter, both).catch(() => undefined)
    }
    await gone
  }

  private async allowedUris(
    context: RequestContext,
    wanted: JsonObject[string] | undefined,
  ): Promise<ReadonlySet<string>> {
    const { session } = this
    const allowed = new Set<string>()
    if (!Array.isArray(wanted) || session.scope.kind !== 'server') return allowed
    const { entry } = session.scope
    const opened = await session.link(entry).open()
    const resources = opened.ok ? opened.value.capabilities['resources'] : undefined
    if (!opened.ok || !isJsonObject(resources) || resources['subscribe'] !== true) return allowed
    for (const uri of wanted.slice(0, MAX_URIS)) {
      if (typeof uri !== 'string') continue
      const crossed = await session.boundary.cross(session.caller, {
        requestId: context.request.idText.slice(0, 200),
        server: entry.alias,
        tool: 'mcp:resources/subscribe',
        argsText: JSON.stringify({ uri }),
        meta: {},
        // A server of the 2026 era is told by the gateway's own subscription; one of the 2025 era by this call.
        enforcement: opened.value.era === 'modern' ? 'host' : 'gateway',
        approvalWaitMs: 0,
      })
      if (crossed.outcome === 'delegated') await session.boundary.report(session.caller, crossed.auditId, 'success')
      if (crossed.outcome === 'delegated' || crossed.outcome === 'executed') allowed.add(uri)
    }
    return allowed
  }
}

function tell(listener: Listener, method: string, uri?: string, params: JsonObject = {}): void {
  const body = JSON.stringify({ ...params, ...(uri === undefined ? {} : { uri }) })
  const meta = `"_meta":{${JSON.stringify(META_SUBSCRIPTION)}:${listener.idText}}`
  const paramsText = body === '{}' ? `{${meta}}` : `${body.slice(0, -1)},${meta}}`
  listener.reply.send(notificationMessage(method, paramsText))
}
