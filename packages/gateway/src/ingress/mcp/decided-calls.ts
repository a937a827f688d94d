import {
  entrySpans,
  errorMessage,
  isJsonObject,
  memberText,
  MISSING_CAPABILITY,
  notificationMessage,
  resultMessage,
  splitCall,
  withMember,
  withoutMembers,
  type JsonObject,
  type SplitCall,
} from '@sallyport/core'
import type { CrossingResult, IncomingCall } from '../../boundary/ports.ts'
import { askAboutApproval, approvalQuestion } from './approval-question.ts'
import { aggregatedName, splitName } from './names.ts'
import type { McpServerEntry } from './ports.ts'
import { fitResult, renderCrossing } from './render.ts'
import type { ClientSession, RequestContext } from './session.ts'
import { isVisitor } from './visitors.ts'

const APPROVAL_WAIT_MS = 50_000
/** ms between progress notifications while a human is waited for. */
const TICK_MS = 10_000
const MAX_MERGED_PAGES = 20

interface Target {
  readonly entry: McpServerEntry
  readonly paramsText: string
}

/** Requests that policy decides: each crosses the boundary, and what comes back is what the boundary says. */
export class DecidedCalls {
  private readonly session: ClientSession
  /** Aggregated endpoint: which server listed a resource. Two that list the same one make it nobody's (T-085). */
  private readonly resourceOwner = new Map<string, string | undefined>()

  constructor(session: ClientSession) {
    this.session = session
  }

  async run(context: RequestContext): Promise<void> {
    const { session } = this
    const { request, reply } = context
    // tasks are refused (T-068): a call ends with its answer, and so does what was said about it
    if ('task' in request.params)
      return session.refuse(request, reply, 'SP_MCP_METHOD_REFUSED', 'Calls do not go on as tasks.')
    if (session.scope.kind === 'aggregate' && MERGED.has(request.method)) return this.merge(context)
    const target = this.target(context)
    if (target === undefined) {
      const unknown = request.method === 'tools/call' ? 'SP_MCP_UNKNOWN_TOOL' : 'SP_MCP_UNKNOWN_SERVER'
      // strangers are not told what is there
      const code = isVisitor(session.caller) ? 'SP_SURFACE_SCOPE' : unknown
      return session.refuse(request, reply, code, 'No server of this endpoint has it under exactly this name.')
    }
    const ready = await session.link(target.entry).ready()
    if (!ready.ok) return session.refuseUpstream(request, reply, ready)
    const call = split(request.method, target)
    const resumed = this.resume(context, target, call)
    if (!resumed.ok)
      return session.refuse(request, reply, 'SP_MCP_INVALID_REQUEST', 'requestState is not one of this call.')
    this.answer(context, target, resumed.call, await this.cross(context, target, resumed.call))
  }

  /** The server a request is for, with the parameters under the server's own names. */
  private target({ request }: RequestContext): Target | undefined {
    const { session } = this
    const { method, params, paramsText } = request
    if (session.scope.kind === 'server') return { entry: session.scope.entry, paramsText }
    const entry = (alias: string | undefined): McpServerEntry | undefined =>
      session.entries().find((one) => one.alias === alias)
    const { name, uri, ref } = params
    if ((method === 'tools/call' || method === 'prompts/get') && typeof name === 'string') {
      const found = splitName(name)
      const owner = entry(found?.alias)
      return owner === undefined || found === undefined
        ? undefined
        : { entry: owner, paramsText: withMember(paramsText, 'name', JSON.stringify(found.name)) }
    }
    if (method === 'completion/complete' && isJsonObject(ref) && typeof ref['name'] === 'string') {
      const found = splitName(ref['name'])
      const owner = entry(found?.alias)
      if (owner === undefined || found === undefined) return undefined
      const refText = withMember(memberText(paramsText, 'ref') ?? '{}', 'name', JSON.stringify(found.name))
      return { entry: owner, paramsText: withMember(paramsText, 'ref', refText) }
    }
    const address = typeof uri === 'string' ? uri : isJsonObject(ref) ? ref['uri'] : undefined
    const owner = typeof address === 'string' ? entry(this.resourceOwner.get(address)) : undefined
    return owner === undefined ? undefined : { entry: owner, paramsText }
  }

