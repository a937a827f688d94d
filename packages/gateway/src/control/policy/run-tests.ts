import {
  actionModel,
  argumentFacts,
  argumentLeaves,
  effectOf,
  buildBundle,
  contextOf,
  evaluate,
  explain,
  specifiedTool,
  UNCLASSIFIED,
  type CompiledPolicy,
  type Decision,
  type Effect,
  type FlowFacts,
  type JsonObject,
  type PolicyRequest,
  type PolicySource,
  type PolicyTest,
  type PolicyTestFile,
  type RegisteredTool,
} from '@sallyport/core'
import { readForProfile, stem, type EstCache, type ReadFile } from './read-policies.ts'
import type { Cedar } from './cedar.ts'
import type { TestFailure, TestReport, TestResult } from './prepared.ts'

/**
 * Runs the tests that lie beside policies (ND-5.5.a). Each file runs against the policies it names (`policyFile`, else the
 * file of the same stem, else all), plus `base.cedar`, with the tools it declares; so a test says the same on every machine.
 */
export function runPolicyTests(files: readonly ReadFile[], cedar: Cedar, cache: EstCache): TestReport {
  const coverage = new Map<string, { id: string; kind: string; file: string; fired: number; quiet: number }>()
  const failures: TestFailure[] = []
  const results: TestResult[] = []
  let passed = 0
  for (const file of files) {
    if (file.tests === undefined) continue
    const { tests, at } = file.tests
    const chosen = chooseFiles(file, tests, files)
    for (const [index, test] of tests.tests.entries()) {
      const decision = chosen && runTest(test, tests, chosen, cedar, cache, coverage)
      const problem =
        decision === undefined
          ? `policyFile ${tests.policyFile ?? ''} is not among the loaded policies`
          : mismatch(test, decision)
      const place = { file: file.file.path, ...at(['tests', index]) }
      results.push(resultOf(test, place, decision, problem))
      if (problem === undefined) passed++
      else failures.push({ ...place, test: test.name, message: problem })
    }
  }
  return { passed, failures, results, coverage: [...coverage.values()].sort((a, b) => (a.id < b.id ? -1 : 1)) }
}

function chooseFiles(
  file: ReadFile,
  tests: PolicyTestFile,
  files: readonly ReadFile[],
): readonly ReadFile[] | undefined {
  const policies = files.filter((f) => f.tests === undefined)
  const base = policies.filter((f) => f.file.path === 'preset:base.cedar' && f.file !== file.file)
  const folder = file.file.path.slice(0, -(file.file.path.split(/[/:]/).at(-1) ?? '').length)
  if (tests.policyFile !== undefined) {
    const wanted = normalise(folder + tests.policyFile)
    const named = policies.find((f) => normalise(f.file.path) === wanted)
    return named === undefined ? undefined : [...base.filter((f) => f !== named), named]
  }
  const twin = policies.filter((f) => f.file.path.startsWith(folder) && stem(f.file.path) === stem(file.file.path))
  return twin.length > 0 ? [...base.filter((f) => !twin.includes(f)), ...twin] : policies
}

