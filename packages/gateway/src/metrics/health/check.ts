import type { Severity } from '@sallyport/core'

/** What a check looks at; also the `category` of its findings. */
export type HealthArea =
  'identity' | 'isolation' | 'network' | 'policy' | 'log' | 'secrets' | 'tools' | 'alerts' | 'people' | 'config'

export interface HealthFinding {
  /** Stable, e.g. `level.advisory`. */
  readonly id: string
  readonly severity: Severity
  readonly category: HealthArea
  /** One sentence: what is so. */
  readonly title: string
  /** What that allows to happen. */
  readonly why: string
  /** What to do; a command where there is one. */
  readonly next: string
  /** Page of the console where it can be done. */
  readonly page?: string
}

export type Found = Omit<HealthFinding, 'category'>

/** A check that found nothing wrong says what it saw. */
export interface Fine {
  readonly title: string
  /** What was measured, short: `214 routes`. */
  readonly proof: string
}

export type CheckResult =
  | { readonly state: 'fine'; readonly fine: Fine }
  | { readonly state: 'found'; readonly found: readonly Found[]; readonly fine?: Fine }
  /** It could not look: counts as unknown, never as fine. */
  | { readonly state: 'unknown'; readonly why: string }
  /** What it looks at is not there. */
  | { readonly state: 'none' }

export interface HealthCheck {
  readonly id: string
  readonly area: HealthArea
  /** What it looks at, for the row of one that could not look. */
  readonly title: string
  /** A throw is `unknown`. */
  readonly run: () => CheckResult | Promise<CheckResult>
}

export const fine = (title: string, proof = ''): CheckResult => ({ state: 'fine', fine: { title, proof } })
export const found = (...findings: readonly Found[]): CheckResult => ({ state: 'found', found: findings })
export const unknown = (why: string): CheckResult => ({ state: 'unknown', why })
export const NONE: CheckResult = Object.freeze({ state: 'none' })

/** Finds something, or says that it is fine. */
export const foundOr = (findings: readonly Found[], title: string, proof = ''): CheckResult =>
  findings.length > 0 ? found(...findings) : fine(title, proof)

/** `one server` · `3 servers`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count === 1 ? 'one' : count.toLocaleString('en')} ${count === 1 ? one : many}`
