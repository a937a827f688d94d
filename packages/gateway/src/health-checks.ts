import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bindingFindings, createCheckpointSigner, SallyportError, type Json } from '@sallyport/core'
import { bindingFactsOf } from './assurance/posture/binding-facts.ts'
import { toAcknowledge } from './config/weakenings.ts'
import type { LoadedConfig } from './config/load.ts'
import type { Layout } from './config/paths.ts'
import type { Catalogue } from './control/catalogue/catalogue.ts'
import type { PolicyService } from './control/policy/service.ts'
import type { Presence } from './control/presence/presence.ts'
import type { Credentials } from './credentials.ts'
import type { GatewayKeys } from './custody/keys.ts'
import { confinementOf } from './execution/upstream/spec.ts'
import { HEALTH_ALERT } from './metrics/health/health.ts'
import { foundOr, type HealthCheck } from './metrics/health/check.ts'
import {
  filesCheck,
  policyCheck,
  settingsCheck,
  type OpenPath,
  type WeakSetting,
} from './metrics/health/checks/config.ts'
import { levelCheck, metadataCheck, serversCheck, type ActingAgent } from './metrics/health/checks/isolation.ts'
import { logCheck, logKeepingCheck, reviewCheck, routesCheck } from './metrics/health/checks/log.ts'
import { attentionCheck, claimedCheck, type Answered } from './metrics/health/checks/people.ts'
import { alertsCheck, secretsCheck, sinksCheck, toolsCheck, type WaitingSink } from './metrics/health/checks/tools.ts'
import type { MeteredGateway } from './metering.ts'

export interface CheckedGateway extends MeteredGateway {
  readonly loaded: LoadedConfig
  readonly files: Layout
  readonly keys: Pick<GatewayKeys, 'checkpoint' | 'gatewayId'>
  readonly presence: Pick<Presence, 'people'>
  readonly policy: Pick<PolicyService, 'describe' | 'staged' | 'live'>
  readonly catalogue: Pick<Catalogue, 'servers' | 'entries'>
  readonly credentials: Pick<Credentials, 'vault'>
  /** When somebody last looked at the log, ms since 1970. */
  readonly reviewedAt: () => number
  /** Where alerts are told, and what waits there. */
  readonly sinks: () => Promise<readonly WaitingSink[]>
  /** Routes that are not public, and those of them that answer somebody without a credential. */
  readonly strangers: () => { readonly routes: number; readonly open: readonly string[] }
  readonly forwardedSeen: () => boolean
}

const DAY = 86_400_000
/** Longest an attempt to reach a metadata service may take, ms. */
const REACH = 2_000

/** Everything that this gateway can find out about itself, besides the audit of its posture (`auditing.ts`). */
export function healthChecks(parts: CheckedGateway, week: () => Promise<Answered>): readonly HealthCheck[] {
  const { loaded, store, clock, keys, presence, policy, catalogue, evidence, upstreams, strangers } = parts
  const { config } = loaded
  const signer = createCheckpointSigner(keys.checkpoint, `sallyport/${keys.gatewayId}/${store.stream}`)
  return [
    claimedCheck(async () => (await presence.people()).length),
    levelCheck(() => actingAgents(parts)),
    settingsCheck(() => weakSettings(loaded)),
    bindingCheck(loaded, parts.forwardedSeen),
    routesCheck(strangers),
    metadataCheck((url) => reach(parts, url)),
    serversCheck(() => upstreams.specs().map((spec) => ({ alias: spec.alias, sandbox: confinementOf(spec) }))),
    policyCheck(async () => {
      const { policies, version, blocked } = policy.describe()
      const staged = (await policy.staged()) !== undefined
      return { policies, version, staged, sources: config.policies, blocked: Object.keys(blocked) }
    }),
    toolsCheck(() =>
      catalogue
        .servers()
        .flatMap(({ alias }) => catalogue.entries(alias).map(({ tool, state }) => ({ id: tool.id, state }))),
    ),
    logCheck({ store, publicKey: signer.publicKey, origin: signer.origin, now: () => clock.now() }),
    reviewCheck(() => ({ reviewedAt: parts.reviewedAt(), now: clock.now() })),
    logKeepingCheck(() => ({
      healthy: evidence.healthy(),
      exported: config.audit.checkpoint.export !== undefined,
    })),
    secretsCheck(
      () => secretsOf(parts),
      () => clock.now(),
    ),
    // the alert about the score is not a reason for a lower one
    alertsCheck(async () =>
      (await openAlerts(store)).flatMap(({ name, severity }) => (name === HEALTH_ALERT ? [] : [severity])),
    ),
    sinksCheck(parts.sinks, () => clock.now()),
    filesCheck(() => openFiles(parts.files)),
    attentionCheck(week),
  ]
}

