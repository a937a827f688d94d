import { randomUUID } from 'node:crypto'
import { SallyportError, sha256, type JsonObject } from '@sallyport/core'
import type { Sallyport } from './connect.ts'
import { readObject } from './connection.ts'
import { DeniedError, UnreachableError } from './errors.ts'
import { unmediatedLetter } from './outbox.ts'
import { snapshotArguments, type Snapshot } from './snapshot.ts'
import { registration, type ToolSpec } from './tool.ts'

export interface GuardSpec extends ToolSpec {
  /**
   * What happens when the gateway cannot be reached. Default `deny`. `allow` is for tools that only read: there is no way
   * to lose control of a write by making the gateway slow (T-047).
   */
  readonly onUnavailable?: 'deny' | 'allow'
  /** ms the function may take; then its signal aborts and the call fails. Default: no limit. */
  readonly timeoutMs?: number
  readonly approvalTimeoutMs?: number
  /** Send the result through the gateway, which redacts secrets before it is returned. Default false. */
  readonly inspect?: boolean
}

export interface GuardContext {
  /** Aborts on time-out and when the caller aborts. */
  readonly signal: AbortSignal
  /** The call in the log; undefined when it runs without the gateway (`onUnavailable: 'allow'`). */
  readonly eventId: string | undefined
  /** What the caller passed as `context`, untouched: never decided on, never sent. */
  readonly context: unknown
}

export interface GuardCallOptions {
  readonly signal?: AbortSignal
  /** The same key and arguments are the same call. */
  readonly idempotencyKey?: string
  /** Handed to the function as it is. */
  readonly context?: unknown
}

export type Guarded<A, R> = (args: A, options?: GuardCallOptions) => Promise<R>

/**
 * Wraps a function so that every call of it is decided by the gateway first. A call has exactly three outcomes: the
 * function runs (and returns or throws what it will), `DeniedError`, or `ApprovalTimeoutError`. The function gets a deeply
 * frozen copy of the arguments, and it is that copy which was decided on.
 * @throws SallyportError SP_SDK_UNSAFE at once, when the tool cannot be guarded as asked
 */
export function guard<A extends object, R>(
  sp: Sallyport,
  spec: GuardSpec,
  fn: (args: A, context: GuardContext) => R | Promise<R>,
): Guarded<A, R> {
  const { connection } = sp.parts
  if (spec.onUnavailable === 'allow' && spec.effect !== 'read') {
    throw new SallyportError(
      'SP_SDK_UNSAFE',
      `${spec.name}: onUnavailable "allow" is for tools with effect "read" only.`,
    )
  }
  connection.define(registration(spec))
  const tool = `sdk-${connection.agent}.${spec.name}`

  return async (args, options = {}) => {
    const copy = snapshotArguments(args)
    const { signal } = options
    let eventId: string | undefined
    try {
      eventId = await decide(sp, spec, tool, copy, options)
    } catch (thrown) {
      if (signal?.aborted === true) throw new DeniedError({ code: 'SP_SDK_ABORTED', reason: '' }, thrown)
      if (!(thrown instanceof UnreachableError)) throw thrown
      if (spec.onUnavailable !== 'allow') {
        throw new DeniedError({ code: 'SP_AUTHZ_UNAVAILABLE', reason: thrown.message }, thrown)
      }
      sp.parts.outbox.keep(unmediatedLetter(unmediated(tool, copy, thrown.message)))
    }
    if (signal?.aborted === true) {
      if (eventId !== undefined) await report(sp, eventId, 'aborted')
      throw new DeniedError({ code: 'SP_SDK_ABORTED', reason: '', ...(eventId === undefined ? {} : { eventId }) })
    }
    return run(sp, spec, fn, copy, eventId, options)
  }
}

