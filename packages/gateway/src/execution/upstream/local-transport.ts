import {
  isJsonObject,
  SallyportError,
  toSallyportError,
  type Json,
  type JsonObject,
  type ToolDefinition,
} from '@sallyport/core'
import type { DecideWritten } from '../../boundary/ports-landing.ts'
import type { Outgoing, Transport, TransportSink } from './transport.ts'

/** What a call of a local tool comes with. */
export interface LocalOrder {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  readonly decideWritten?: DecideWritten
}

/** Tools that run in this process. */
export interface LocalTools {
  readonly name: string
  /** Written into the log with every outcome. */
  readonly confinement: string
  readonly definitions: readonly ToolDefinition[]
  /** @throws SallyportError: what the caller is told */
  call(name: string, args: JsonObject, order: LocalOrder): Promise<JsonObject>
}

const METHOD_NOT_FOUND = -32_601

/** Tools of this process as an MCP server, so that they are listed, pinned and called like those of any other. */
export class LocalTransport implements Transport {
  readonly confinement: string
  readonly #tools: LocalTools
  readonly #running = new Map<number, AbortController>()
  readonly #calls = new Set<Promise<unknown>>()
  #sink: TransportSink | undefined

  constructor(tools: LocalTools) {
    this.#tools = tools
    this.confinement = tools.confinement
  }

  async start(sink: TransportSink): Promise<void> {
    this.#sink = sink
  }

  async send({ text, request }: Outgoing): Promise<void> {
    const { id, method, params } = JSON.parse(text) as { id?: number; method?: string; params?: JsonObject }
    if (id === undefined) return
    const answer = (body: JsonObject): void => this.#sink?.message(JSON.stringify({ jsonrpc: '2.0', id, ...body }))
    switch (method) {
      case 'initialize':
        return answer({
          result: {
            protocolVersion: params?.['protocolVersion'] ?? '',
            capabilities: { tools: {} },
            serverInfo: { name: this.#tools.name, version: '1' },
          },
        })
      case 'ping':
        return answer({ result: {} })
      case 'tools/list':
        return answer({ result: { tools: this.#tools.definitions as unknown as Json } })
      case 'tools/call':
        // the answer comes when the call has ended
        return this.#keep(this.#call(id, params ?? {}, answer, request?.decideWritten))
      default:
        return answer({ error: { code: METHOD_NOT_FOUND, message: 'no such method' } })
    }
  }

  established(): void {}

  abandon(requestId: number): boolean {
    this.#running.get(requestId)?.abort(gaveUp())
    return true
  }

  async close(): Promise<void> {
    for (const controller of this.#running.values()) controller.abort(gaveUp())
    await Promise.all(this.#calls)
  }

  #keep(call: Promise<void>): void {
    this.#calls.add(call)
    void call.finally(() => this.#calls.delete(call))
  }

  async #call(
    id: number,
    { name, arguments: given }: JsonObject,
    answer: (body: JsonObject) => void,
    decideWritten: DecideWritten | undefined,
  ): Promise<void> {
    const controller = new AbortController()
    this.#running.set(id, controller)
    const order = { signal: controller.signal, ...(decideWritten === undefined ? {} : { decideWritten }) }
    try {
      if (typeof name !== 'string') throw new SallyportError('SP_MCP_UNKNOWN_TOOL', 'The call names no tool.')
      answer({ result: await this.#tools.call(name, isJsonObject(given) ? given : {}, order) })
    } catch (thrown) {
      this.#sink?.lost(id, toSallyportError(thrown))
    } finally {
      this.#running.delete(id)
    }
  }
}

const gaveUp = (): SallyportError => new SallyportError('SP_MCP_UPSTREAM_FAILED', 'Nobody waits for the answer.')
