import { digest, type Decision, type JsonObject, type PolicyBundle, type RegisteredTool } from '@sallyport/core'
import { createBoundary } from '../../boundary/boundary.ts'
import { ControlContext } from '../../boundary/contexts.ts'
import { pass, refuse, type Boundary, type Caller, type Clock, type Random } from '../../boundary/ports.ts'
import { ToolRegistry } from '../../control/catalogue/registry.ts'
import { openCommandReader } from '../../control/content/command/reader.ts'
import { lazyDetector } from '../../control/content/detectors.ts'
import { createContentGate } from '../../control/content/gate.ts'
import { CONTENT_LIMITS } from '../../control/content/shape.ts'
import { createInspector } from '../../control/content/inspector.ts'
import { InstanceFlow } from '../../control/flow/flow.ts'
import { createSurfaces } from '../../control/surfaces/surfaces.ts'
import { InstanceLabels, type LabelStore } from '../../control/flow/labels.ts'
import { WrittenTaint } from '../../control/flow/written.ts'
import { decide } from '../../control/policy/decide.ts'
import { createCapability } from '../../execution/capability.ts'
import { createExecutor } from '../../execution/executor.ts'
import { NO_LAYERS, unchanged, passing, withoutLabels, type LayerSet } from './layers.ts'
import type { ReplayStep, ReplaySuite } from './scenario.ts'

export interface StageOptions {
  readonly suite: ReplaySuite
  readonly bundle: PolicyBundle
  readonly clock: Clock
  readonly random: Random
  readonly trustLevel: 0 | 1 | 2
  /** Layers to leave out (HB-26). What they consist of in policy is left out of `bundle` by whoever made it. */
  readonly off?: LayerSet
}

/** What the boundary made of one call. `asked` counts a question, whatever the human said. */
export interface StepAnswer {
  readonly ran: boolean
  readonly asked: boolean
  readonly denied: boolean
  readonly policies: readonly string[]
  readonly effect: string
  /** What the agent was shown. */
  readonly shown: string
}

/** A session of an agent on the stage. `approve`: what the human says to every question. */
export interface StageSession {
  say(words: string): void
  declare(tools: readonly string[]): void
  /** The server lists these tools anew, as they are now. */
  redefine(tools: readonly RegisteredTool[]): void
  play(step: ReplayStep, approve: boolean): Promise<StepAnswer>
}

/** One session at a time. */
export interface Stage {
  session(id: string): Promise<StageSession>
}

/**
 * The real boundary, flow control, content gate, policy and executor, with recorded outputs in place of servers: what a fully
 * hijacked agent could do against this policy, without a model (benchmarks §7).
 */
export async function createStage(options: StageOptions): Promise<Stage> {
  const { suite, bundle, clock, random, off = NO_LAYERS } = options
  const trustLevel = suite.trustLevel ?? options.trustLevel
  const registry = new ToolRegistry(await openCommandReader(() => clock.monotonic()))
  for (const tool of suite.tools) registry.set({ tool, state: 'pinned', note: '' })
  // a world of its own for every session: nothing that one attack wrote is there for the next
  const freshFlow = async (): Promise<InstanceFlow> =>
    new InstanceFlow({
      labels: await InstanceLabels.open(inMemory()),
      written: await WrittenTaint.open(inMemory()),
      known: suite.known,
      now: () => clock.now(),
    })
  let flow = await freshFlow()
  const detector = lazyDetector()
  const now = (): number => clock.now()
  const inspector = createInspector({ redactKey: random.bytes(32), detector, now, nonce: () => random.uuid() })
  const turn: Turn = { approve: false, output: '', decision: undefined }
  const capability = createCapability({ clock, random })
  const callDigest = (binding: unknown): string => digest('sallyport/call/1', binding as JsonObject)
  const approvals = {
    callDigest,
    findGrant: async () => undefined,
    request: async ({ callDigest: of }: { readonly callDigest: string }) =>
      turn.approve
        ? ({
            state: 'approved',
            voters: ['replay'],
            evidence: { kind: 'approval', approvalId: random.uuid(), callDigest: of },
          } as const)
        : ({ state: 'refused', code: 'SP_APPROVAL_DENIED', reason: 'The human of the replay says no.' } as const),
    supersede: async () => undefined,
    redeem: async () => (turn.approve ? pass(null) : refuse('SP_APPROVAL_EVIDENCE')),
  }
  const boundary = createBoundary({
    gateway: 'replay',
    clock,
    random,
    admission: { admit: () => pass({ sessionId: 'replay' }) },
    registry,
    surfaces: createSurfaces({ tools: {}, clock }),
    content: off.has('content') ? passing : createContentGate({ detector, now }),
    get flow() {
      return off.has('flow') ? withoutLabels(flow) : flow
    },
    policy: {
      evaluate: (request) => {
        const decision = decide(bundle, request)
        if (!request.context.approved) turn.decision = { decision, effect: request.context.tool.effect }
        return decision
      },
      possible: () => true,
      current: () => ({ bundle: bundle.digest, version: bundle.version }),
    },
    approvals,
    evidence: { append: async () => undefined, enqueue: () => undefined },
    capability,
    executor: createExecutor({
      capability,
      approvals,
      upstream: {
        async run(control) {
          ControlContext.open(control)
          const resultText = JSON.stringify({ content: [{ type: 'text', text: turn.output }] })
          return { outcome: 'success', resultText, confinement: 'replay' }
        },
      },
    }),
    once: { spend: async () => true },
    inspector: off.has('inspection') ? unchanged(inspector) : inspector,
    limits: { argumentBytes: CONTENT_LIMITS.argumentBytes, depth: 64 },
  })
  return {
    async session(id) {
      flow = await freshFlow()
      return openSession(id, { suite, boundary, registry, flow, turn, trustLevel, random, off })
    },
  }
}

