import { readPolicies, type PolicyPosture } from '@sallyport/core'
import { loadCedar } from '../../control/policy/cedar.ts'
import { prepare } from '../../control/policy/prepare.ts'
import { whyNot } from '../../control/policy/prepared.ts'
import { readSources } from '../../control/policy/sources.ts'
import { POLICIES } from '../../places.ts'
import type { ReadConfig } from './read-config.ts'

/** Both engines are compared by `policy check`; here a glance is enough. */
const GLANCE = { budgetMs: 50, requests: 1, every: 'policy' } as const

/**
 * The policies of the configuration, as a gateway that starts would see them.
 * @throws SallyportError SP_POLICY_INVALID for files that cannot be read
 */
export async function policyPosture({ config, loaded }: ReadConfig): Promise<PolicyPosture> {
  const files = await readSources({ sources: config.policies, baseDir: loaded.baseDir, presetsDir: POLICIES })
  const cedar = await loadCedar()
  // what is shipped was tested when it was built
  const extent = files.some(({ origin }) => origin === 'file') ? 'start' : 'in-force'
  const order = { tools: [], extent, check: GLANCE, seed: 1 } as const
  const prepared = await prepare(files, order, { cedar, monotonic: () => performance.now() })
  const { tests, inactive, version } = prepared
  const decided = new Set(tests.coverage.filter(({ fired }) => fired > 0).map(({ id }) => id))
  const problem = whyNot({ ...prepared, tests: { ...tests, failures: [] } })
  return {
    ...{ sources: config.policies, version },
    ...readPolicies(prepared.policies, decided),
    ...(problem === undefined ? {} : { problem: problem.text }),
    failing: tests.failures.map(({ file, line, test }) => ({ file, line, test })),
    waiting: Object.entries(inactive).map(([id, names]) => ({ id, for: names })),
  }
}
