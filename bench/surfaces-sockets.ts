import { atMost, option, pause, percentile, told, type Figure } from './surfaces-figure.ts'
import { addPerson, type Person } from './surfaces-people.ts'
import { openStage, waitingFor, type Answer, type Stage } from './surfaces-stage.ts'
import { Watchers } from './surfaces-watchers.ts'

const [CLIENTS, PER_SECOND, MINUTES] = [1_000, 500, 1]
const [PER_SESSION, PER_PERSON] = [8, 16]
const TICK_MS = 20
const HEAP_GROWTH = 1.1
/** How often an agent asks for a human, who denies it: each is news for all who watch. */
const ASKED_EVERY_MS = 500
/** Half of the life of an agent's credential. */
const RENEW_MS = 7 * 60_000

const many = '{ requestsPerMinute: 10000000, burstSize: 1000000 }'
const ROOMY = `gateway:
  rateLimit:
    defaults: ${many}
    callsPerMinute: 10000000
    burst: 1000000
    categories: { read: ${many}, agent: ${many}, live: ${many}, sign-in: ${many}, messages: ${many}, local: ${many} }`

/**
 * A thousand consoles, a tenth of them with the page of all activity, the rest with that of approvals, while 500 requests a
 * second come: a fifth health, three tenths the list of approvals, a fifth the status, three tenths tool calls of an agent.
 * Times are from when a request was due.
 */
export async function sockets(args: readonly string[]): Promise<readonly Figure[]> {
  const [clients, perSecond] = [option(args, 'clients', CLIENTS), option(args, 'rate', PER_SECOND)]
  const minutes = option(args, 'minutes', MINUTES)
  const stage = await openStage(ROOMY)
  const watchers = new Watchers(stage.origin)
  try {
    const sessions = await signedIn(stage, Math.ceil(clients / PER_SESSION))
    process.stderr.write(`${sessions.length} sessions; opening ${clients} sockets\n`)
    for (let n = 0; n < clients; n++) await watchers.open(sessions[n % sessions.length] as Person)
    const [ana] = sessions as [Person]
    process.stderr.write(`${minutes} minutes at ${perSecond} requests a second\n`)
    const load = new Load(stage, ana, perSecond)
    await load.start()
    const ended = performance.now() + minutes * 60_000
    const asking = askPeople(stage, ana, ended)
    await pause(minutes * 12_000)
    const early = await stage.heap()
    await pause(Math.max(0, ended - performance.now()))
    const ids = await asking
    const { times, failed } = await load.stop()
    await pause(1_000)
    const late = await stage.heap()
    const { lost, told: heard, behind, closed } = watchers.count(ids)
    const all = [...times.values()].flat()
    return [
      told('requests a second that were answered', '/s', all.length / (minutes * 60), all.length),
      ...[...times].map(([what, of]) => told(`${what}: p50`, 'ms', percentile(of, 0.5), of.length)),
      ...[...times].map(([what, of]) => told(`${what}: p99`, 'ms', percentile(of, 0.99), of.length)),
      told('all requests: p50', 'ms', percentile(all, 0.5), all.length),
      told('all requests: p99', 'ms', percentile(all, 0.99), all.length),
      atMost('requests that failed', 'requests', failed, 0, all.length),
      told(`frames to ${clients} clients`, '/s', heard / (minutes * 60), heard),
      atMost('approvals that a client did not hear of', 'events', lost, 0, ids.length * clients),
      told('times a client was told that it missed something', '', behind, clients),
      atMost('sockets that were closed', 'sockets', closed, 0, clients),
      told(`heap after ${(minutes / 5).toFixed(1)} min`, 'MB', early / 1e6, 1),
      told(`heap after ${minutes} min`, 'MB', late / 1e6, 1),
      atMost('growth of the heap between them', 'times', late / early, HEAP_GROWTH, 1),
    ]
  } finally {
    watchers.close()
    await stage.close()
  }
}

/** So many sessions, of as many people as that takes. */
async function signedIn(stage: Stage, count: number): Promise<readonly Person[]> {
  const sessions: Person[] = []
  for (let n = 0; sessions.length < count; n++) {
    const person = await addPerson(stage, `person-${n}`)
    for (let m = 0; m < PER_PERSON && sessions.length < count; m++) sessions.push(await person.signIn())
  }
  return sessions
}

/** @returns ids of the approvals that were asked for and denied */
async function askPeople(stage: Stage, person: Person, until: number): Promise<readonly string[]> {
  const ids: string[] = []
  const credential = { text: '', since: Number.NEGATIVE_INFINITY }
  while (performance.now() < until) {
    if (performance.now() - credential.since > RENEW_MS)
      Object.assign(credential, { text: await stage.tell('agent', 'asker'), since: performance.now() })
    const to = `person-${ids.length}@desk.example`
    const call = stage.call(credential.text, 'desk.send', { to, body: 'x' })
    const approvalId = await waitingFor(stage)
    const denied = await person.ask('POST', `/api/v1/approvals/${approvalId}/deny`, {})
    if (denied.status !== 200) throw new Error(`denying answered ${denied.status} ${denied.text}`)
    ids.push(approvalId)
    await call
    await pause(ASKED_EVERY_MS)
  }
  return ids
}

/** Requests at a fixed rate, whether or not those before were answered. */
class Load {
  readonly times = new Map<string, number[]>()
  readonly #stage: Stage
  readonly #person: Person
  readonly #perSecond: number
  readonly #running = new Set<Promise<void>>()
  #credential = ''
  #timers: NodeJS.Timeout[] = []
  #sent = 0
  #failed = 0

  constructor(stage: Stage, person: Person, perSecond: number) {
    this.#stage = stage
    this.#person = person
    this.#perSecond = perSecond
  }

  async start(): Promise<void> {
    await this.#renew()
    const started = performance.now()
    const tick = (): void => {
      const now = performance.now()
      for (; started + (this.#sent * 1000) / this.#perSecond <= now; this.#sent++) {
        const one = this.#one(this.#sent, started + (this.#sent * 1000) / this.#perSecond)
        this.#running.add(one)
        void one.finally(() => this.#running.delete(one))
      }
    }
    this.#timers = [setInterval(tick, TICK_MS), setInterval(() => void this.#renew(), RENEW_MS)]
  }

  async stop(): Promise<{ readonly times: ReadonlyMap<string, readonly number[]>; readonly failed: number }> {
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all(this.#running)
    return { times: this.times, failed: this.#failed }
  }

  async #renew(): Promise<void> {
    this.#credential = await this.#stage.tell('agent', 'bench')
  }

  async #one(n: number, due: number): Promise<void> {
    const [what, asked] = this.#ask(n)
    const { status } = await asked.catch(() => ({ status: 0 }))
    if (status !== 200) this.#failed++
    else this.#timesOf(what).push(performance.now() - due)
  }

  #timesOf(what: string): number[] {
    const times = this.times.get(what) ?? []
    this.times.set(what, times)
    return times
  }

  #ask(n: number): readonly [what: string, Promise<Answer>] {
    const at = n % 10
    if (at < 2) return ['health', this.#stage.page({ path: '/health' })]
    if (at < 5) return ['list of approvals', this.#person.ask('GET', '/api/v1/approvals')]
    if (at < 7) return ['status', this.#person.ask('GET', '/api/v1/status')]
    return ['tool call', this.#stage.call(this.#credential, 'desk.note', { text: `note ${n}` }, 5)]
  }
}
