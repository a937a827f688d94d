import { actionModel, contextOf, seeded, type ActionModel, type JsonObject, type PolicyRequest } from '@sallyport/core'

/** One call in plain members, from which every engine builds its own request. */
export interface Call {
  readonly tool: number
  readonly path: string
  readonly domain: string
  readonly amount: number
  readonly taint: readonly string[]
  readonly scope: string
  readonly source: string
  readonly integrity: number
  readonly confidentiality: number
}

const SCOPES = ['billing', 'support', 'research', 'ops', 'none']
const DOMAINS = ['example.org', 'corp.example', 'evil.example', 'partner.example']
const SOURCES = ['web', 'mail', 'visitor', 'operator', 'file']
const MACHINE_BODY = 'x'.repeat(120)

export const toolId = (tool: number): string => `s${tool % 50}.tool${tool}`

/** Five policies per tool: a permit, two denials, two that ask (policy.md §3). */
export function policyTexts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => {
    const tool = Math.floor(at / 5)
    const scope = `(principal, action == Action::"${toolId(tool)}", resource)`
    const id = `@id("p${at}")`
    switch (at % 5) {
      case 0:
        return `${id} permit ${scope} when { ["billing", "support", "ops"].contains(context.session.purpose) && context.args.path like "/work/${tool % 7}/*" };`
      case 1:
        return `${id} forbid ${scope} when { context.labels.integrity < 2 && !["example.org", "corp.example"].contains(context.args.domain) };`
      case 2:
        return `${id} @decision("approve") forbid ${scope} when { context.args.amount > 1000 } unless { context.approved };`
      case 3:
        return `${id} forbid ${scope} when { context.labels.confidentiality > 2 && ["web", "visitor"].contains(context.session.channel) };`
      default:
        return `${id} @decision("approve") forbid ${scope} when { context.args.taint.contains("web") && context.labels.integrity < 3 } unless { context.approved };`
    }
  })
}

const PROPERTIES: JsonObject = {
  path: { type: 'string' },
  domain: { type: 'string' },
  amount: { type: 'integer' },
  taint: { type: 'array', items: { type: 'string' } },
  body: { type: 'string' },
}
export function actions(policies: number): readonly ActionModel[] {
  return Array.from({ length: Math.max(1, Math.ceil(policies / 5)) }, (_, tool) =>
    actionModel({
      id: toolId(tool),
      server: toolId(tool).split('.')[0] ?? '',
      annotation: { effect: 'external', groups: [], args: {}, irreversible: false, persist: false },
      annotated: true,
      definition: { inputSchema: { type: 'object', properties: PROPERTIES, required: Object.keys(PROPERTIES) } },
    }),
  )
}

export function calls(policies: number, count: number): readonly Call[] {
  const rng = seeded(policies + 17)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(rng() * items.length)] as T
  const tools = Math.max(1, Math.ceil(policies / 5))
  return Array.from({ length: count }, () => {
    const tool = Math.floor(rng() * tools)
    return {
      tool,
      path: rng() < 0.8 ? `/work/${tool % 7}/file${Math.floor(rng() * 100)}` : '/etc/passwd',
      domain: pick(DOMAINS),
      amount: Math.floor(rng() * 1600),
      taint: rng() < 0.3 ? ['web', 'mail'] : ['operator'],
      scope: pick(SCOPES),
      source: pick(SOURCES),
      integrity: Math.floor(rng() * 4),
      confidentiality: Math.floor(rng() * 4),
    }
  })
}

const BASE = contextOf({})
/** A registry hands out the names of its tools; they are not made for every call. */
const IDS = Array.from({ length: 4_000 }, (_, tool) => toolId(tool))
const SERVERS = IDS.map((id) => id.slice(0, id.indexOf('.')))

export function toRequest(call: Call): PolicyRequest {
  return {
    principal: { type: 'Agent', id: 'coder' },
    action: IDS[call.tool] ?? '',
    resource: { type: 'Server', id: SERVERS[call.tool] ?? '' },
    context: {
      args: { path: call.path, domain: call.domain, amount: call.amount, taint: call.taint, body: MACHINE_BODY },
      facts: BASE.facts,
      tool: BASE.tool,
      labels: { tainted: call.integrity < 2, integrity: call.integrity, confidentiality: call.confidentiality },
      flow: BASE.flow,
      session: { ...BASE.session, purpose: call.scope, channel: call.source },
      approved: false,
    },
  }
}

/** The answer by hand, for counting what an engine gets wrong. */
export function expected(call: Call): 'allow' | 'ask' | 'deny' {
  if (call.integrity < 2 && !['example.org', 'corp.example'].includes(call.domain)) return 'deny'
  if (call.confidentiality > 2 && ['web', 'visitor'].includes(call.source)) return 'deny'
  if (!['billing', 'support', 'ops'].includes(call.scope) || !call.path.startsWith(`/work/${call.tool % 7}/`))
    return 'deny'
  return call.amount > 1000 || (call.taint.includes('web') && call.integrity < 3) ? 'ask' : 'allow'
}
