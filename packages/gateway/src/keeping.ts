import type { Layout } from './config/paths.ts'
import type { Config } from './config/schema.ts'
import { weakenings } from './config/weakenings.ts'
import type { AcceptedRisk, Kept } from './ingress/api/keeping-routes.ts'

export function keptOf({ store, audit, policy, alerts }: Config, files: Pick<Layout, 'stateDir' | 'store'>): Kept {
  return {
    store: store.driver,
    place: store.driver === 'sqlite' ? (store.path ?? files.store) : files.stateDir,
    ...{ log: audit.retention, policies: policy.retention, alerts: alerts.retention },
    heads: audit.checkpoint.export ?? '',
  }
}

/** Everything that somebody put their name to: settings that weaken, addresses inside, findings that are let pass. */
export function acceptedRisks(config: Config): readonly AcceptedRisk[] {
  const { acknowledgeInsecure, egress, suppressions } = config
  return [
    ...weakenings(config).flatMap(({ path, option: { why } }): AcceptedRisk[] => {
      const given = acknowledgeInsecure[path]
      return given === undefined ? [] : [{ kind: 'setting', name: path, why, ...given }]
    }),
    ...Object.entries(egress.exceptions).map(([name, { addresses, reason, by, expires }]): AcceptedRisk => {
      const why = `Agents reach ${addresses.join(', ')}, which is inside.`
      return { kind: 'address', name, why, reason, by, expires }
    }),
    ...suppressions.map(({ rule, scope, owner, reason, expires }): AcceptedRisk => {
      const why = `What ${rule} finds in ${scope} is let pass; it is recorded all the same.`
      return { kind: 'finding', name: rule, why, reason, by: owner, expires }
    }),
  ]
}
