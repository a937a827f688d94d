import {
  defuseMarkers,
  findSecrets,
  severityRank,
  type Finding,
  type InjectionDetector,
  type JsonObject,
  type KnownSecrets,
  type RegisteredTool,
  type Severity,
  type Suppression,
  GATE_TABLE,
  gatePolicy,
  reaches,
  type GatePolicy,
} from '@sallyport/core'
import {
  refuse,
  type ContentPort,
  type ContentVerdict,
  type GatedCall,
  type GateFinding,
  type GateReport,
} from '../../boundary/ports.ts'
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
  /** Values that are secrets of this installation, whatever they look like. */
  readonly known?: KnownSecrets
  readonly table?: Readonly<Record<string, GatePolicy>>
  readonly bypasses?: readonly GateBypass[]
  readonly suppressions?: readonly Suppression[]
  readonly now: () => number
}

/** Shorter arguments say too little to steer anybody. */
const SHORTEST = 12

/** Everything in the arguments of these leaves with a request: a secret in it is given away (HB-52). */
const LEAVES = 'group:web'

/** Gate 4 (SEC-3.2): shape first, then every text of the arguments past the detector; what is done depends on the tool's groups. */
export function createContentGate(deps: ContentGateDeps): ContentPort {
  const limits = deps.limits ?? CONTENT_LIMITS
  const table = { ...GATE_TABLE, ...deps.table }
  return {
    inspect(tool, args, call) {
      const shape = checkShape(tool, args, call.bytes, limits)
      if (!shape.ok) return shape
      const raw = textsIn(args).flatMap(({ text, path }) => findingsOf(text, path, deps.detector))
      if (tool.annotation.groups.includes(LEAVES)) raw.push(...secretsIn(args, deps.known))
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
  const leak = findings.find(({ category, suppressed }) => suppressed === undefined && category === SECRET)
  const grave =
    leak !== undefined ||
    findings.some(({ severity, suppressed }) => suppressed === undefined && reaches(severity, policy))
  const bypass = grave ? bypassFor(tool, call, deps) : undefined
  const wanted = !grave || bypass !== undefined ? 'allow' : leak === undefined ? policy.action : 'block'
  // a host runs its own copy of the arguments: nothing can be taken out of that one
  const action = wanted === 'sanitize' && call.enforcement === 'host' ? 'warn' : wanted
  const report: GateReport = {
    action,
    auditLevel: policy.auditLevel,
    findings,
    ...(bypass === undefined ? {} : { bypass: `${bypass.owner}: ${bypass.reason}` }),
  }
  if (leak !== undefined && action === 'block') {
    return { ...refuse('SP_CONTENT_REFUSED', `${leak.path} holds a secret (${leak.rule}), which would leave.`), report }
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

/** Names shorter than this are names. */
const LONG_NAME = 40

/** Every string of the arguments, wherever it stands; long member names too. */
function textsIn(args: JsonObject): readonly { readonly text: string; readonly path: string }[] {
  const texts: { readonly text: string; readonly path: string }[] = []
  const stack: { readonly value: unknown; readonly path: string }[] = [{ value: args, path: '' }]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { value, path } = at
    if (typeof value === 'string') texts.push({ text: value, path })
    else if (Array.isArray(value)) for (const item of value) stack.push({ value: item, path: `${path}[]` })
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        if (key.length >= LONG_NAME) texts.push({ text: key, path: `${path}{}` })
        stack.push({ value: member, path: path === '' ? key : `${path}.${key}` })
      }
    }
  }
  return texts
}

const SECRET = 'secret'

const secretsIn = (args: JsonObject, known: KnownSecrets | undefined): readonly GateFinding[] =>
  textsIn(args).flatMap(({ text, path }) =>
    [text, ...partsOfUrl(text)]
      .flatMap((part) => findSecrets(part, 'result', known === undefined ? {} : { known }))
      .map(({ family }) => ({ path, rule: `secret.${family}`, category: SECRET, severity: 'critical' as const })),
  )

/** Steps of the path, labels of the host and values of the query by themselves: in a path a key looks like part of it. */
function partsOfUrl(text: string): readonly string[] {
  if (!/^https?:/i.test(text)) return []
  const parts = [...text.split(/[/?&=#;,:@]/), ...text.split(/[/?&=#;,:@.]/)].filter((part) => part.length >= SHORTEST)
  return [...new Set(parts)].map((part) => (part.includes('%') ? decoded(part) : part))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
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
