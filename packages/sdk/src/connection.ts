import { canonicalJson, isJsonObject, SallyportError, type Json, type JsonObject } from '@sallyport/core'
import type { CredentialSource } from './credential.ts'
import { ApprovalTimeoutError, DeniedError, UnreachableError } from './errors.ts'
import { readProblem } from './problem.ts'
import type { RegisteredForm } from './tool.ts'
import type { Reply, Send, Transport } from './transport.ts'

export interface ConnectionDeps {
  readonly agent: string
  readonly transport: Transport
  readonly credentials: CredentialSource
  /** ms for one answer, not counting the wait for a human. */
  readonly timeoutMs: number
  readonly session: string
  readonly purpose: string
  now(): number
}

export interface Question {
  readonly path: '/v1/decisions' | '/v1/calls'
  readonly tool: string
  /** Exact JSON text of the arguments. */
  readonly argsText: string
  readonly idempotencyKey: string
  /** ms to wait for a human. */
  readonly approvalTimeoutMs: number
  readonly signal?: AbortSignal
}

/** Longest the gateway holds a request open while a human thinks, s. */
const HOLD = 20
/** How long a gateway may be away while a human thinks, ms. */
const AWAY = 10_000

/** Speaks `/v1/*` and turns its answers into the outcomes of the SDK. */
export class Connection {
  readonly agent: string
  readonly #deps: ConnectionDeps
  readonly #specs = new Map<string, JsonObject>()
  #registered = new Set<string>()
  #registering: Promise<void> | undefined
  #onAnswer: () => void = () => undefined

  constructor(deps: ConnectionDeps) {
    this.agent = deps.agent
    this.#deps = deps
  }

  /** Told whenever the gateway answered something. */
  onAnswer(listener: () => void): void {
    this.#onAnswer = listener
  }

  /** Remembers a tool; it is registered with the gateway before its first decision. @throws SallyportError SP_SDK_UNSAFE */
  define(tool: RegisteredForm): void {
    const { name } = tool
    const known = this.#specs.get(name)
    if (known !== undefined && canonicalJson(known) !== canonicalJson(tool)) {
      throw new SallyportError('SP_SDK_UNSAFE', `Two different tools are called ${name}.`)
    }
    this.#specs.set(name, tool)
  }

  /** Registers what is defined and not registered yet. @throws DeniedError, UnreachableError */
  async register(name: string): Promise<void> {
    while (!this.#registered.has(name)) {
      this.#registering ??= this.#registerAll().finally(() => (this.#registering = undefined))
      await this.#registering
    }
  }

  /** The gateway has forgotten (it was restarted): the next decision registers again. */
  forgetRegistrations(): void {
    this.#registered = new Set()
  }

  /**
   * Asks, and waits for a human where one is asked.
   * @throws DeniedError, ApprovalTimeoutError, UnreachableError (only when the gateway never answered at all)
   */
  async ask(question: Question): Promise<{ readonly eventId: string; readonly body: JsonObject }> {
    const deadline = this.#deps.now() + question.approvalTimeoutMs
    let reply = await this.#post(question, deadline)
    let eventId: string | undefined
    let approvalId: string | undefined
    while (reply.status === 202) {
      const body = readObject(reply)
      eventId = text(body['eventId']) ?? eventId
      approvalId = text(body['approvalId']) ?? approvalId
      if (this.#deps.now() >= deadline) {
        const reason = 'Nobody decided in the time this program waits.'
        throw new ApprovalTimeoutError(
          { code: 'SP_APPROVAL_REQUIRED', reason, ...(eventId === undefined ? {} : { eventId }) },
          approvalId,
        )
      }
      reply = await this.#poll(question, text(body['location']) ?? '', deadline)
    }
    if (reply.status === 200) {
      const body = readObject(reply)
      return { eventId: text(body['eventId']) ?? '', body }
    }
    const problem = readProblem(reply)
    if (problem.code === 'SP_APPROVAL_EXPIRED') throw new ApprovalTimeoutError(problem, approvalId)
    throw new DeniedError(problem)
  }

  /** One request with a credential; a refused credential is renewed once. */
  async send(what: Omit<Send, 'authorization' | 'timeoutMs'>, extraMs = 0): Promise<Reply> {
    const { credentials, transport, timeoutMs } = this.#deps
    for (let attempt = 0; ; attempt++) {
      const authorization = await credentials.authorization(timeoutMs)
      const reply = await transport.send({ ...what, authorization, timeoutMs: timeoutMs + extraMs })
      this.#onAnswer()
      if (reply.status !== 401 || attempt > 0) return reply
      credentials.expire()
    }
  }

  async #registerAll(): Promise<void> {
    const names = [...this.#specs.keys()].filter((name) => !this.#registered.has(name))
    const tools = names.map((name) => this.#specs.get(name) as JsonObject)
    const reply = await this.send({ method: 'POST', path: '/v1/tools', bodyText: JSON.stringify({ tools }) })
    if (reply.status !== 200) throw new DeniedError(readProblem(reply))
    for (const name of names) this.#registered.add(name)
  }

  #post({ path, tool, argsText, idempotencyKey, signal }: Question, deadline: number): Promise<Reply> {
    const { session, purpose } = this.#deps
    const said = { tool, ...(session === '' ? {} : { session }), ...(purpose === '' ? {} : { purpose }) }
    // The argument text goes in as it is: what was decided on is what was copied.
    const bodyText = `${JSON.stringify(said).slice(0, -1)},"arguments":${argsText}}`
    const hold = this.#hold(deadline)
    const headers = { 'idempotency-key': idempotencyKey, prefer: `wait=${hold}` }
    const aborted = signal === undefined ? {} : { signal }
    return this.send({ method: 'POST', path, headers, bodyText, ...aborted }, hold * 1000)
  }

  /** Asks how it stands. While a human thinks the gateway may restart: then the same question is put again. */
  async #poll(question: Question, location: string, deadline: number): Promise<Reply> {
    const gone = this.#deps.now() + AWAY
    const aborted = question.signal === undefined ? {} : { signal: question.signal }
    for (;;) {
      try {
        const hold = this.#hold(deadline)
        const headers = { prefer: `wait=${hold}` }
        const known = /^\/v1\/calls\/[A-Za-z0-9-]{1,64}$/.test(location)
        if (!known) throw new DeniedError({ code: 'SP_AUTHN_SERVER', reason: 'The answer names no call.' })
        const reply = await this.send({ method: 'GET', path: location, headers, ...aborted }, hold * 1000)
        return reply.status === 404 ? await this.#post(question, deadline) : reply
      } catch (thrown) {
        if (!(thrown instanceof UnreachableError) || question.signal?.aborted === true) throw thrown
        // It said "ask a human" before it went away: that is never a yes.
        if (this.#deps.now() >= Math.min(gone, deadline)) {
          throw new DeniedError({ code: 'SP_AUTHZ_UNAVAILABLE', reason: thrown.message }, thrown)
        }
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    }
  }

  #hold(deadline: number): number {
    return Math.max(0, Math.min(HOLD, Math.ceil((deadline - this.#deps.now()) / 1000)))
  }
}

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

/** The object of a good answer; anything else is no answer of a gateway. @throws DeniedError SP_AUTHN_SERVER */
export function readObject(reply: Reply): JsonObject {
  try {
    // Results may hold numbers that the strict reader refuses; the gateway has read them already.
    const body: unknown = JSON.parse(reply.text)
    if (isJsonObject(body)) return body
  } catch {
    // Said below.
  }
  throw new DeniedError({ code: 'SP_AUTHN_SERVER', reason: 'The answer is not one of a gateway.' })
}
