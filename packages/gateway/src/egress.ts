import {
  addressFacts,
  findSecrets,
  toSallyportError,
  type InnerException,
  type Integrity,
  type KnownSecrets,
  type Label,
} from '@sallyport/core'
import type { Clock, Random } from './boundary/ports.ts'
import { egressSourceOf, readEgressFile } from './config/egress-rules.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import { AllowedHosts } from './control/egress/allowed-hosts.ts'
import type { NewHost, NewHostAnswer } from './control/egress/new-host.ts'
import { RateLimiter } from './control/identity/rate-limiter.ts'
import { watchFiles } from './control/policy/watch.ts'
import type { ModelBudgetPort } from './boundary/ports-budget.ts'
import type { Broker } from './custody/broker/broker.ts'
import { createAuthority } from './execution/egress/authority.ts'
import type { Resolve } from './execution/egress/dial.ts'
import { EgressBook } from './execution/egress/book.ts'
import { LiveConnections } from './execution/egress/live.ts'
import { EgressLimits } from './execution/egress/limits.ts'
import type { Lender, SessionFlow } from './execution/egress/lend.ts'
import type { EgressAttempt } from './execution/egress/proxy.ts'
import { ruleView, tested } from './execution/egress/explain.ts'
import type { EgressRoutesDeps } from './ingress/api/egress-routes.ts'
import type { Store } from './store/ports.ts'

export interface EgressDeps {
  readonly loaded: LoadedConfig
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly broker: Broker
  /** Absent: what is asked of models is not counted. */
  readonly budgets: ModelBudgetPort | undefined
  readonly exceptions: readonly InnerException[]
  /** Certificates of own authorities, PEM. */
  readonly authorities: readonly string[]
  readonly known: KnownSecrets
  readonly resolve: Resolve
  readonly alert: (name: string, severity: string, message: string) => void
  /** Rules of a file are in force, or could not be read. */
  readonly reloaded: (file: string, error?: string) => void
}

/** Labels of the sessions of agents. */
interface AgentFlow {
  snapshot(instance: string): Pick<Label, 'confidentiality'>
  reads(instance: string, host: string, integrity: Integrity): Promise<void>
}

/** What may leave the sandboxes of one gateway. */
export interface Egress {
  readonly book: EgressBook
  readonly live: LiveConnections
  /** For operators. */
  readonly routes: Pick<EgressRoutesDeps, 'rules' | 'allowed' | 'test'>
  /** What stands behind the way out of one sandbox. */
  readonly lenderOf: (holder: string, instance: string, source: string) => Promise<Lender>
  /** Says what to do about what a record alone would leave open; once for each sandbox and place. */
  readonly noticed: (attempt: Pick<EgressAttempt, 'target' | 'reason'> & { readonly sandbox: string }) => void
  /** From now on rules see what the sessions of agents have read. */
  readonly labelWith: (flow: AgentFlow) => void
  /** From now on new hosts are asked about. */
  readonly askWith: (ask: (wanted: NewHost, signal: AbortSignal) => Promise<NewHostAnswer>) => void
  readonly close: () => Promise<void>
}

/** @throws SallyportError SP_CONFIG_INVALID for rules that nobody would understand; later they are not taken over, and that is said */
export async function createEgress(deps: EgressDeps): Promise<Egress> {
  const { loaded, store, clock, random, broker, budgets, exceptions, authorities, known, resolve, alert, reloaded } =
    deps
  const { egress } = loaded.config
  const book = new EgressBook()
  book.set('configuration', egressSourceOf(egress))
  const files = egress.files.map((path) => configPath(loaded, path))
  for (const file of files) book.set(file, readEgressFile(file))
  const unwatch = await watchFiles(files, async () => {
    for (const file of files) {
      try {
        book.set(file, readEgressFile(file))
        reloaded(file)
      } catch (thrown) {
        const { message } = toSallyportError(thrown)
        reloaded(file, message)
        alert('egress-rules-refused', 'high', `${message} Those before stay in force.`)
      }
    }
    return Promise.resolve()
  })
  const allowed = await AllowedHosts.open({
    ...{ store, clock, random },
    changed: (rules) => book.set('operator', { rules, blocked: [], refuse: [] }),
  })
  const { requestsPerMinute, burst } = egress.limits
  const pace = new RateLimiter(clock, requestsPerMinute, burst)
  const limits = new EgressLimits(
    () => book.limits(),
    () => clock.monotonic(),
  )
  const live = new LiveConnections(() => clock.now())
  const distrusted = new Set<string>()
  let flow: AgentFlow | undefined
  let ask: ((wanted: NewHost, signal: AbortSignal) => Promise<NewHostAnswer>) | undefined
  return {
    book,
    live,
    routes: {
      allowed,
      rules: () => book.list().map(({ source, rule }) => ruleView(source, rule)),
      test: async (asked) => tested(asked, book, egress.unknown),
    },
    noticed({ sandbox, target, reason }) {
      const key = `${sandbox} ${target}`
      if (reason !== 'not_trusted' || distrusted.has(key) || distrusted.size >= MOST_DISTRUSTED) return
      distrusted.add(key)
      alert(
        'egress-not-trusted',
        'medium',
        `A program in the sandbox of ${sandbox} does not trust the certificate of its sandbox for ${target}, which is looked into. Have it use SSL_CERT_FILE or the base URL, or, if it pins its own, allow the host by a rule without \`allow\` and \`deny\` and without a credential.`,
      )
    },
    labelWith(given) {
      flow = given
    },
    askWith(asker) {
      if (egress.unknown === 'ask') ask = asker
    },
    async lenderOf(holder, instance, source) {
      const signed = signedHosts(broker, book, budgets, holder)
      const authority = signed.length === 0 ? {} : { authority: await createAuthority(signed, () => clock.now()) }
      return {
        ...{ port: broker, holder, instance, source, exceptions, authorities, resolve, ...authority },
        ...{ budgets, take: () => pace.take(holder) },
        admit: (to) => limits.admit(holder, to),
        ...(flow === undefined || holder.startsWith('server:') ? {} : { flow: flowOf(flow, instance) }),
        opened: (target, socket, isInspected) => live.opened({ holder, target, isInspected }, socket),
        rules: () => book.of(holder),
        onChange: (listener) => book.onChange(listener),
        findSecrets: (text) => findSecrets(text, 'result', { known }),
        ask: async (asked, signal) => ask?.({ ...asked, holder, instance }, signal) ?? NOBODY,
      }
    },
    async close() {
      allowed.close()
      await unwatch()
    },
  }
}

/** Alerts of one gateway about clients that trust nobody. */
const MOST_DISTRUSTED = 1_000
const flowOf = (flow: AgentFlow, instance: string): SessionFlow => ({
  confidentiality: () => flow.snapshot(instance).confidentiality,
  reads: (host, integrity) => flow.reads(instance, host, integrity),
})

const NOBODY = { ok: false, reason: 'not_allowlisted' } as const

/** Names whose tunnels are opened: those of credentials, of models whose use is counted, and those that rules look into. */
function signedHosts(
  broker: Broker,
  book: EgressBook,
  budgets: ModelBudgetPort | undefined,
  holder: string,
): readonly string[] {
  const ofRules = book.of(holder).looking.flatMap(({ hosts }) => hosts)
  const names = [
    ...broker.hostsOf(holder).map(({ host }) => host),
    ...(budgets?.hostsOf(holder) ?? []),
    ...ofRules.map(({ host, below }) => (below ? `*.${host}` : host)),
  ]
  return [...new Set(names)].filter((host) => addressFacts(host) === undefined && !host.includes(':'))
}
