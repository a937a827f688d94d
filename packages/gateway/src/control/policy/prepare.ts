import { actionModel, buildBundle, comparePolicyVersions, digest, type ToolForPolicy } from '@sallyport/core'
import { parseAhead, type ParseBeside } from './parse-ahead.ts'
import { readPolicyFile, type EstCache, type LocatedPolicy, type ReadFile } from './read-policies.ts'
import { runPolicyTests } from './run-tests.ts'
import { runSelfCheck, type SelfCheckExtent, type SelfCheckJob } from './self-check.ts'
import { checkTypes, resolveNames, type CheckExtent } from './validate-policies.ts'
import type { Cedar } from './cedar.ts'
import type { Issue } from './position.ts'
import type { Prepared, SelfCheckReport } from './prepared.ts'
import type { SourceFile } from './sources.ts'

export interface PrepareOptions {
  readonly tools: readonly ToolForPolicy[]
  readonly extent: CheckExtent
  readonly check: SelfCheckExtent
  readonly seed: number
}

/** What checking policies is done with. */
export interface PrepareTools {
  readonly cedar: Cedar
  readonly monotonic: () => number
  /** Policies that were parsed before. */
  readonly cache?: EstCache
  /** Asks both engines; by default here, in a gateway on a thread of its own beside the type check. */
  readonly check?: (job: SelfCheckJob) => Promise<SelfCheckReport>
  /** Parses policies beside this thread; what does not parse is left out. */
  readonly parse?: ParseBeside
}

/**
 * Everything that has to hold before policies may decide: they parse, their annotations make sense, ids are unique, types
 * fit the registry, their tests are green, and both engines agree. `issues` with severity error mean: do not load.
 */
export async function prepare(
  files: readonly SourceFile[],
  options: PrepareOptions,
  tools: PrepareTools,
): Promise<Prepared> {
  const { cedar, cache = new Map() } = tools
  const issues: Issue[] = []
  if (tools.parse !== undefined) await parseAhead(files, cedar, cache, tools.parse)
  const isGood = (): boolean => issues.every(({ severity }) => severity !== 'error')
  const read = files.map((file) => readPolicyFile(file, cedar, cache, issues))
  const policies = uniqueIds(read, issues)
  const actions = options.tools.map(actionModel)
  const naming = resolveNames({ policies, actions, extent: options.extent }, issues)
  // Waiting policies are in the set as well: diffs and tests see them, and no action is there for them to decide on.
  const plain = policies.map(({ id, est, text, file, line }) => ({ id, est, text, file, line }))
  const { stubs, principals } = naming
  const { check, seed } = options
  const enough = new Int32Array(new SharedArrayBuffer(4))
  const job = { policies: plain, actions, stubs, principals, blocked: {}, check, seed, enough }
  const ask = tools.check ?? (async (asked: SelfCheckJob) => runSelfCheck(asked, cedar, tools.monotonic))
  // most likely every tool fits, so that there is nothing to wait for
  const asking = isGood() ? ask(job) : undefined
  asking?.catch(() => undefined)
  const blocked = checkTypes(naming, cedar, issues)
  if (options.extent !== 'change') Atomics.store(enough, 0, 1)
  const head = bundleHead(read)
  const unsupported: Record<string, string> = {}
  let checked: SelfCheckReport = { requests: 0, policies: 0, skipped: [], disagreements: [], ms: 0 }
  let tests: Prepared['tests'] = { passed: 0, failures: [], results: [], coverage: [] }
  if (isGood()) {
    for (const { meta, unsupported: construct } of buildBundle({ ...head, policies: plain, actions }).policies) {
      if (construct !== undefined) unsupported[meta.id] = construct
    }
    if (options.extent !== 'in-force') tests = runPolicyTests(read, cedar, cache)
    const fits = Object.keys(blocked).length === 0
    checked = await (fits && asking !== undefined ? asking : ask({ ...job, blocked }))
  }
  const fileRows = read
    .filter((file) => file.tests === undefined)
    .map(({ file, version, policies: own }) => ({
      path: file.path,
      version,
      digest: file.digest,
      policies: own.length,
    }))
  return {
    ...head,
    files: fileRows,
    policies: plain,
    inactive: naming.inactive,
    blocked,
    unsupported,
    issues,
    selfCheck: checked,
    tests,
  }
}

function uniqueIds(read: readonly ReadFile[], issues: Issue[]): readonly LocatedPolicy[] {
  const seen = new Map<string, LocatedPolicy>()
  for (const policy of read.flatMap((file) => file.policies)) {
    const first = seen.get(policy.id)
    if (first === undefined) seen.set(policy.id, policy)
    else {
      const message = `the id "${policy.id}" is taken by ${first.file}:${first.line}`
      issues.push({ severity: 'error', file: policy.file, line: policy.line, col: policy.col, message })
    }
  }
  return [...seen.values()]
}

/** Digest over the policy files, and a version for people: `team@1.4`, several joined by `+`. */
function bundleHead(read: readonly ReadFile[]): { readonly digest: string; readonly version: string } {
  const files = read.filter((file) => file.tests === undefined)
  const id = digest(
    'sallyport/policy/1',
    files.map(({ file }) => [file.path, file.digest]),
  )
  const named = files.filter(({ file }) => file.path !== 'preset:base.cedar')
  const shown = named.length === 0 ? files : named
  const newest =
    shown
      .map(({ version }) => version)
      .sort(comparePolicyVersions)
      .at(-1) ?? '0.0'
  const label = ({ file, version }: ReadFile): string =>
    `${file.path.replace(/^preset:|\.(?:cedar|ya?ml)$/g, '')}@${version}`
  return { digest: id, version: shown.length <= 3 ? shown.map(label).join('+') : `${shown.length} files@${newest}` }
}