  /** Opens a `requestState` that comes back: the server's own goes on to it, one of ours tells which question was answered. */
  private resume(
    context: RequestContext,
    target: Target,
    call: SplitCall,
  ): { readonly ok: true; readonly call: SplitCall } | { readonly ok: false } {
    const { params } = context.request
    if (context.era === 'legacy' || !('requestState' in params || 'inputResponses' in params)) return { ok: true, call }
    const { session } = this
    const { requestState, inputResponses } = params
    if (requestState === undefined) return { ok: true, call }
    if (typeof requestState !== 'string') return { ok: false }
    const plainText = withoutMembers(target.paramsText, (key) => key === 'requestState' || key === 'inputResponses')
    const plain = split(context.request.method, { ...target, paramsText: plainText })
    const state = session.seal.open(session.caller, keyOf(target, plain), requestState, session.deps.clock.now())
    if (state === undefined) return { ok: false }
    if (state.kind === 'approval') {
      const accepted = approvalQuestion.accepted(inputResponses)
      session.deps.clientAsserted?.(session.caller, state.approvalId, accepted)
      return { ok: true, call: plain }
    }
    const paramsText =
      state.state === ''
        ? withoutMembers(target.paramsText, (key) => key === 'requestState')
        : withMember(target.paramsText, 'requestState', JSON.stringify(state.state))
    return { ok: true, call: split(context.request.method, { ...target, paramsText }) }
  }

  private async cross(context: RequestContext, target: Target, call: SplitCall): Promise<CrossingResult> {
    const { session } = this
    const { request, reply } = context
    const { deps } = session
    const token = call.progressToken
    const tell = (progress: JsonObject): void => {
      if (token === undefined) return
      reply.send(notificationMessage('notifications/progress', JSON.stringify({ ...progress, progressToken: token })))
    }
    let waiting: AbortController | undefined
    const offersQuestion = deps.clientAsserted !== undefined && isJsonObject(context.capabilities['elicitation'])
    const retried = 'requestState' in request.params
    const incoming: IncomingCall = {
      requestId: request.idText.slice(0, 200),
      server: target.entry.alias,
      tool: call.tool,
      argsText: call.argsText,
      meta: call.meta,
      enforcement: 'gateway',
      signal: context.signal,
      // A 2026 client that can be asked is asked by the answer itself; it waits when it comes back.
      approvalWaitMs:
        offersQuestion && context.era === 'modern' && !retried ? 0 : (deps.approvalWaitMs ?? APPROVAL_WAIT_MS),
      onWaiting: (approvalId) => {
        waiting = new AbortController()
        tickWhileWaiting(approvalId, tell, waiting.signal)
        if (!offersQuestion || context.era === 'modern') return
        askAboutApproval(session, reply, approvalId, target.entry.alias, call, waiting.signal)
      },
      // Without a token of the client the server is not asked for progress either.
      ...(token === undefined ? {} : { onProgress: tell }),
    }
    try {
      return await session.boundary.cross(session.caller, incoming)
    } finally {
      waiting?.abort()
    }
  }

  private answer(context: RequestContext, target: Target, call: SplitCall, crossed: CrossingResult): void {
    const { session } = this
    const { request, reply, era } = context
    if (context.signal.aborted) return reply.none()
    if (crossed.outcome === 'executed') return this.answerResult(context, target, crossed.resultText)
    const canAsk = session.deps.clientAsserted !== undefined && isJsonObject(context.capabilities['elicitation'])
    const first = !('requestState' in request.params)
    if (crossed.outcome === 'pending' && era === 'modern' && canAsk && first && QUESTIONABLE.has(request.method)) {
      const state = { kind: 'approval', approvalId: crossed.approvalId } as const
      const sealed = session.seal.seal(session.caller, keyOf(target, call), state, session.deps.clock.now())
      const result = approvalQuestion.result(crossed.approvalId, target.entry.alias, call, sealed)
      return reply.end(resultMessage(request.idText, result))
    }
    const rendered = renderCrossing(request.idText, request.method, era, crossed)
    reply.end(rendered.text, rendered.rpcCode)
  }

