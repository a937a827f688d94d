/** One engine at one size, in a process of its own: `policy-cell.ts ENGINE N`; prints one JSON line. */
import { PolicyEngine, type Policy } from '@microsoft/agent-governance-sdk'
import { newEnforcer, newModelFromString } from 'casbin'
import { buildBundle, cedarSchema, evaluate, toCedarRequest } from '@sallyport/core'
import { loadCedar } from '../packages/gateway/src/control/policy/cedar.ts'
import { actions, calls, expected, policyTexts, toolId, toRequest, type Call } from './policy-workload.ts'

type Answer = 'allow' | 'ask' | 'deny'
type Decide = (call: Call) => Answer
const TIME_MS = 900
const REQUESTS = 2_000

const [engine = '', size = '10'] = process.argv.slice(2)
const count = Number(size)
const policies = policyTexts(count)
const models = actions(count)

async function ours(): Promise<Decide> {
  const cedar = await loadCedar()
  const sources = policies.map((text, at) => {
    const parsed = cedar.parse(text)
    if (!parsed.ok) throw new Error(text)
    return { id: `p${at}`, est: parsed.value, text, file: 'bench', line: at }
  })
  const bundle = buildBundle({ digest: 'd', version: 'v', policies: sources, actions: models })
  return (call) => evaluate(bundle, toRequest(call)).outcome
}

async function stock(sharded: boolean): Promise<Decide> {
  const cedar = await loadCedar()
  cedar.prepareSchema('s', cedarSchema(models))
  const bundle = buildBundle({ digest: 'd', version: 'v', policies: [], actions: models })
  const named = policies.map((text, at) => [`p${at}`, text] as const)
  if (sharded) {
    for (let tool = 0; tool < models.length; tool++) {
      cedar.preparePolicies(toolId(tool), Object.fromEntries(named.slice(tool * 5, tool * 5 + 5)))
    }
  } else cedar.preparePolicies('all', Object.fromEntries(named))
  const asks = new Set(named.filter(([, text]) => text.includes('@decision')).map(([id]) => id))
  return (call) => {
    const { decision, reasons } = cedar.decide(
      sharded ? toolId(call.tool) : 'all',
      's',
      toCedarRequest(bundle, toRequest(call)),
    )
    if (decision === 'allow') return 'allow'
    // Stock Cedar cannot tell "asks" from "asks, and no permit": counted as a match in both cases.
    return reasons.length > 0 && reasons.every((id) => asks.has(id as never)) ? 'ask' : 'deny'
  }
}

/** One document in the style of its manual; `startsWith` is given as a member, for its language has none. */
function microsoft(): Decide {
  const rules = policies.map((_, at) => {
    const tool = `tool == '${toolId(Math.floor(at / 5))}'`
    switch (at % 5) {
      case 0:
        return {
          name: `p${at}`,
          condition: `${tool} and scope in ['billing', 'support', 'ops'] and inside == true`,
          ruleAction: 'allow' as const,
        }
      case 1:
        return {
          name: `p${at}`,
          condition: `${tool} and integrity < 2 and domain not in ['example.org', 'corp.example']`,
          ruleAction: 'deny' as const,
        }
      case 2:
        return { name: `p${at}`, condition: `${tool} and amount > 1000`, ruleAction: 'require_approval' as const }
      case 3:
        return {
          name: `p${at}`,
          condition: `${tool} and confidentiality > 2 and source in ['web', 'visitor']`,
          ruleAction: 'deny' as const,
        }
      default:
        return {
          name: `p${at}`,
          condition: `${tool} and web == true and integrity < 3`,
          ruleAction: 'require_approval' as const,
        }
    }
  })
  const peer = new PolicyEngine([], 'deny_overrides' as never)
  peer.loadPolicy({ name: 'bench', apiVersion: '1.0', rules, default_action: 'deny' } as Policy)
  return (call) => {
    const { taint, path, ...rest } = call
    const context = {
      ...rest,
      tool: toolId(call.tool),
      inside: path.startsWith(`/work/${call.tool % 7}/`),
      web: taint.includes('web'),
    }
    const { allowed, action } = peer.evaluatePolicy('did:bench:coder', context)
    if (action === 'require_approval') return 'ask'
    return allowed ? 'allow' : 'deny'
  }
}

/** Allow and deny only: what asks is written as a denial, and conditions run as a JavaScript function. */
async function casbin(): Promise<Decide> {
  const model = newModelFromString(`
[request_definition]
r = tool, call
[policy_definition]
p = tool, cond, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.tool == p.tool && holds(p.cond, r.call)
`)
  const peer = await newEnforcer(model)
  await peer.addPolicies(
    policies.map((_, at) => [toolId(Math.floor(at / 5)), String(at % 5), at % 5 === 0 ? 'allow' : 'deny']),
  )
  const tests: Readonly<Record<string, (call: Call) => boolean>> = {
    0: (call) => ['billing', 'support', 'ops'].includes(call.scope) && call.path.startsWith(`/work/${call.tool % 7}/`),
    1: (call) => call.integrity < 2 && !['example.org', 'corp.example'].includes(call.domain),
    2: (call) => call.amount > 1000,
    3: (call) => call.confidentiality > 2 && ['web', 'visitor'].includes(call.source),
    4: (call) => call.taint.includes('web') && call.integrity < 3,
  }
  await peer.addFunction('holds', (kind: string, call: Call) => tests[kind]?.(call) ?? false)
  return (call) => (peer.enforceSync(toolId(call.tool), call) ? 'allow' : 'deny')
}

const ENGINES: Readonly<Record<string, () => Promise<Decide> | Decide>> = {
  sallyport: ours,
  'cedar-wasm': () => stock(false),
  'cedar-wasm sharded': () => stock(true),
  'agent-governance-sdk': microsoft,
  casbin,
}

const loadFrom = performance.now()
const decide = (await ENGINES[engine]?.()) ?? (() => 'deny' as const)
const loadMs = performance.now() - loadFrom
const work = calls(count, REQUESTS)
let mismatches = 0
for (const call of work.slice(0, 400)) if (decide(call) !== expected(call)) mismatches++

const warmUntil = performance.now() + 800
for (let at = 0; performance.now() < warmUntil; at++) decide(work[at % REQUESTS] as Call)
const empty = Array.from({ length: 5_000 }, () => {
  const from = performance.now()
  return performance.now() - from
}).sort((a, b) => a - b)
const overhead = empty[2_500] ?? 0
const samples: number[] = []
const until = performance.now() + TIME_MS
for (let at = 0; performance.now() < until || samples.length < 30; at++) {
  const call = work[at % REQUESTS] as Call
  const from = performance.now()
  decide(call)
  samples.push(performance.now() - from)
}
samples.sort((a, b) => a - b)
const at = (share: number): number => Math.max(0, (samples[Math.floor(samples.length * share)] ?? 0) - overhead) * 1000
const row = {
  engine,
  policies: count,
  p50: at(0.5),
  p99: at(0.99),
  samples: samples.length,
  loadMs: Math.round(loadMs),
  mismatches,
}
process.stdout.write(`${JSON.stringify({ ...row, rssMb: Math.round(process.memoryUsage().rss / 1_048_576) })}\n`)
