import { lookup } from 'node:dns/promises'
import { connect, type Socket } from 'node:net'
import {
  decideEgress,
  hostMatches,
  parseHostRule,
  placeText,
  type EgressRefusal,
  type EgressRules,
  type EgressTarget,
} from '@sallyport/core'

/** A place that may be connected to: judged addresses, in the order in which they are tried. */
export interface Cleared {
  readonly kind: 'cleared'
  readonly addresses: readonly string[]
  readonly port: number
  /** Entry of the list that allows it. */
  readonly rule: string
}
export interface Barred {
  readonly kind: 'barred'
  readonly reason: EgressRefusal
  readonly rule?: string
}

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>

const LOOPBACK = ['127.0.0.1', '::1']
const RESOLVE_LIMIT = 5_000
const CONNECT_LIMIT = 10_000

/** Decides about a target; a name is resolved once, and only when a list names it (isolation note 3.2). */
export async function clear(
  target: EgressTarget,
  rules: EgressRules,
  resolve: Resolve,
  decide = decideEgress,
): Promise<Cleared | Barred> {
  let verdict = decide(target, rules)
  if (verdict.kind === 'look-up') verdict = verdict.answers(await within(RESOLVE_LIMIT, resolve(verdict.host)))
  if (verdict.kind === 'connect')
    return { kind: 'cleared', addresses: verdict.addresses, port: target.port, rule: verdict.rule }
  const { reason, rule } = verdict.kind === 'refused' ? verdict : { reason: 'dns_failed' as const, rule: verdict.rule }
  return { kind: 'barred', reason, ...(rule === undefined ? {} : { rule }) }
}

/**
 * The same for a host that an operator named by URL: it is allowed, unless a list blocks it, and it still has to lead where it may.
 * `localhost` is this machine and no name (RFC 6761 section 6.3): who writes it means it.
 */
export async function clearNamed(
  target: EgressTarget,
  lists: Omit<EgressRules, 'allowed'>,
  resolve: Resolve,
): Promise<Cleared | Barred> {
  const { host, port } = target
  if (host === 'localhost' || host.endsWith('.localhost')) {
    const stop = lists.blocked.find((rule) => hostMatches(rule, host, port))
    return stop === undefined
      ? { kind: 'cleared', addresses: LOOPBACK, port, rule: 'localhost' }
      : { kind: 'barred', reason: 'blocked', rule: stop.text }
  }
  const rule = parseHostRule(placeText(target))
  return clear(target, { ...lists, allowed: [rule] }, resolve)
}

/** Connects to the first judged address that answers; the name is not asked again (T-117). */
export async function dial({ addresses, port }: Cleared): Promise<Socket | undefined> {
  for (const host of addresses) {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    socket.on('error', () => socket.destroy())
    const late = (): void => void socket.destroy()
    const connected = await new Promise<boolean>((resolve) => {
      socket.setTimeout(CONNECT_LIMIT, late)
      socket.once('connect', () => resolve(true))
      socket.once('close', () => resolve(false))
    })
    if (connected) return socket.setTimeout(0, late)
  }
  return undefined
}

export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)

/** No answer in time is no answer. */
async function within(ms: number, answer: Promise<readonly string[]>): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), ms)
  })
  try {
    return await Promise.race([answer, late])
  } catch {
    return []
  } finally {
    clearTimeout(timer)
  }
}