  private answerResult(context: RequestContext, target: Target, resultText: string): void {
    const { session } = this
    const { request, reply, era } = context
    const { method, params } = request
    if (method === 'resources/subscribe' && typeof params['uri'] === 'string') {
      session.link(target.entry).subscribed.add(params['uri'])
    }
    if (method === 'resources/unsubscribe' && typeof params['uri'] === 'string') {
      session.link(target.entry).subscribed.delete(params['uri'])
    }
    const kind = memberText(resultText, 'resultType') ?? COMPLETE
    if (kind === '"input_required"' && QUESTIONABLE.has(method)) return this.passQuestion(context, target, resultText)
    if (kind === COMPLETE) return reply.end(resultMessage(request.idText, fitResult(resultText, method, era)))
    session.refused('SP_MCP_METHOD_REFUSED', `Server ${target.entry.alias} answered with ${kind.slice(0, 40)}.`)
    const message = 'The server answers with something that is no result.'
    reply.end(errorMessage(request.idText, -32603, message, { code: 'SP_MCP_METHOD_REFUSED' }), -32603)
  }

  /** A server of the 2026 era wants input: only what the operator permits and the client has, with its state sealed (T-068). */
  private passQuestion(context: RequestContext, target: Target, resultText: string): void {
    const { session } = this
    const { request, reply, era } = context
    const asked = JSON.parse(memberText(resultText, 'inputRequests') ?? '{}') as JsonObject
    const kinds = Object.values(asked).map((one) =>
      isJsonObject(one) && typeof one['method'] === 'string' ? one['method'] : '',
    )
    const refused = kinds.filter((method) => !permits(target.entry, method))
    const lacking = kinds.filter((method) => !isJsonObject(context.capabilities[CAPABILITY.get(method) ?? '']))
    if (era === 'legacy' || refused.length > 0) {
      session.refused(
        'SP_MCP_METHOD_REFUSED',
        `Server ${target.entry.alias} asked for ${kinds.join(', ').slice(0, 80)}.`,
      )
      const message = 'The server asks the client for something that is not permitted.'
      return reply.end(errorMessage(request.idText, -32603, message, { code: 'SP_MCP_METHOD_REFUSED' }), -32603)
    }
    if (lacking.length > 0) {
      const requiredCapabilities = Object.fromEntries(lacking.map((method) => [CAPABILITY.get(method) ?? method, {}]))
      const message = 'Missing required client capabilities'
      return reply.end(
        errorMessage(request.idText, MISSING_CAPABILITY, message, { requiredCapabilities }),
        MISSING_CAPABILITY,
      )
    }
    const said = memberText(resultText, 'requestState')
    const state = { kind: 'server', state: said === undefined ? '' : String(JSON.parse(said)) } as const
    const plainText = withoutMembers(target.paramsText, (key) => key === 'requestState' || key === 'inputResponses')
    const plain = split(request.method, { ...target, paramsText: plainText })
    const sealed = session.seal.seal(session.caller, keyOf(target, plain), state, session.deps.clock.now())
    reply.end(resultMessage(request.idText, withMember(resultText, 'requestState', JSON.stringify(sealed))))
  }