const normalise = (path: string): string => {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

function runTest(
  test: PolicyTest,
  file: PolicyTestFile,
  chosen: readonly ReadFile[],
  cedar: Cedar,
  cache: EstCache,
  coverage: Map<string, { id: string; kind: string; file: string; fired: number; quiet: number }>,
): Decision {
  const profile = test.context?.['profile']
  const policies: readonly PolicySource[] = chosen.flatMap((read) =>
    typeof profile === 'string' && read.document !== undefined
      ? readForProfile(read.file, read.document, profile, cedar, cache)
      : read.policies,
  )
  const tool = testTool(test, file)
  const bundle = buildBundle({ digest: 'test', version: 'test', policies, actions: [actionModel(withoutSchema(tool))] })
  const request = testRequest(test, tool)
  const decision = evaluate(bundle, request)
  count(coverage, bundle.policies, explain(bundle, request).trace)
  return decision
}

function resultOf(
  test: PolicyTest,
  { file, line }: Pick<TestResult, 'file' | 'line'>,
  decision: Decision | undefined,
  problem: string | undefined,
): TestResult {
  const { allowed, requiresApproval, policy } = test.expected
  return {
    ...{ file, line, test: test.name, call: test.toolCall.name },
    expected: allowed ? 'allow' : requiresApproval === undefined ? 'refuse' : requiresApproval ? 'ask' : 'deny',
    ...(policy === undefined ? {} : { expectedBy: policy }),
    ...(decision === undefined ? {} : { got: decision.outcome }),
    by: decision?.determining ?? [],
    reason: problem ?? decision?.reason ?? '',
    ok: problem === undefined,
  }
}

function mismatch(test: PolicyTest, decision: Decision): string | undefined {
  const { allowed, reason, requiresApproval, policy } = test.expected
  const because = decision.reason === '' ? '' : `: ${decision.reason}`
  const said = `${decision.outcome} by ${decision.determining.join(', ') || 'no policy'}${because}`
  if (allowed !== (decision.outcome === 'allow')) return `expected ${allowed ? 'allowed' : 'not allowed'}, got ${said}`
  if (requiresApproval !== undefined && requiresApproval !== (decision.outcome === 'ask')) {
    return `expected ${requiresApproval ? 'an approval' : 'no approval'} to be required, got ${said}`
  }
  if (reason !== undefined && !`${decision.reason} ${decision.determining.join(' ')}`.includes(reason)) {
    return `expected a reason with "${reason}", got ${said}`
  }
  return policy === undefined || decision.determining.includes(policy)
    ? undefined
    : `expected ${policy} to decide, got ${said}`
}

function count(
  coverage: Map<string, { id: string; kind: string; file: string; fired: number; quiet: number }>,
  policies: readonly CompiledPolicy[],
  trace: readonly { readonly id: string; readonly result: string }[],
): void {
  for (const { meta, source } of policies) {
    const row = coverage.get(meta.id) ?? { id: meta.id, kind: meta.kind, file: source.file, fired: 0, quiet: 0 }
    coverage.set(meta.id, row)
    const result = trace.find(({ id }) => id === meta.id)?.result
    if (result === 'matched') row.fired++
    else row.quiet++
  }
}

/** Test tools take any argument: policies see all of them, untyped. */
function withoutSchema({ id, server, annotation, annotated }: RegisteredTool): Parameters<typeof actionModel>[0] {
  return { id, server, annotation, annotated }
}

function testTool(test: PolicyTest, file: PolicyTestFile): RegisteredTool {
  const { name } = test.toolCall
  const dot = name.indexOf('.')
  const [server, plain] = dot > 0 ? [name.slice(0, dot), name.slice(dot + 1)] : ['host', name]
  const own = file.tools !== undefined && Object.hasOwn(file.tools, name) ? file.tools[name] : undefined
  const known = own === undefined ? specifiedTool(plain) : undefined
  const annotation =
    own === undefined
      ? (known ?? UNCLASSIFIED)
      : {
          effect: own.effect ?? 'external',
          groups: own.groups ?? UNCLASSIFIED.groups,
          args: {},
          irreversible: own.irreversible ?? false,
          persist: own.persist ?? false,
          sensitive: own.sensitive ?? false,
        }
  return {
    id: `${server}.${plain}`,
    server,
    name: plain,
    definition: { name: plain, inputSchema: {} },
    pin: '',
    annotation,
    annotated: own?.annotated ?? (own !== undefined || known !== undefined),
    elevated: own?.elevated ?? false,
  }
}

function testRequest(test: PolicyTest, tool: RegisteredTool): PolicyRequest {
  const given = (test.context ?? {}) as Readonly<Record<string, never>>
  const args: JsonObject = test.toolCall.arguments ?? {}
  const session: Record<string, unknown> = {}
  for (const [from, to] of SESSION) if (given[from] !== undefined) session[to] = given[from]
  const labels = (given['labels'] ?? {}) as { integrity?: number; tainted?: boolean }
  const tainted = labels.tainted ?? (labels.integrity ?? 3) < 2
  const effect = effectOf(tool.annotation, args)
  const facts = argumentFacts(tool, args, argumentLeaves(tool.annotation, args), '/work')
  return {
    principal: { type: 'Agent', id: (given['principal'] as string | undefined) ?? 'test' },
    action: tool.id,
    resource: { type: 'Server', id: tool.server },
    context: contextOf({
      args,
      facts: { ...facts, ...(given['facts'] as object | undefined) },
      tool: {
        name: tool.name,
        effect,
        groups: tool.annotation.groups,
        irreversible: tool.annotation.irreversible,
        persist: tool.annotation.persist,
        sensitive: tool.annotation.sensitive === true,
        annotated: tool.annotated,
        elevated: tool.elevated,
      },
      labels: { integrity: tainted ? 1 : 3, ...labels, tainted },
      flow: {
        reaches: effect === 'external',
        seenUntrusted: tainted,
        ...(given['flow'] ?? (tainted ? worstFlow(effect) : {})),
      },
      session,
      approved: given['approved'] === true,
    }),
  }
}

/** What a tainted test that says nothing about flow means: nothing vouches for who or which. */
const worstFlow = (effect: Effect): Partial<FlowFacts> => ({
  sinks: effect === 'external' ? ['untrusted'] : [],
  selectors: effect === 'write' ? ['untrusted'] : [],
  anchored: false,
  untrustedContent: true,
  seenUntrusted: true,
})

const SESSION = [
  ['sessionKey', 'key'],
  ['contentTrust', 'contentTrust'],
  ['channel', 'channel'],
  ['chatType', 'chatType'],
  ['surface', 'surface'],
  ['ingress', 'ingress'],
  ['purpose', 'purpose'],
  ['trustLevel', 'trustLevel'],
] as const
