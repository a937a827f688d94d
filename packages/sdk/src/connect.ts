import { randomUUID } from 'node:crypto'
import { agentName, type Json, type JsonObject } from '@sallyport/core'
import { Connection, readObject } from './connection.ts'
import { createCredentialSource, type CredentialOptions } from './credential.ts'
import { DeniedError, UnreachableError } from './errors.ts'
import { Outbox } from './outbox.ts'
import { readProblem } from './problem.ts'
import { snapshotArguments } from './snapshot.ts'
import { createTransport, type Endpoint } from './transport.ts'

export interface ConnectOptions extends Endpoint, CredentialOptions {
  /** ms for one answer of the gateway, not counting the wait for a human. Default 10 000. */
  readonly timeoutMs?: number
  /** ms to wait for a human. Default 330 000: a little more than an approval lives. */
  readonly approvalTimeoutMs?: number
  /** What this conversation is called: for display, decides nothing. */
  readonly session?: string
  /** What this program says it is doing: recorded with every call (HB-61). */
  readonly purpose?: string
}

export interface CallOptions {
  readonly idempotencyKey?: string
  readonly approvalTimeoutMs?: number
  readonly signal?: AbortSignal
}

/** A connection to a gateway, for `guard()` and `protectTools()`. */
export interface Sallyport {
  readonly agent: string
  /**
   * Calls a tool of a server behind the gateway, `<server>.<tool>`, and returns its result.
   * @throws DeniedError, ApprovalTimeoutError
   */
  call(tool: string, args: JsonObject, options?: CallOptions): Promise<Json>
  /** The tools that policy could allow. @throws DeniedError */
  tools(
    server?: string,
  ): Promise<readonly { readonly id: string; readonly description?: string; readonly inputSchema: JsonObject }[]>
  /**
   * Tells what the user of this program said. It vouches for addresses and names in later calls when this agent was added with
   * `--vouch`; give it the text that your user typed, nothing that was read or expanded from elsewhere (`pasted: true` for that).
   * @returns how far the gateway trusts it. @throws DeniedError
   */
  say(words: string, options?: { readonly pasted?: boolean }): Promise<'typed' | 'pasted' | 'relayed'>
  /**
   * Declares the tools the task will need, `<server>.<tool>`, before anything untrusted is read; every other change then asks.
   * @throws DeniedError SP_FLOW_PLAN when untrusted text was read and the plan would grow
   */
  plan(tools: readonly string[]): Promise<void>
  /** Who the gateway takes this program for, and whom it faces (`local`, `public`, `admin`). @throws DeniedError */
  who(): Promise<{ readonly agent: string; readonly surface: string }>
  /** Delivers reports that wait and closes the connections. */
  close(): Promise<void>
  /** @internal */
  readonly parts: { readonly connection: Connection; readonly outbox: Outbox; readonly approvalTimeoutMs: number }
}

/**
 * Names a gateway and who this program is to it. Nothing is sent yet. Endpoint and credential come from the arguments alone:
 * no environment variable, proxy setting or file in the working directory changes them (T-039).
 * @throws SallyportError SP_CONFIG_INVALID, SP_CONFIG_INSECURE, SP_AGENT_NAME
 */
export function connect(options: ConnectOptions): Sallyport {
  const agent = agentName(options.agent)
  const transport = createTransport(options)
  const now = (): number => Date.now()
  const connection = new Connection({
    agent,
    transport,
    credentials: createCredentialSource(options, transport, now),
    timeoutMs: options.timeoutMs ?? 10_000,
    session: options.session ?? '',
    purpose: options.purpose ?? '',
    now,
  })
  const outbox = new Outbox(connection)
  const approvalTimeoutMs = options.approvalTimeoutMs ?? 330_000

  return Object.freeze<Sallyport>({
    agent,
    parts: Object.freeze({ connection, outbox, approvalTimeoutMs }),
    async call(tool, args, { idempotencyKey = randomUUID(), approvalTimeoutMs: wait, signal } = {}) {
      const { text } = snapshotArguments(args)
      const aborted = signal === undefined ? {} : { signal }
      const question = { path: '/v1/calls', tool, argsText: text, idempotencyKey, ...aborted } as const
      const { body } = await reachable(
        connection.ask({ ...question, approvalTimeoutMs: wait ?? approvalTimeoutMs }),
        signal,
      )
      return body['result'] ?? null
    },
    async tools(server) {
      const path = server === undefined ? '/v1/tools' : `/v1/tools?server=${encodeURIComponent(server)}`
      const reply = await reachable(connection.send({ method: 'GET', path }))
      if (reply.status !== 200) throw new DeniedError(readProblem(reply))
      return readObject(reply)['tools'] as unknown as Awaited<ReturnType<Sallyport['tools']>>
    },
    async say(words, { pasted = false } = {}) {
      const bodyText = JSON.stringify({ text: words, channel: pasted ? 'pasted' : 'typed' })
      const reply = await reachable(connection.send({ method: 'POST', path: '/v1/session/words', bodyText }))
      if (reply.status !== 200) throw new DeniedError(readProblem(reply))
      return readObject(reply)['trust'] as 'typed' | 'pasted' | 'relayed'
    },
    async plan(tools) {
      const bodyText = JSON.stringify({ tools })
      const reply = await reachable(connection.send({ method: 'POST', path: '/v1/session/plan', bodyText }))
      if (reply.status !== 200) throw new DeniedError(readProblem(reply))
    },
    async who() {
      const reply = await reachable(connection.send({ method: 'GET', path: '/v1/session' }))
      if (reply.status !== 200) throw new DeniedError(readProblem(reply))
      const { agent: named, surface } = readObject(reply)
      if (typeof named !== 'string' || typeof surface !== 'string')
        throw new DeniedError({ code: 'SP_AUTHZ_UNAVAILABLE', reason: 'The gateway did not say who this is.' })
      return { agent: named, surface }
    },
    async close() {
      await outbox.close()
      transport.close()
    },
  })
}

/** No answer is a deny. */
async function reachable<T>(answer: Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await answer
  } catch (thrown) {
    if (signal?.aborted === true) throw new DeniedError({ code: 'SP_SDK_ABORTED', reason: '' }, thrown)
    if (!(thrown instanceof UnreachableError)) throw thrown
    throw new DeniedError({ code: 'SP_AUTHZ_UNAVAILABLE', reason: thrown.message }, thrown)
  }
}
