import type { LogRecord, RecordKind } from '../audit/record.ts'
import type { AlertSeverity, Signal } from './alert.ts'
import { signal, text } from './signals.ts'

/** Somebody who is known does something for the first time. */
interface HabitRule {
  readonly name: string
  readonly kind: RecordKind
  readonly severity: AlertSeverity
  /** Whose habit, and what of it; undefined: this record shows none. */
  readonly of: (record: LogRecord) => { readonly who: string; readonly what: string } | undefined
  readonly sentence: (who: string, what: string) => string
}

const isSignIn = (record: LogRecord): boolean => record['event'] === 'login.opened'
const operatorOf = (record: LogRecord): string => text(record, 'operator') || text(record, 'actor')

/** A place on the net: addresses of one household or office are one place (IPv4 /24, IPv6 /64). */
export function placeOf(address: string): string {
  const v4 = /(?:^|:)(\d+\.\d+\.\d+)\.\d+$/.exec(address)
  if (v4 !== null) return `${v4[1]}.0/24`
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? []
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const filled = tail === undefined ? front : [...front, ...Array(8 - front.length - back.length).fill('0'), ...back]
  return `${filled.slice(0, 4).join(':')}::/64`
}

/** A hook and an MCP client of one host are one way in; a program that speaks the API with the same credential is another. */
const WAYS: Readonly<Record<string, string>> = {
  'mcp-stdio': 'host',
  hook: 'host',
  'mcp-http': 'MCP over HTTP',
  api: 'API',
}

const HABITS: readonly HabitRule[] = [
  {
    ...{ name: 'token.odd_use', kind: 'decision', severity: 'high' },
    of: (record) => ({ who: text(record, 'agentId'), what: WAYS[text(record, 'ingress')] ?? text(record, 'ingress') }),
    sentence: (who, what) => `The credential of ${who} is used by way of ${what}, where it was never used before.`,
  },
  {
    ...{ name: 'sign-in.new_location', kind: 'identity', severity: 'high' },
    of: (record) =>
      isSignIn(record) ? { who: operatorOf(record), what: placeOf(text(record, 'address')) } : undefined,
    sentence: (who, what) => `${who} signed in from ${what}, from where they never did before.`,
  },
]

export interface Hours {
  /** 0 to 23, of this machine; from 22 to 6 goes over midnight. */
  readonly start: number
  readonly end: number
}

/** Whose habits are remembered at most, and how many of each. */
const PEOPLE = 5_000
const EACH = 64

/** Learns what is usual and says what is not (AC-4.5.3, E-49, HB-66). Pure but for its memory. */
export class Habits {
  readonly #known: Map<string, Set<string>>
  readonly #hours: Hours | undefined

  /** @param known what `known` gave before a restart */
  constructor(hours: Hours | undefined, known: readonly (readonly [string, readonly string[]])[] = []) {
    this.#hours = hours
    this.#known = new Map(known.map(([who, what]) => [who, new Set(what)]))
  }

  /** To be kept over a restart. */
  get known(): readonly (readonly [string, readonly string[]])[] {
    return [...this.#known].map(([who, what]) => [who, [...what]] as const)
  }

  /**
   * @param now ms since 1970
   * @returns signals, and whether something was learnt
   */
  see(record: LogRecord, now: number): { readonly signals: readonly Signal[]; readonly learnt: boolean } {
    if (record.kind !== 'decision' && record.kind !== 'identity') return QUIET
    const signals: Signal[] = []
    let learnt = false
    for (const rule of HABITS) {
      const seen = rule.kind === record.kind ? rule.of(record) : undefined
      if (seen === undefined || seen.who === '' || seen.what === '') continue
      const news = this.#learn(`${rule.name} ${seen.who}`, seen.what)
      if (news === 'known') continue
      learnt = true
      if (news === 'first') continue
      const sentence = rule.sentence(seen.who, seen.what)
      signals.push(signal(record, { name: rule.name, severity: rule.severity, sentence, subject: seen.what }))
    }
    if (record.kind === 'identity' && isSignIn(record) && !isWithin(this.#hours, now)) {
      const sentence = `${operatorOf(record)} signed in outside of normal hours.`
      signals.push(
        signal(record, { name: 'sign-in.off_hours', severity: 'medium', sentence, subject: operatorOf(record) }),
      )
    }
    return signals.length === 0 && !learnt ? QUIET : { signals, learnt }
  }

  #learn(who: string, what: string): 'known' | 'first' | 'new' {
    const known = this.#known.get(who)
    if (known?.has(what) === true) return 'known'
    if (known === undefined) {
      if (this.#known.size >= PEOPLE) this.#known.delete(this.#known.keys().next().value ?? '')
      this.#known.set(who, new Set([what]))
      return 'first'
    }
    if (known.size >= EACH) known.delete(known.values().next().value ?? '')
    known.add(what)
    return 'new'
  }
}

const QUIET = Object.freeze({ signals: Object.freeze([]), learnt: false })

function isWithin(hours: Hours | undefined, now: number): boolean {
  if (hours === undefined) return true
  const { start, end } = hours
  const hour = new Date(now).getHours()
  return start <= end ? hour >= start && hour < end : hour >= start || hour < end
}
