import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EgressTarget } from '@sallyport/core'
import type { ModelBill } from '../../boundary/ports-budget.ts'
import { decodeBody, type Message, type Unread } from './body.ts'
import type { Failure } from './denial.ts'
import type { Lender } from './lend.ts'
import type { EgressAttempt } from './proxy.ts'
import { createSecond } from './pace.ts'
import { UpgradeResponse } from './websocket.ts'

interface Spending {
  /** Of the request, where it was read and decoded now or before. */
  readonly body?: Buffer
  /** Absent: it costs nothing. */
  readonly bill?: ModelBill
  readonly failure?: never
}

interface Unspent {
  readonly failure: Exclude<Failure, { readonly unreachable: true }>
  readonly body?: never
  readonly bill?: never
}

/** A request that is otherwise allowed, and may cost tokens. */
interface Spent extends EgressTarget {
  readonly method: string
  readonly path: string
  readonly message: Message
  readonly body?: Buffer | undefined
  /** Absent: the gateway itself asks. */
  readonly response: ServerResponse | undefined
}

export type Spend = (shown: Pick<EgressAttempt, 'target' | 'method'>, request: Spent) => Promise<Spending | Unspent>

/** A request to a model is read whole: what it asks for says what to set aside. Bytes. */
const MOST_BODY = 32 << 20

const UNREAD: Readonly<Record<Unread, string>> = {
  long: 'too_large',
  crowded: 'too_many',
  unfinished: 'body_unfinished',
}

/** Sets aside what requests to models may cost (HB-135). What has no room is recorded once a second. */
export function createSpending(
  { budgets, holder, instance }: Pick<Lender, 'budgets' | 'holder' | 'instance'>,
  report: (attempt: EgressAttempt) => void | Promise<void>,
): Spend {
  const isNewSecond = createSecond()
  return async (shown, { host, port, method, path, message, body: read, response }) => {
    const known = read === undefined ? {} : { body: read }
    if (budgets?.covers(holder, host, port) !== true) return known
    // what is said over it is counted by nobody
    if (response instanceof UpgradeResponse) return { failure: { refused: 'not_inspectable' } }
    const got = read ?? (await bodyOf(message))
    if (typeof got === 'string') return { failure: { refused: got } }
    const body = got === undefined ? {} : { body: got }
    const reserved = await budgets.reserve({ holder, instance, host, port, method, path, ...body })
    if (reserved === undefined) return body
    if (reserved.ok) return { ...body, bill: reserved.value }
    const reason = reserved.code === 'SP_BUDGET_SPENT' ? 'budget_spent' : 'budget_unavailable'
    const rule = reserved.budget === undefined ? {} : { rule: `budget ${reserved.budget}` }
    if (isNewSecond()) await report({ ...shown, verdict: 'refused', reason, ...rule })
    return { failure: { limited: reserved.retryAfterSeconds, reason } }
  }
}

async function bodyOf(message: Message): Promise<Buffer | string | undefined> {
  if (!message.hasBody) return undefined
  const raw = await message.read(MOST_BODY)
  if (typeof raw === 'string') return UNREAD[raw]
  return (await decodeBody(raw, message.headers['content-encoding'], MOST_BODY)) ?? 'body_encoding'
}

/** Has the answer read as it goes by. */
const seenBy =
  (bill: ModelBill) =>
  (response: IncomingMessage): void => {
    const { statusCode: status = 0, headers } = response
    const encoding = headers['content-encoding'] ?? 'identity'
    const push = bill.answered({ status, type: headers['content-type'] ?? '', encoding })
    if (push !== undefined) response.on('data', push)
  }

/** What to forward with besides, when something may be spent. */
export const watched = (bill: ModelBill | undefined): { readonly seen?: (response: IncomingMessage) => void } =>
  bill === undefined ? {} : { seen: seenBy(bill) }
