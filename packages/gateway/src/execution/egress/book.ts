import { rulesOf, type EgressRule, type EgressRules, type HostRule } from '@sallyport/core'
import type { EgressLimit } from './limits.ts'

/** Rules from one place: the configuration, a file, what an operator allowed while the gateway runs. */
export interface EgressSource {
  readonly rules: readonly EgressRule[]
  readonly blocked: readonly HostRule[]
  /** Blocks of addresses that are refused besides those that always are. */
  readonly refuse: readonly string[]
  readonly limits?: readonly EgressLimit[]
}

/** What holds for one agent or server. */
export interface HolderRules {
  /** Hosts that are tunnels. */
  readonly allowed: readonly HostRule[]
  /** Rules that look into requests. */
  readonly looking: readonly EgressRule[]
  readonly blocked: readonly HostRule[]
  readonly refuse: readonly string[]
}

/** All rules of egress now in force, by where they come from. What one place blocks, none allows. */
export class EgressBook {
  readonly #sources = new Map<string, EgressSource>()
  readonly #held = new Map<string, HolderRules>()
  #limits: readonly EgressLimit[] = []
  readonly #listeners = new Set<() => void>()

  /** @param source undefined takes it away */
  set(name: string, source: EgressSource | undefined): void {
    if (source === undefined) this.#sources.delete(name)
    else this.#sources.set(name, source)
    this.#held.clear()
    this.#limits = [...this.#sources.values()].flatMap(({ limits = [] }) => limits)
    for (const listener of this.#listeners) listener()
  }

  /** The same object until something changes. */
  of(holder: string): HolderRules {
    const held = this.#held.get(holder) ?? this.#collect(holder)
    this.#held.set(holder, held)
    return held
  }

  /** Names of hosts that this one may reach. */
  hostsOf(holder: string): readonly string[] {
    const { allowed, looking } = this.of(holder)
    return [...allowed, ...looking.flatMap(({ hosts }) => hosts)].map(({ host }) => host)
  }

  limits(): readonly EgressLimit[] {
    return this.#limits
  }

  list(): readonly { readonly source: string; readonly rule: EgressRule }[] {
    return [...this.#sources].flatMap(([source, { rules }]) => rules.map((rule) => ({ source, rule })))
  }

  /** @returns stops calling back */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #collect(holder: string): HolderRules {
    const sources = [...this.#sources.values()]
    const rules = rulesOf(
      sources.flatMap((source) => source.rules),
      holder,
    )
    const isLooking = ({ requests }: EgressRule): boolean => requests !== undefined
    return {
      allowed: rules.filter((rule) => !isLooking(rule)).flatMap(({ hosts }) => hosts),
      looking: rules.filter(isLooking),
      blocked: sources.flatMap(({ blocked }) => blocked),
      refuse: sources.flatMap(({ refuse }) => refuse),
    }
  }
}

/** The lists of a sandbox together with what holds for who is in it; what is looked into is no tunnel. */
export function merged(own: EgressRules, held: HolderRules): EgressRules {
  return {
    ...own,
    allowed: [...own.allowed, ...held.allowed],
    blocked: [...own.blocked, ...held.blocked],
    refuse: [...(own.refuse ?? []), ...held.refuse],
  }
}
