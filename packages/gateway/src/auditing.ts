import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { readPolicies, type PolicyPosture, type Severity } from '@sallyport/core'
import { Memory } from './alerts/memory.ts'
import { known, NOT_INSTALLED, unseen, type Facts } from './assurance/posture/facts.ts'
import { gatherFiles } from './assurance/posture/gather/files.ts'
import { gatherProfiles } from './assurance/posture/gather/profiles.ts'
import { createIntegrity, type Written } from './assurance/posture/integrity.ts'
import { createPostureMonitor, type PostureMonitor } from './assurance/posture/monitor.ts'
import { riskyVariables } from './assurance/posture/variables.ts'
import { environment } from './config/environment.ts'
import type { Config } from './config/schema.ts'
import { toAcknowledge } from './config/weakenings.ts'
import { counted, NONE, type Found, type HealthArea, type HealthCheck } from './metrics/health/check.ts'
import type { CheckedGateway } from './health-checks.ts'

/** Seen by the gateway's other checks of itself already: counted once (SEC-7.4). */
const SEEN_ELSEWHERE =
  /^(?:gateway\.|config\.insecure$|fs\.(?:keys|state)_open$|identity\.unclaimed$|isolation\.level$)/

const AREA: Readonly<Record<string, HealthArea>> = {
  ...{ identity: 'identity', data: 'secrets', network: 'network', gateway: 'network', monitoring: 'alerts' },
  ...{ supply: 'tools', filesystem: 'config', tools: 'tools', isolation: 'isolation', secrets: 'secrets' },
  ...{ policy: 'policy', logging: 'log', hooks: 'isolation', channels: 'people', browser: 'tools' },
  ...{ plugins: 'tools', models: 'tools', config: 'config' },
}

/** The audit of this gateway while it runs; undefined where the configuration switches it off. */
export function auditing(parts: CheckedGateway): PostureMonitor | undefined {
  const { loaded, store, alert, notice } = parts
  const { enabled, interval, alertThreshold } = loaded.config.security.monitoring
  if (!enabled) return undefined
  const integrity = createIntegrity({
    ...{ stateDir: parts.files.stateDir, config: loaded.file, alert },
    memory: new Memory<Written>(store, `integrity.${store.stream}`),
  })
  return createPostureMonitor({
    async gather() {
      await integrity.look()
      return factsOf(parts)
    },
    every: interval,
    threshold: alertThreshold,
    memory: new Memory<readonly string[]>(store, `posture.told.${store.stream}`),
    alert: ({ id, severity, subject, detail, remediation }) =>
      alert(`posture.${id}`, severity === 'info' ? 'low' : severity, `${subject}: ${detail} ${remediation}`),
    failed: (error) => notice(`medium: the audit of the posture could not be made: ${String(error)}`),
  })
}

/** What the monitor found, as findings of the health of this gateway: one score, one gauge (E-73). */
export function postureChecks(monitor: PostureMonitor | undefined, config: Config): readonly HealthCheck[] {
  if (monitor === undefined) return []
  let looking: ReturnType<PostureMonitor['look']> | undefined
  // the checks of one round share one look
  const look = (): ReturnType<PostureMonitor['look']> =>
    (looking ??= monitor.look().finally(() => setImmediate(() => (looking = undefined))))
  return [...new Set(Object.values(AREA))].map((area) => ({
    ...{ id: `posture.${area}`, area, title: `The posture: ${area}` },
    async run() {
      const { findings, fine } = await look()
      const weak = new Set(toAcknowledge(config).map(({ path }) => path))
      const own = findings.filter(
        ({ id, severity, category, subject }) =>
          severity !== 'info' && AREA[category] === area && !SEEN_ELSEWHERE.test(id) && !weak.has(subject),
      )
      if (own.length === 0)
        return area === 'config'
          ? { state: 'fine', fine: { title: 'The posture was audited', proof: counted(fine.length, 'check') } }
          : NONE
      return {
        state: 'found',
        found: own.map(({ id, severity, subject, detail, why = detail, remediation }): Found => ({
          ...{ id: `posture.${id}.${subject}`, severity: severity as Severity, title: `${subject}: ${detail}` },
          ...{ why, next: remediation },
        })),
      }
    },
  }))
}

/** What can be seen from inside. The rest is the gateway's other checks, or `sallyport security audit`. */
function factsOf({ loaded, files, policy, identity, runs, clock }: CheckedGateway): Facts {
  const { config, file, baseDir } = loaded
  const elsewhere = unseen('The checks of the gateway itself look at this.', false)
  const confined = new Set(runs.list().map(({ agent }) => agent))
  return {
    now: clock.now(),
    config:
      file === undefined
        ? known({ config, text: '', bypasses: [] })
        : existsSync(file)
          ? known({ config, file, text: readFileSync(file, 'utf8'), bypasses: [] })
          : known({ config, file, text: '', bypasses: [] }),
    files: known(
      gatherFiles({
        ...{ stateDir: files.stateDir, config: file, isOwnConfig: false, logins: [], home: homedir() },
        policies: config.policies.flatMap((source) => (source.startsWith('preset:') ? [] : [resolve(baseDir, source)])),
        uid: process.getuid?.() ?? -1,
      }),
    ),
    policy: known(policyPosture(policy, config.policies)),
    level: elsewhere,
    environment: known(riskyVariables(environment())),
    profiles: gatherProfiles(config, baseDir),
    agents: known(
      identity.agents
        .list()
        .filter(({ state }) => state === 'active')
        .map(({ name, scopes }) => ({ name, scopes, confined: confined.has(name) })),
    ),
    gateway: elsewhere,
    deep: elsewhere,
    ...NOT_INSTALLED,
    // what is admitted here is watched and told of by itself
    skills: elsewhere,
  }
}

function policyPosture(policy: CheckedGateway['policy'], sources: readonly string[]): PolicyPosture {
  const { policies, prepared, version } = policy.live()
  const tests = prepared?.tests
  const ran = (tests?.results.length ?? 0) > 0
  const decided = new Set(tests?.coverage.filter(({ fired }) => fired > 0).map(({ id }) => id))
  return {
    ...{ sources, version },
    ...readPolicies(policies, ran ? decided : undefined),
    failing: (tests?.failures ?? []).map(({ file, line, test }) => ({ file, line, test })),
    waiting: Object.entries(prepared?.inactive ?? {}).map(([id, names]) => ({ id, for: names })),
  }
}
