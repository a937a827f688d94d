import type { Clock } from '../boundary/ports.ts'
import type { Metrics } from './registry.ts'

interface LimitCount {
  /** Class of requests that share a limit. */
  readonly name: string
  /** Requests that it was asked about since the start. */
  readonly hits: number
  /** Those of them that it refused. */
  readonly violations: number
}

/** What somebody has spent of a budget in the cycle that is now. */
interface SpentBudget {
  readonly name: string
  readonly agent: string
  readonly spent: number
  readonly reserved: number
  readonly limit: number
}

/** What is read when somebody asks for metrics. */
export interface MeteredParts {
  readonly version: string
  readonly clock: Clock
  /** Calls that wait for a person. */
  readonly waiting: () => Promise<number>
  readonly isLogHealthy: () => boolean
  readonly agents: () => readonly { readonly state: string }[]
  readonly sessions: () => Promise<readonly { readonly state: string }[]>
  /** One word a server: what confines it. */
  readonly servers: () => readonly string[]
  /** Agents that run confined. */
  readonly confined: () => number
  /** States of what lies in the vault. */
  readonly secrets: () => Promise<readonly string[]>
  /** Severities of the alerts that are open. */
  readonly alerts: () => Promise<readonly string[]>
  readonly limits: () => readonly LimitCount[]
  readonly budgets: () => Promise<readonly SpentBudget[]>
}

/** Has gauges read their parts before each answer. */
export function readGauges(metrics: Metrics, parts: MeteredParts): void {
  const { version, clock } = parts
  const started = clock.now() / 1000 - process.uptime()
  metrics.set('build', { version }, 1)
  metrics.set('started', {}, started)
  metrics.collect('process', () => {
    const { user, system } = process.cpuUsage()
    metrics.reset('cpu')
    metrics.add('cpu', {}, (user + system) / 1e6)
    metrics.set('memory', {}, process.memoryUsage.rss())
  })
  metrics.collect('log', () => metrics.set('logHealthy', {}, parts.isLogHealthy() ? 1 : 0))
  metrics.collect('approvals', async () => metrics.set('waiting', {}, await parts.waiting()))
  metrics.collect('agents', () => countEach(metrics, 'agents', 'state', parts.agents().map(stateOf)))
  metrics.collect('sessions', async () => {
    const open = (await parts.sessions()).filter(({ state }) => state === 'active')
    metrics.set('sessions', {}, open.length)
  })
  metrics.collect('servers', () => countEach(metrics, 'servers', 'sandbox', parts.servers()))
  metrics.collect('confined', () => metrics.set('confined', {}, parts.confined()))
  metrics.collect('vault', async () => countEach(metrics, 'secrets', 'state', await parts.secrets()))
  metrics.collect('alerts', async () => countEach(metrics, 'openAlerts', 'severity', await parts.alerts()))
  metrics.collect('budgets', async () => setBudgets(metrics, await parts.budgets()))
  metrics.collect('limits', () => {
    metrics.reset('limitHits')
    metrics.reset('limitViolations')
    for (const { name, hits, violations } of parts.limits()) {
      metrics.add('limitHits', { class: name }, hits)
      metrics.add('limitViolations', { class: name }, violations)
    }
  })
}

/** Of an agent with several sessions, the one that spent most. */
function setBudgets(metrics: Metrics, budgets: readonly SpentBudget[]): void {
  metrics.reset('budgetSpent')
  metrics.reset('budgetReserved')
  metrics.reset('budgetLimit')
  const most = new Map<string, SpentBudget>()
  for (const one of budgets) {
    const key = `${one.name}|${one.agent}`
    if (one.spent >= (most.get(key)?.spent ?? 0)) most.set(key, one)
  }
  for (const { name: budget, agent, spent, reserved, limit } of most.values()) {
    metrics.set('budgetSpent', { budget, agent }, spent)
    metrics.set('budgetReserved', { budget, agent }, reserved)
    metrics.set('budgetLimit', { budget, agent }, limit)
  }
}

const stateOf = ({ state }: { readonly state: string }): string => state

/** A gauge with one series a word; words that are gone are gone. */
function countEach(
  metrics: Metrics,
  name: 'agents' | 'servers' | 'secrets' | 'openAlerts',
  label: string,
  words: readonly string[],
): void {
  metrics.reset(name)
  for (const word of new Set(words)) metrics.set(name, { [label]: word }, words.filter((one) => one === word).length)
}
