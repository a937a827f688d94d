import { isJsonObject, SallyportError, toSallyportError, type Json, type JsonObject } from '@sallyport/core'
import type { DecideWritten, LandingPort } from '../../boundary/ports-landing.ts'
import { refuse } from '../../boundary/ports.ts'
import type { CopyMaker } from '../copy/copy-maker.ts'
import type { Confine } from '../sandbox/confine.ts'
import type { CommandServerSpec } from '../upstream/spec.ts'
import type { Outgoing, Transport, TransportSink } from '../upstream/transport.ts'
import { commandDefinitions, EXEC_ARGUMENT, TEMPLATE_ARGUMENT } from './definitions.ts'
import { collect, type Finished } from './collect.ts'
import { landed, type Landed } from './landed.ts'
import type { RunningSandbox } from '../sandbox/sandbox.ts'

export interface CommandTransportDeps {
  readonly confine: Confine
  readonly copies: CopyMaker
  readonly decideLanding: LandingPort
  /** The argument vector of a template with data put into it, or undefined when it may not run (AC-3.3.1). */
  readonly bind: (template: string, argument: string) => readonly string[] | undefined
}

const INVALID_PARAMS = -32_602
const METHOD_NOT_FOUND = -32_601
const SHELL = ['/bin/bash', '-c']

/**
 * Commands of the configuration as an MCP server in this process: what policy released runs in a sandbox, a command line through a
 * shell and a template without one. There is no way to run it bare (E-60).
 */
export class CommandTransport implements Transport {
  readonly confinement: string
  readonly #spec: CommandServerSpec
  readonly #deps: CommandTransportDeps
  readonly #running = new Map<number, RunningSandbox>()
  readonly #calls = new Set<Promise<unknown>>()
  /** Calls that nobody waits for any more, some of which have not begun. */
  readonly #abandoned = new Set<number>()
  #closed = false
  #sink: TransportSink | undefined

  constructor(spec: CommandServerSpec, deps: CommandTransportDeps) {
    this.#spec = spec
    this.#deps = deps
    this.confinement = `bubblewrap: ${spec.sandbox.name}`
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
            serverInfo: { name: this.#spec.alias, version: '1' },
          },
        })
      case 'ping':
        return answer({ result: {} })
      case 'tools/list':
        return answer({ result: { tools: commandDefinitions(this.#spec.commands) as unknown as Json } })
      case 'tools/call':
        // the answer comes when the command has ended
        return this.#keep(this.#call(id, params ?? {}, request?.decideWritten).then(answer))
      default:
        return answer({ error: { code: METHOD_NOT_FOUND, message: 'no such method' } })
    }
  }

  established(): void {}

  abandon(requestId: number): boolean {
    this.#abandoned.add(requestId)
    this.#running.get(requestId)?.kill()
    return true
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const sandbox of this.#running.values()) sandbox.kill()
    await Promise.all(this.#calls)
  }

  #keep(call: Promise<void>): void {
    this.#calls.add(call)
    void call.finally(() => this.#calls.delete(call))
  }

  async #call(id: number, params: JsonObject, decideWritten?: DecideWritten): Promise<JsonObject> {
    try {
      return { result: await this.#run(id, params, this.#commandOf(params), decideWritten) }
    } catch (thrown) {
      const { code, message } = toSallyportError(thrown)
      return { error: { code: INVALID_PARAMS, message, data: { code } } }
    } finally {
      this.#running.delete(id)
      this.#abandoned.delete(id)
    }
  }

  async #run(
    id: number,
    { name }: JsonObject,
    command: readonly string[],
    decideWritten: DecideWritten = nobodyDecides,
  ): Promise<JsonObject> {
    const { alias, cwd, env, sandbox: profile } = this.#spec
    const copy = await this.#deps.copies(cwd, profile)
    try {
      const sandbox = await this.#deps.confine({ alias, command, cwd, copy, env }, profile)
      this.#running.set(id, sandbox)
      if (this.#isOver(id)) sandbox.kill()
      const finished = await collect(sandbox)
      if (copy === undefined) return resultOf(finished)
      const isWhole = !finished.timedOut && !this.#isOver(id)
      const request = { server: alias, tool: `${alias}.${name as string}`, decideWritten }
      return resultOf(finished, await landed(copy, request, isWhole, this.#deps.decideLanding))
    } finally {
      await copy?.discard()
    }
  }

  /** Nobody waits for it any more. */
  #isOver(id: number): boolean {
    return this.#closed || this.#abandoned.has(id)
  }

  #commandOf({ name, arguments: given }: JsonObject): readonly string[] {
    const { commands } = this.#spec
    const command = typeof name === 'string' && Object.hasOwn(commands, name) ? commands[name] : undefined
    const args = isJsonObject(given) ? given : {}
    if (command === undefined) throw new SallyportError('SP_MCP_UNKNOWN_TOOL', 'There is no such command.')
    if (command.template === undefined) return [...SHELL, requireText(args[EXEC_ARGUMENT])]
    const bound = this.#deps.bind(command.template, requireText(args[TEMPLATE_ARGUMENT]))
    if (bound === undefined) {
      throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', 'The argument would be more than data to this command.')
    }
    return bound
  }
}

/** Whatever reaches a command without a released call lands nothing. */
const nobodyDecides: DecideWritten = () => refuse('SP_SANDBOX_LANDING', 'There is no decision about what it wrote.')

function requireText(value: Json | undefined): string {
  if (typeof value === 'string') return value
  throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', 'The argument is not a text.')
}

function resultOf({ code, timedOut, stdout, stderr, cut }: Finished, landing?: Landed): JsonObject {
  const said = [
    stdout,
    stderr,
    timedOut ? '(ended: it took too long)' : '',
    cut ? '(output was cut)' : '',
    landing?.said ?? '',
  ]
  return {
    content: [{ type: 'text', text: said.filter((text) => text !== '').join('\n') }],
    structuredContent: { exitCode: code, timedOut, stdout, stderr, cut, ...landing?.body },
    isError: code !== 0 || landing?.isRefused === true,
  }
}