/** Alerts that nobody has closed or taken. */
export async function openAlerts(
  store: MeteredGateway['store'],
): Promise<readonly { readonly name: string; readonly severity: string }[]> {
  const open = await store.list('alert', { state: 'open', limit: 10_000 })
  const word = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
  return open.map(({ body }) => ({ name: word(body['name']), severity: word(body['severity']) }))
}

function actingAgents({ identity, runs, clock }: CheckedGateway): readonly ActingAgent[] {
  const confined = new Set(runs.list().map(({ agent }) => agent))
  return identity.agents
    .list()
    .filter(({ state, scopes, instance }) => {
      const isRecent = instance.lastSeenAt > clock.now() - DAY
      return state === 'active' && isRecent && scopes.some((scope) => scope !== 'read')
    })
    .map(({ name }) => ({ name, confined: confined.has(name) }))
}

function weakSettings({ config }: LoadedConfig): readonly WeakSetting[] {
  return toAcknowledge(config).map(({ path, option: { why } }) => {
    const { by, expires } = config.acknowledgeInsecure[path] ?? {}
    return { path, why, ...(by === undefined || expires === undefined ? {} : { by, expires }) }
  })
}

/** Where the console can be reached from, and how (SEC-2.3, SEC-2.4). */
function bindingCheck({ config }: LoadedConfig, forwardedSeen: () => boolean): HealthCheck {
  return {
    ...{ id: 'binding', area: 'network', title: 'Where the gateway listens' },
    run: () => {
      const facts = bindingFactsOf(config, [], forwardedSeen())
      const { listeners } = facts
      const found = bindingFindings(facts)
      return foundOr(
        found.map(({ id, severity, subject, detail, remediation }) => ({
          ...{ id, severity, title: `${subject} is open`, why: detail, next: remediation },
        })),
        listeners.length === 0 ? 'Nothing listens on a network' : 'What listens is closed to strangers',
        listeners.map(({ address, name }) => `${name} ${address}`).join(', '),
      )
    },
  }
}

async function reach({ outgoing }: CheckedGateway, url: string): Promise<'refused' | 'unreachable' | 'reached'> {
  try {
    const answer = await outgoing.exchange(url, { method: 'GET', headers: {}, signal: AbortSignal.timeout(REACH) })
    await answer.discard()
    return 'reached'
  } catch (thrown) {
    return thrown instanceof SallyportError && thrown.code === 'SP_EGRESS_REFUSED' ? 'refused' : 'unreachable'
  }
}

/** The vault is not opened to look: one that nobody used has nothing in it. */
async function secretsOf({ store, credentials }: CheckedGateway) {
  if ((await store.list('secret', { limit: 1 })).length === 0) return []
  return (await credentials.vault()).list()
}

function openFiles(files: Layout): { readonly looked: number; readonly open: readonly OpenPath[] } {
  const inside = [files.keys, files.run].flatMap((directory) =>
    existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [],
  )
  const paths = [files.stateDir, files.keys, files.run, files.agents, files.store, ...inside].filter(existsSync)
  const open = paths.flatMap((path) => {
    const { mode } = lstatSync(path)
    const isOpen = (mode & 0o077) !== 0 && !path.endsWith('.pub')
    return isOpen ? [{ path, mode: mode & 0o777, writable: (mode & 0o022) !== 0 }] : []
  })
  return { looked: paths.length, open }
}
