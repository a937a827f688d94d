import {
  defuseMarkers,
  severityRank,
  type Finding,
  type InjectionDetector,
  type JsonObject,
  type RegisteredTool,
  type Severity,
  type Suppression,
} from '@sallyport/core'
import {
  refuse,
  type ContentPort,
  type ContentVerdict,
  type GatedCall,
  type GateFinding,
  type GateReport,
} from '../../boundary/ports.ts'
import { GATE_TABLE, gatePolicy, reaches, type GatePolicy } from './gate-table.ts'
import { answeredFor } from './answered-for.ts'
import { applyEdits, type Edit } from './edits.ts'
import { scanJson } from './json-strings.ts'
import { checkShape, CONTENT_LIMITS, type ContentLimits } from './shape.ts'

/** A context in which findings do not count: a person answers for it until a day (AC-3.2.4). */
export interface GateBypass {
  readonly agent?: string | undefined
  readonly tool?: string | undefined
  readonly owner: string
  readonly reason: string
  /** ms since 1970. */
  readonly until: number
}

export interface ContentGateDeps {
  readonly limits?: ContentLimits
  readonly detector: InjectionDetector
  readonly table?: Readonly<Record<string, GatePolicy>>
  readonly bypasses?: readonly GateBypass[]
  readonly suppressions?: readonly Suppression[]
  readonly now: () => number
}

/** Shorter arguments say too little to steer anybody. */
const SHORTEST = 12

/** Gate 4 (SEC-3.2): shape first, then every text of the arguments past the detector; what is done depends on the tool's groups. */
export function createContentGate(deps: ContentGateDeps): ContentPort {
  const limits = deps.limits ?? CONTENT_LIMITS
  const table = { ...GATE_TABLE, ...deps.table }
  return {
    inspect(tool, args, call) {
      const shape = checkShape(tool, args, call.bytes, limits)
      if (!shape.ok) return shape
      const raw = findIn(args, deps.detector)
      if (raw.length === 0) return { ok: true, argsText: call.argsText }
      const place = { server: tool.server, tool: tool.id, agent: call.caller.principal.id }
      const found = answeredFor(raw, place, deps.suppressions ?? [], deps.now())
      return act(tool, call, found, gatePolicy(tool.annotation.groups, table), deps)
    },
  }
}

function act(
  tool: RegisteredTool,
  call: GatedCall,
  findings: readonly GateFinding[],
  policy: GatePolicy,
  deps: ContentGateDeps,
): ContentVerdict {
  const grave = findings.some(({ severity, suppressed }) => suppressed === undefined && reaches(severity, policy))
  const bypass = grave ? bypassFor(tool, call, deps) : undefined
  const wanted = !grave || bypass !== undefined ? 'allow' : policy.action
  // a host runs its own copy of the arguments: nothing can be taken out of that one
  const action = wanted === 'sanitize' && call.enforcement === 'host' ? 'warn' : wanted
  const report: GateReport = {
    action,
    auditLevel: policy.auditLevel,
    findings,
    ...(bypass === undefined ? {} : { bypass: `${bypass.owner}: ${bypass.reason}` }),
  }
  if (action === 'block') {
    return { ...refuse('SP_CONTENT_INJECTION', 'An argument holds text that tries to steer an assistant.'), report }
  }
  return { ok: true, argsText: action === 'sanitize' ? sanitised(call.argsText) : call.argsText, report }
}

function bypassFor(
  tool: RegisteredTool,
  { caller }: GatedCall,
  { bypasses, now }: ContentGateDeps,
): GateBypass | undefined {
  return bypasses?.find(
    ({ agent, tool: only, until }) =>
      until > now() &&
      (agent === undefined || agent === caller.principal.id) &&
      (only === undefined || only === tool.id),
  )
}

/** Every string of the arguments, wherever it stands; member names too. */
function findIn(args: JsonObject, detector: InjectionDetector): readonly GateFinding[] {
  const findings: GateFinding[] = []
  const stack: { readonly value: unknown; readonly path: string }[] = [{ value: args, path: '' }]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { value, path } = at
    if (typeof value === 'string') findings.push(...findingsOf(value, path, detector))
    else if (Array.isArray(value)) for (const item of value) stack.push({ value: item, path: `${path}[]` })
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        const inner = path === '' ? key : `${path}.${key}`
        if (key.length >= 40) findings.push(...findingsOf(key, `${path}{}`, detector))
        stack.push({ value: member, path: inner })
      }
    }
  }
  return findings
}

/** What is wrong with one text. */
export function findingsOf(text: string, path: string, detector: InjectionDetector): readonly GateFinding[] {
  if (text.length < SHORTEST) return []
  const { verdict, findings, category } = detector.scan(text, { channel: 'content' })
  const markers = defuseMarkers(text).found
  const forged: readonly GateFinding[] =
    markers === 0 ? [] : [{ path, rule: 'content.forged-marker', category: 'delimiter-injection', severity: 'high' }]
  if (verdict === 'clean') return forged
  const worst = findings.reduce<Finding | undefined>(
    (a, b) => (a !== undefined && rank(a) >= rank(b) ? a : b),
    undefined,
  )
  const { rule, severity } = worst ?? { rule: 'injection.head', severity: 'medium' as Severity }
  return [...forged, { path, rule, category: worst?.category ?? category, severity }]
}

const rank = ({ severity }: Finding): number => severityRank(severity)

/** Characters that only serve to hide: tags, direction controls, and invisible ones inside words. */
const HIDING =
  /[\u{e0000}-\u{e007f}\u202a-\u202e\u2066-\u2069]|(?<=[A-Za-z])[\u00ad\u200b-\u200d\u2060\ufeff](?=[A-Za-z])/gu

/** The arguments without forged markers and hiding characters; every other byte stays. */
function sanitised(argsText: string): string {
  const edits: Edit[] = []
  scanJson(
    argsText,
    ({ start, end }) => {
      const text = JSON.parse(argsText.slice(start, end)) as string
      const clean = defuseMarkers(text.replace(HIDING, '')).text
      if (clean !== text) edits.push({ start, end, text: JSON.stringify(clean) })
    },
    () => undefined,
  )
  return applyEdits(argsText, edits)
}
