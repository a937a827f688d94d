import { isJsonObject, parseHostRule, SallyportError, type EgressRule, type JsonObject } from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'

/** A host that an operator allowed while the gateway runs. */
export interface AllowedHost {
  readonly id: string
  /** `host`, `host:port` or `*.domain`. */
  readonly host: string
  /** Absent: everyone with a way out. */
  readonly agent?: string
  /** ms since 1970. */
  readonly until: number
  readonly by: string
}

export interface AllowedHostsDeps {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** Told of every change, and of what is there at the start. */
  readonly changed: (rules: readonly EgressRule[]) => void
}

const ROW = 'egress.allowed'
const MOST = 200
const TRIES = 20
/** ms. */
const SWEEP = 1_000

/** Hosts that operators allowed for a time. They are in the store, survive a restart, and end by themselves. */
export class AllowedHosts {
  readonly #deps: AllowedHostsDeps
  #hosts: readonly AllowedHost[] = []
  #timer: NodeJS.Timeout | undefined
  #unwatch: (() => void) | undefined

  private constructor(deps: AllowedHostsDeps) {
    this.#deps = deps
  }

  static async open(deps: AllowedHostsDeps): Promise<AllowedHosts> {
    const opened = new AllowedHosts(deps)
    const document = await deps.store.get('meta', ROW)
    if (document !== undefined) opened.#take(hostsOf(document.body))
    opened.#unwatch = deps.store.watch(({ kind, id }) => {
      if (kind === 'meta' && id === ROW) void opened.#refresh().catch(() => undefined)
    })
    opened.#timer = setInterval(() => opened.#sweep(), SWEEP)
    opened.#timer.unref()
    return opened
  }

  list(): readonly AllowedHost[] {
    return this.#hosts
  }

  /** @throws SallyportError SP_SANDBOX_PROFILE for what is no host, SP_API_INVALID for more than there may be */
  async allow(given: Omit<AllowedHost, 'id'>): Promise<AllowedHost> {
    parseHostRule(given.host)
    const added = { id: this.#deps.random.uuid(), ...given }
    await this.#change((hosts) => {
      if (hosts.length >= MOST) throw new SallyportError('SP_API_INVALID', `At most ${MOST} hosts; write a rule.`)
      return [...hosts, added]
    })
    return added
  }

  /** @returns how many ended */
  async withdraw(which: (host: AllowedHost) => boolean): Promise<number> {
    let ended = 0
    await this.#change((hosts) => {
      const kept = hosts.filter((each) => !which(each))
      ended = hosts.length - kept.length
      return kept
    })
    return ended
  }

  close(): void {
    clearInterval(this.#timer)
    this.#unwatch?.()
  }

  async #change(act: (hosts: readonly AllowedHost[]) => readonly AllowedHost[]): Promise<void> {
    const { store, clock } = this.#deps
    for (let tries = 0; tries < TRIES; tries++) {
      const document = await store.get('meta', ROW)
      const known = document === undefined ? [] : hostsOf(document.body)
      const hosts = act(known.filter(({ until }) => until > clock.now()))
      const body = { hosts: hosts as unknown as JsonObject[], keep: true }
      if (await store.put({ kind: 'meta', id: ROW, state: '', expiresAt: 0, body }, document?.version ?? 0))
        return this.#take(hosts)
    }
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'Others change the allowed hosts at the same time.')
  }

  async #refresh(): Promise<void> {
    const document = await this.#deps.store.get('meta', ROW)
    this.#take(document === undefined ? [] : hostsOf(document.body))
  }

  #sweep(): void {
    const now = this.#deps.clock.now()
    if (this.#hosts.some(({ until }) => until <= now)) this.#take(this.#hosts)
  }

  #take(hosts: readonly AllowedHost[]): void {
    const now = this.#deps.clock.now()
    this.#hosts = hosts.filter(({ until }) => until > now)
    this.#deps.changed(
      this.#hosts.map(({ id, host, agent }) => ({
        name: `allowed ${id}`,
        agents: agent === undefined ? undefined : [agent],
        hosts: [parseHostRule(host)],
        requests: undefined,
      })),
    )
  }
}

/** What cannot be read allows nothing. */
function hostsOf({ hosts }: JsonObject): readonly AllowedHost[] {
  if (!Array.isArray(hosts)) return []
  return hosts.flatMap((one) =>
    isJsonObject(one) && typeof one['host'] === 'string' && typeof one['until'] === 'number'
      ? [one as unknown as AllowedHost]
      : [],
  )
}
