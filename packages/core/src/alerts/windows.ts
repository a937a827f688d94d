import type { LogRecord, RecordKind } from '../audit/record.ts'
import type { AlertSeverity, Signal } from './alert.ts'
import { signal, text } from './signals.ts'

/** So many of these within a time, by one, is something else than one of them. */
export interface WindowRule {
  readonly name: string
  readonly kind: RecordKind
  readonly when: (record: LogRecord) => boolean
  /** Whose doing it is. */
  readonly by: (record: LogRecord) => string
  readonly count: number
  /** ms */
  readonly window: number
  readonly severity: AlertSeverity
  readonly sentence: (by: string, count: number, seconds: number) => string
}

/**
 * Bursts (E-57, HB-66, HB-133). That of denied calls is the boundary's own: it is durable with the fifth denial
 * (`call.refused_repeatedly`); that of one person's failed sign-ins is said by who locks them out (`login.failures`).
 */
export const WINDOW_RULES: readonly WindowRule[] = Object.freeze([
  {
    ...{ name: 'token.odd_use', kind: 'refusal', count: 5, window: 60_000, severity: 'high' },
    when: (record) => /^SP_(?:AUTHN|CAP)_/.test(text(record, 'code')),
    by: (record) => text(record, 'agentId') || text(record, 'ingress'),
    sentence: (by, count, seconds) => `${count} requests by ${by} had no valid credential within ${seconds} s.`,
  },
  {
    ...{ name: 'egress.refused_repeatedly', kind: 'egress', count: 20, window: 60_000, severity: 'high' },
    when: (record) => record['verdict'] !== 'allowed',
    by: (record) => text(record, 'agentId') || text(record, 'sandbox'),
    sentence: (by, count, seconds) => `${count} connections of ${by} were refused within ${seconds} s.`,
  },
  {
    ...{ name: 'tool.failing', kind: 'outcome', count: 5, window: 600_000, severity: 'medium' },
    when: (record) => record['outcome'] === 'failure' || record['outcome'] === 'timeout',
    by: (record) => text(record, 'toolName'),
    sentence: (by, count, seconds) => `${by} failed ${count} times within ${seconds / 60} min.`,
  },
  {
    ...{ name: 'sign-in.refused_repeatedly', kind: 'identity', count: 10, window: 60_000, severity: 'high' },
    when: (record) => record['event'] === 'login.failed',
    by: (record) => text(record, 'address'),
    sentence: (by, count, seconds) => `${count} sign-ins from ${by} failed within ${seconds} s.`,
  },
] satisfies readonly WindowRule[])

/** Most that is counted for at a time; who was quiet longest is forgotten first (T-157). */
const MOST = 10_000

/** Counts records over windows, and says each burst once in a window. Pure but for its memory. */
export class Windows {
  readonly #rules: ReadonlyMap<RecordKind, readonly WindowRule[]>
  readonly #seen = new Map<string, { readonly times: number[]; told: number }>()

  constructor(rules: readonly WindowRule[] = WINDOW_RULES) {
    this.#rules = new Map(rules.map(({ kind }) => [kind, rules.filter((rule) => rule.kind === kind)]))
  }

  /** @param at ms of a clock that never goes back */
  see(record: LogRecord, at: number): readonly Signal[] {
    const rules = this.#rules.get(record.kind)
    if (rules === undefined) return []
    return rules.flatMap((rule) => {
      if (!rule.when(record)) return []
      const by = rule.by(record)
      if (!this.#isBurst(`${rule.name}\n${by}`, rule, at)) return []
      const sentence = rule.sentence(by, rule.count, rule.window / 1000)
      return [signal(record, { name: rule.name, severity: rule.severity, sentence, subject: by })]
    })
  }

  #isBurst(key: string, { count, window }: WindowRule, at: number): boolean {
    const known = this.#seen.get(key) ?? { times: [], told: -Infinity }
    this.#seen.delete(key)
    this.#seen.set(key, known)
    if (this.#seen.size > MOST) this.#seen.delete(this.#seen.keys().next().value ?? '')
    known.times.push(at)
    if (known.times.length > count) known.times.shift()
    if (known.times.length < count || at - (known.times[0] ?? at) > window || at - known.told <= window) return false
    known.told = at
    return true
  }
}
