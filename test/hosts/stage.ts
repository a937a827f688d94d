import type { Json, LogRecord, RegisteredTool, ToolDefinition } from '@sallyport/core'
import { CLEAN, joinLabels, sha256 } from '@sallyport/core'
import type {
  Boundary,
  Caller,
  Clock,
  CrossingResult,
  IncomingCall,
} from '../../packages/gateway/src/boundary/ports.ts'
import { createHooks } from '../../packages/gateway/src/ingress/hooks/hooks.ts'
import type { AgentTraffic, Hooks } from '../../packages/gateway/src/ingress/hooks/ports.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'

type Verdictlike = 'allow' | 'deny' | 'ask' | 'hang'
type Decide = (call: IncomingCall, caller: Caller) => Verdictlike

const decision = { outcome: 'allow', reason: '', determining: [], severity: 'info', bundle: 'b', version: '1' } as const

/** A boundary small enough to see through, for what the hook ingress itself has to guarantee. */
export interface Stage {
  readonly hooks: Hooks
  readonly clock: Clock & { advance(ms: number): void }
  readonly crossed: IncomingCall[]
  readonly reported: { auditId: string; outcome: string; text: string | undefined }[]
  readonly refused: { code: string; reason: string }[]
  readonly records: LogRecord[]
  readonly registered: Map<string, ToolDefinition>
  readonly tainted: Set<string>
  readonly pinned: string[]
  caller(agent?: string): Caller
  hook(
    host: string,
    payload: Json | string,
    agent?: string,
  ): Promise<{ exit: string; stderr: string; json: Json; raw: string }>
}

export function createStage(
  of: { decide?: Decide; redact?: (text: string) => string; traffic?: AgentTraffic } = {},
): Stage {
  let now = Date.UTC(2026, 10, 21)
  let n = 0
  const crossed: IncomingCall[] = []
  const reported: Stage['reported'] = []
  const refused: Stage['refused'] = []
  const records: LogRecord[] = []
  const registered = new Map<string, ToolDefinition>()
  const pinned: string[] = []
  const tainted = new Set<string>()
  const open = new Map<string, string>()
  const clock = {
    now: () => now,
    monotonic: () => now,
    advance(ms: number) {
      now += ms
    },
  }
  const boundary: Boundary = {
    async cross(caller, call) {
      crossed.push(call)
      const auditId = `audit-${++n}`
      const verdict = of.decide?.(call, caller) ?? 'allow'
      if (verdict === 'hang') return new Promise<CrossingResult>(() => undefined)
      if (verdict === 'deny') return { outcome: 'denied', auditId, code: 'SP_POLICY_DENIED', reason: 'Not allowed.' }
      if (verdict === 'ask') {
        const id = sha256(call.tool + call.argsText).slice(0, 8)
        return { outcome: 'pending', auditId, approvalId: id, expiresAt: now + 300_000, reason: 'Ask.' }
      }
      open.set(auditId, caller.principal.instance)
      return { outcome: 'delegated', auditId, decision }
    },
    async refused(_caller, what) {
      refused.push({ code: what.code, reason: what.reason })
      return `refusal-${++n}`
    },
    async report(caller, auditId, outcome, text) {
      if (open.get(auditId) !== caller.principal.instance) return { ok: false, code: 'SP_AUDIT_UNKNOWN', reason: '' }
      open.delete(auditId)
      reported.push({ auditId, outcome, text })
      if (text === undefined) return { ok: true, value: null }
      const resultText = of.redact?.(text) ?? text
      return { ok: true, value: { resultText, redactions: resultText === text ? 0 : 1, changed: resultText !== text } }
    },
    visible: () => [],
  }
  const hooks = createHooks({
    boundary,
    catalogue: {
      addServer: async () => ({ ok: true, value: null }),
      async observe(alias, tools) {
        const added = tools.map(({ name }) => `${alias}.${name}`).filter((id) => !registered.has(id))
        for (const tool of tools) registered.set(`${alias}.${tool.name}`, tool)
        return { added, drifted: [] }
      },
      async pin(alias, tools) {
        pinned.push(...tools.map((tool) => `${alias}.${tool}`))
      },
    },
    evidence: { append: async (all) => void records.push(...all), enqueue: (all) => void records.push(...all) },
    flow: {
      begin: (instance: string) => void tainted.add(instance),
      async settle(instance: string, _tool: RegisteredTool) {
        tainted.add(instance)
        return joinLabels(CLEAN, CLEAN)
      },
      hear: () => undefined,
    },
    clock,
    random: systemRandom,
    ...(of.traffic === undefined ? {} : { traffic: of.traffic }),
  })
  const caller = (agent = 'coder'): Caller => ({
    principal: { kind: 'agent', id: agent, chain: [], scopes: ['execute'], trustLevel: 2, instance: `i-${agent}` },
    ingress: 'hook',
    connection: 'c',
    sessionHint: '',
    surface: 'local',
    channel: '',
    chatType: '',
    contentTrust: 'untrusted',
    purpose: '',
  })
  const hook: Stage['hook'] = async (host, payload, agent) => {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const { body } = await hooks.handle(caller(agent), host, text)
    const [exit = '', ...lines] = body.split('\n')
    const json = lines.at(-1) ?? ''
    return { exit, stderr: lines.length > 1 ? (lines[0] ?? '') : '', json: readJson(json), raw: body }
  }
  return { hooks, clock, crossed, reported, refused, records, registered, tainted, pinned, caller, hook }
}

const readJson = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

let calls = 0
/** Payloads as captured from the real programs, with what a test wants to differ. */
export const pre = (
  tool: string,
  input: object,
  more: object = {},
): Record<string, unknown> & { tool_use_id: string } => ({
  session_id: 'f1d76160-0444-4a0b-9bd0-e105c3abce32',
  transcript_path: '/srv/u/.claude/projects/x.jsonl',
  cwd: '/srv/u/w',
  prompt_id: '2d4969dd-eeae-4c44-8ff5-6381203e7acb',
  permission_mode: 'default',
  effort: { level: 'medium' },
  hook_event_name: 'PreToolUse',
  tool_name: tool,
  tool_input: input,
  tool_use_id: `toolu_${++calls}`,
  ...more,
})

export const post = (
  before: Record<string, unknown>,
  response: unknown,
  more: object = {},
): Record<string, unknown> => ({
  ...before,
  hook_event_name: 'PostToolUse',
  tool_response: response,
  duration_ms: 12,
  ...more,
})