  /** Lists of the aggregated endpoint: every page of every server, each through the boundary, in one page. */
  private async merge(context: RequestContext): Promise<void> {
    const { session } = this
    const { request, reply, era } = context
    if (request.params['cursor'] !== undefined) {
      return session.refuse(request, reply, 'SP_MCP_INVALID_ARGUMENTS', 'The cursor is not one of this gateway.')
    }
    const member = MERGED.get(request.method) ?? ''
    const texts: string[] = []
    for (const entry of session.entries()) {
      const opened = await session.link(entry).open()
      if (!opened.ok || opened.value.capabilities[CAPABILITY_OF.get(member) ?? ''] === undefined) continue
      for (const text of await this.allPages(context, entry, member))
        texts.push(this.renamed(entry.alias, member, text))
    }
    reply.end(resultMessage(request.idText, fitResult(`{"${member}":[${texts.join(',')}]}`, request.method, era)))
  }

  private async allPages(context: RequestContext, entry: McpServerEntry, member: string): Promise<readonly string[]> {
    const texts: string[] = []
    let cursor: string | undefined
    for (let page = 0; page < MAX_MERGED_PAGES; page++) {
      const target = { entry, paramsText: cursor === undefined ? '{}' : JSON.stringify({ cursor }) }
      const crossed = await this.cross(context, target, split(context.request.method, target))
      if (crossed.outcome !== 'executed') break
      const list = memberText(crossed.resultText, member)
      if (list?.startsWith('[') !== true) break
      texts.push(...entrySpans(list).map(({ start, end }) => list.slice(start, end)))
      const next: unknown = JSON.parse(memberText(crossed.resultText, 'nextCursor') ?? 'null')
      if (typeof next !== 'string') break
      cursor = next
    }
    return texts
  }

  private renamed(alias: string, member: string, text: string): string {
    if (member === 'prompts') {
      const name: unknown = JSON.parse(memberText(text, 'name') ?? 'null')
      return withMember(text, 'name', JSON.stringify(aggregatedName(alias, String(name))))
    }
    const uri: unknown = JSON.parse(memberText(text, 'uri') ?? 'null')
    if (typeof uri === 'string') {
      const owner = this.resourceOwner.has(uri) && this.resourceOwner.get(uri) !== alias ? undefined : alias
      this.resourceOwner.set(uri, owner)
    }
    return text
  }
}

/** Lists that the aggregated endpoint merges, with the member that holds the entries. */
const MERGED: ReadonlyMap<string, string> = new Map([
  ['prompts/list', 'prompts'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resourceTemplates'],
])
const CAPABILITY_OF: ReadonlyMap<string, string> = new Map([
  ['prompts', 'prompts'],
  ['resources', 'resources'],
  ['resourceTemplates', 'resources'],
])
/** Methods whose result may be `input_required` (2026-07-28). */
const QUESTIONABLE: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])
const COMPLETE = '"complete"'
const CAPABILITY: ReadonlyMap<string, 'sampling' | 'elicitation' | 'roots'> = new Map([
  ['sampling/createMessage', 'sampling'],
  ['elicitation/create', 'elicitation'],
  ['roots/list', 'roots'],
])

const permits = (entry: McpServerEntry, method: string): boolean => {
  const kind = CAPABILITY.get(method)
  return kind !== undefined && entry.serverRequests.includes(kind)
}

const split = (method: string, { entry, paramsText }: Target): SplitCall =>
  splitCall(method, paramsText, entry.metaKeys)

/** What a sealed state is bound to: server, tool and exact arguments. */
const keyOf = (target: Target, call: SplitCall): string =>
  JSON.stringify([target.entry.alias, call.tool, call.argsText])

/** Progress says that somebody is waited for; the values stay below anything the server will send. */
function tickWhileWaiting(approvalId: string, tell: (progress: JsonObject) => void, done: AbortSignal): void {
  let ticks = 0
  const tick = (): void =>
    tell({ progress: ++ticks * 1e-6, message: `Waiting for a human to decide on approval ${approvalId}.` })
  tick()
  const timer = setInterval(tick, TICK_MS)
  timer.unref()
  done.addEventListener('abort', () => clearInterval(timer), { once: true })
}