interface Turn {
  approve: boolean
  output: string
  decision: { readonly decision: Decision; readonly effect: string } | undefined
}

function openSession(
  id: string,
  on: {
    readonly suite: ReplaySuite
    readonly boundary: Boundary
    readonly registry: ToolRegistry
    readonly flow: InstanceFlow
    readonly turn: Turn
    readonly trustLevel: 0 | 1 | 2
    readonly random: Random
    readonly off: LayerSet
  },
): StageSession {
  const { suite, boundary, registry, flow, turn, off } = on
  for (const tool of suite.tools) registry.set({ tool, state: 'pinned', note: '' })
  const caller: Caller = {
    principal: { kind: 'agent', id: 'replay', chain: [], scopes: ['execute'], trustLevel: on.trustLevel, instance: id },
    ingress: 'api',
    connection: 'replay',
    sessionHint: id,
    surface: 'replay',
    channel: '',
    chatType: '',
    contentTrust: 'trusted',
    purpose: '',
  }
  return {
    say: (words) => flow.hear(id, words, 'typed'),
    declare(tools) {
      if (off.has('plan')) return
      flow.declare(
        id,
        tools.map((tool) => `${suite.name}.${tool}`),
      )
    },
    redefine(tools) {
      for (const tool of tools) {
        const same = suite.tools.some(({ name, pin }) => name === tool.name && pin === tool.pin)
        registry.set({
          tool,
          state: same || off.has('pin') ? 'pinned' : 'drifted',
          note: 'It is not what was reviewed.',
        })
      }
    },
    async play({ tool, args, output }, approve) {
      Object.assign(turn, { approve, output, decision: undefined })
      const result = await boundary.cross(caller, {
        requestId: on.random.uuid(),
        server: suite.name,
        tool,
        argsText: JSON.stringify(args),
        meta: {},
        enforcement: 'gateway',
        approvalWaitMs: 0,
      })
      const { decision, effect } = turn.decision ?? { decision: undefined, effect: '' }
      const asked = decision?.outcome === 'ask'
      const ran = result.outcome === 'executed'
      const shown = result.outcome === 'executed' ? textOf(result.resultText) : ''
      return { ran, asked, denied: !ran && !asked, policies: decision?.determining ?? [], effect, shown }
    },
  }
}

const textOf = (resultText: string): string =>
  (JSON.parse(resultText) as { readonly content: readonly { readonly text: string }[] }).content[0]?.text ?? ''

/** Labels of a replay live as long as it does. */
function inMemory(): LabelStore {
  return {
    list: async () => [],
    get: async () => undefined,
    put: async () => true,
    watch: () => () => undefined,
    onTampered: () => undefined,
  }
}