async function decide(
  sp: Sallyport,
  spec: GuardSpec,
  tool: string,
  copy: Snapshot,
  { signal, idempotencyKey = randomUUID() }: GuardCallOptions,
): Promise<string> {
  const { connection, approvalTimeoutMs } = sp.parts
  const question = {
    path: '/v1/decisions',
    tool,
    argsText: copy.text,
    idempotencyKey,
    approvalTimeoutMs: spec.approvalTimeoutMs ?? approvalTimeoutMs,
    ...(signal === undefined ? {} : { signal }),
  } as const
  for (let attempt = 0; ; attempt++) {
    await connection.register(spec.name)
    try {
      const { eventId, body } = await connection.ask(question)
      if (body['status'] === 'allowed' && eventId !== '') return eventId
      throw new DeniedError({ code: 'SP_AUTHN_SERVER', reason: 'The answer is neither yes nor no.' })
    } catch (thrown) {
      const forgotten = thrown instanceof DeniedError && FORGOTTEN.has(thrown.code)
      if (!forgotten || attempt > 0) throw thrown
      connection.forgetRegistrations()
    }
  }
}

/** A gateway that was restarted does not know the tool any more. */
const FORGOTTEN: ReadonlySet<string> = new Set(['SP_MCP_UNKNOWN_TOOL', 'SP_MCP_UNKNOWN_SERVER'])

async function run<A extends object, R>(
  sp: Sallyport,
  spec: GuardSpec,
  fn: (args: A, context: GuardContext) => R | Promise<R>,
  copy: Snapshot,
  eventId: string | undefined,
  { signal: callerSignal, context }: GuardCallOptions,
): Promise<R> {
  const stop = new AbortController()
  const timer =
    spec.timeoutMs === undefined
      ? undefined
      : setTimeout(() => stop.abort(new DOMException(`${spec.name} took too long.`, 'TimeoutError')), spec.timeoutMs)
  const forward = (): void => stop.abort(callerSignal?.reason)
  callerSignal?.addEventListener('abort', forward, { once: true })
  const stopped = new Promise<never>((_resolve, reject) => {
    // What a signal aborts with is the caller's to choose.
    // oxlint-disable-next-line prefer-promise-reject-errors
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true })
  })
  stopped.catch(() => undefined)
  try {
    const running = (async () => await fn(copy.value as unknown as A, { signal: stop.signal, eventId, context }))()
    const result = await Promise.race([running, stopped])
    if (eventId === undefined) return result
    return await settle(sp, spec, eventId, result)
  } catch (thrown) {
    const late = stop.signal.aborted && thrown === stop.signal.reason
    const outcome = !late ? 'failure' : callerSignal?.aborted === true ? 'aborted' : 'timeout'
    if (eventId !== undefined && !(thrown instanceof WithheldError)) await report(sp, eventId, outcome)
    throw thrown
  } finally {
    clearTimeout(timer)
    callerSignal?.removeEventListener('abort', forward)
  }
}

/** Reports success before the result is released, so that what it may do to the session's labels is known by then. */
async function settle<R>(sp: Sallyport, spec: GuardSpec, eventId: string, result: R): Promise<R> {
  if (spec.inspect !== true) {
    await report(sp, eventId, 'success')
    return result
  }
  const resultText = JSON.stringify(result) as string | undefined
  const reply = await report(sp, eventId, 'success', resultText)
  if (reply?.status !== 200) {
    throw new WithheldError(`The result of ${spec.name} could not be inspected, so it is withheld (event ${eventId}).`)
  }
  const { redactions, result: inspected } = readObject(reply)
  return typeof redactions === 'number' && redactions > 0 ? (inspected as R) : result
}

/** The function ran, but its result could not be inspected and is not passed on. */
export class WithheldError extends Error {
  override readonly name: string = 'WithheldError'
}

function report(sp: Sallyport, eventId: string, outcome: string, resultText?: string) {
  const result = resultText === undefined ? '' : `,"result":${resultText}`
  const bodyText = `${JSON.stringify({ eventId, outcome }).slice(0, -1)}${result}}`
  return sp.parts.outbox.deliver({ path: '/v1/outcomes', bodyText })
}

const unmediated = (tool: string, copy: Snapshot, reason: string): JsonObject => ({
  tool,
  argumentsDigest: sha256(`sallyport/args/1\n${copy.text}`),
  at: new Date().toISOString(),
  reason: reason.slice(0, 200),
})
