/** What is unusual about the use of credentials (AC-4.5.3). Hours are those of this machine, 0 to 23. */
export interface UsageWatchConfig {
  readonly maxFailedAttempts: number
  readonly alertOnNewIdentity: boolean
  readonly alertOnNewLocation: boolean
  /** Absent: any hour is. From 22 to 6 goes over midnight. */
  readonly normalHours?: { readonly start: number; readonly end: number } | undefined
}

export interface Seen {
  readonly credential: string
  readonly holder: string
  /** Where it runs: a workspace. */
  readonly source: string
  readonly success: boolean
}

export type UsageAlert =
  'credential-new-identity' | 'credential-new-location' | 'credential-failures' | 'credential-unusual-hour'

/** Failures count together for so long, ms. */
const WINDOW = 600_000
/** The same thing is said once in so long, ms. */
const QUIET = 3_600_000

/** Looks at each use of a credential, and says what an operator would want to know. Pure but for its memory. */
export class UsageWatch {
  readonly #config: UsageWatchConfig
  readonly #known: Set<string>
  readonly #failures = new Map<string, readonly number[]>()
  readonly #said = new Map<string, number>()

  /** @param known uses that were seen before */
  constructor(config: UsageWatchConfig, known: Iterable<Pick<Seen, 'credential' | 'holder' | 'source'>> = []) {
    this.#config = config
    this.#known = new Set([...known].flatMap((seen) => [identityOf(seen), locationOf(seen)]))
  }

  /** @param now ms since 1970 */
  see(seen: Seen, now: number): readonly UsageAlert[] {
    const [key, location] = [identityOf(seen), locationOf(seen)]
    const alerts: UsageAlert[] = []
    if (seen.success) {
      // somebody new is somewhere new as well: that is one thing to say
      if (!this.#known.has(key)) {
        if (this.#config.alertOnNewIdentity) alerts.push('credential-new-identity')
      } else if (!this.#known.has(location) && this.#config.alertOnNewLocation) alerts.push('credential-new-location')
      this.#known.add(key).add(location)
      if (!this.#isNormal(now)) alerts.push('credential-unusual-hour')
    } else if (this.#failuresOf(key, now) >= this.#config.maxFailedAttempts) alerts.push('credential-failures')
    return alerts.filter((alert) =>
      this.#isNews(`${alert} ${alert === 'credential-new-location' ? location : key}`, now),
    )
  }

  #isNormal(now: number): boolean {
    const { normalHours } = this.#config
    if (normalHours === undefined) return true
    const { start, end } = normalHours
    const hour = new Date(now).getHours()
    return start <= end ? hour >= start && hour < end : hour >= start || hour < end
  }

  #failuresOf(key: string, now: number): number {
    const recent = [...(this.#failures.get(key) ?? []).filter((at) => now - at < WINDOW), now]
    this.#failures.set(key, recent)
    return recent.length
  }

  #isNews(what: string, now: number): boolean {
    if (now - (this.#said.get(what) ?? -QUIET) < QUIET) return false
    this.#said.set(what, now)
    return true
  }
}

const identityOf = ({ credential, holder }: Pick<Seen, 'credential' | 'holder'>): string =>
  JSON.stringify([credential, holder])
const locationOf = ({ credential, holder, source }: Pick<Seen, 'credential' | 'holder' | 'source'>): string =>
  JSON.stringify([credential, holder, source])
