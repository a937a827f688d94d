import { buildBundle, cedarSchema, collectPools, generateRequest, match, seeded, toCedarRequest } from '@sallyport/core'
import type {
  ActionModel,
  CompiledPolicy,
  ForeignEngine,
  PolicyBundle,
  PolicyRequest,
  PolicySource,
  PrincipalType,
  Rng,
} from '@sallyport/core'
import { foreignEngines } from './foreign-engine.ts'
import type { Cedar } from './cedar.ts'
import type { SelfCheckReport } from './prepared.ts'

/** What a self-check is about: plain data, so that it can go to another thread. */
export interface SelfCheckJob {
  readonly policies: readonly PolicySource[]
  readonly actions: readonly ActionModel[]
  readonly stubs: readonly string[]
  /** Types that the schema has. */
  readonly principals: readonly PrincipalType[]
  /** Action → why its policies do not fit: nothing is asked about it. */
  readonly blocked: Readonly<Record<string, string>>
  readonly check: SelfCheckExtent
  readonly seed: number
  /** Not zero, set from another thread: one request for everything is enough now. */
  readonly enough?: Int32Array
}

export interface SelfCheckExtent {
  /** Stop after this time and say what was not reached. */
  readonly budgetMs: number
  /** Requests for every policy, or for every bucket, while the time lasts. */
  readonly requests: number
  readonly every: 'policy' | 'bucket'
}

/**
 * Asks both engines the same generated requests and compares which policies hold and which fail. Any difference but one
 * means that our compiler must not be trusted with these policies. The one: integers beyond 2^53, where we refuse to decide.
 */
export function runSelfCheck(job: SelfCheckJob, cedar: Cedar, monotonic: () => number): SelfCheckReport {
  const { policies, actions, stubs, principals, check: options, seed } = job
  const bundle = buildBundle({
    digest: '',
    version: '',
    policies,
    actions,
    blocked: new Map(Object.entries(job.blocked)),
  })
  const schema = cedarSchema(actions, stubs, principals)
  const started = monotonic()
  const engines = foreignEngines(cedar, schema, 'self-check', (request) => toCedarRequest(bundle, request))
  const left = new Set(
    bundle.policies.filter((policy) => policy.unsupported === undefined).map((policy) => policy.meta.id),
  )
  const disagreements: string[] = []
  const rng = seeded(seed)
  let requests = 0
  let checked = 0
  const isEnough = (): boolean => job.enough !== undefined && Atomics.load(job.enough, 0) !== 0
  const late = (): boolean => monotonic() - started > options.budgetMs
  const asked = [...coveringBuckets(bundle, options.every)].map(({ action, policies }) => ({
    action,
    policies,
    ask: undefined as Ask | undefined,
  }))
  // Breadth first: one request for every bucket before the second for any.
  for (let pass = 0; pass < options.requests; pass++) {
    for (const bucket of asked) {
      if (late() || (pass > 0 && isEnough())) break
      bucket.ask ??= prepareAsk(bundle, engines.engine(bucket.action, bucket.policies), bucket.action, bucket.policies)
      const difference = bucket.ask(() => rng(), principals)
      requests++
      if (difference !== undefined) disagreements.push(difference)
      for (const policy of bucket.policies) if (left.delete(policy.meta.id)) checked++
    }
  }
  // Policies that no tool falls under have nothing to be asked.
  const reachable = new Set(
    [...bundle.buckets.values()].flatMap((bucket) => members(bucket)).map((policy) => policy.meta.id),
  )
  const skipped = [...left].filter((id) => reachable.has(id)).sort()
  return { requests, policies: checked, skipped, disagreements, ms: Math.round(monotonic() - started) }
}

type Ask = (rng: Rng, principals: readonly PrincipalType[]) => string | undefined

function prepareAsk(
  bundle: PolicyBundle,
  engine: ForeignEngine,
  action: ActionModel,
  policies: readonly CompiledPolicy[],
): Ask {
  const pools = collectPools(policies.map((policy) => policy.source.est))
  return (rng, principals) => {
    const request = generateRequest(action, pools, rng, principals)
    return compare(bundle, request, engine(request), policies)
  }
}

type BucketOf = PolicyBundle['buckets'] extends ReadonlyMap<string, infer B> ? B : never

function members(bucket: BucketOf): readonly CompiledPolicy[] {
  const lists = [bucket.forbids, bucket.permits].flatMap(({ generic, byResource, byPrincipal }) => [
    generic,
    ...(byResource?.values() ?? []),
    ...(byPrincipal?.values() ?? []),
  ])
  return lists.flat()
}

/** Few buckets that hold all policies between them, the largest first; or every bucket. */
function* coveringBuckets(
  bundle: PolicyBundle,
  every: 'policy' | 'bucket',
): Iterable<{ action: ActionModel; policies: readonly CompiledPolicy[] }> {
  const covered = new Set<string>()
  const buckets = [...bundle.buckets.values()]
    .filter((bucket) => bucket.foreign === undefined && bucket.blocked === undefined)
    .sort((a, b) => b.size - a.size)
  for (const bucket of buckets) {
    const all = members(bucket)
    const policies = every === 'bucket' ? all : all.filter((policy) => !covered.has(policy.meta.id))
    if (policies.length === 0) continue
    for (const policy of policies) covered.add(policy.meta.id)
    yield { action: bucket.action, policies }
  }
}

function compare(
  bundle: PolicyBundle,
  request: PolicyRequest,
  theirs: { readonly matched: readonly string[]; readonly failed: readonly string[] },
  policies: readonly CompiledPolicy[],
): string | undefined {
  const asked = new Set(policies.map((policy) => policy.meta.id))
  const ours = verdicts(bundle, request, policies)
  const ids = (list: readonly string[]): string =>
    [...new Set(list)]
      .filter((id) => asked.has(id))
      .sort()
      .join(',')
  if (ours.overflow) return undefined
  const [us, them] = [`${ids(ours.matched)} / ${ids(ours.failed)}`, `${ids(theirs.matched)} / ${ids(theirs.failed)}`]
  return us === them
    ? undefined
    : `${request.action}: we say [${us}], the stock engine [${them}] to ${JSON.stringify(request)}`
}

/** Every policy on its own, since `match` stops before the permits when something forbids. */
function verdicts(
  bundle: PolicyBundle,
  request: PolicyRequest,
  policies: readonly CompiledPolicy[],
): { readonly matched: readonly string[]; readonly failed: readonly string[]; readonly overflow: boolean } {
  const matches = match(bundle, request, 'everything')
  const listed = [...matches.forbids, ...matches.asks, ...matches.permits, ...matches.advisory]
  const asked = new Set(policies)
  return {
    matched: listed.filter((policy) => asked.has(policy)).map((policy) => policy.meta.id),
    failed: matches.errors.filter((policy) => asked.has(policy)).map((policy) => policy.meta.id),
    overflow: matches.overflow,
  }
}
