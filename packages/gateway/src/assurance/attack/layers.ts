import { CLEAN, NO_FLOW, type FlowFacts, type PolicySource } from '@sallyport/core'
import type { ContentPort, FlowPort, InspectPort } from '../../boundary/ports.ts'

/**
 * Independent layers of defence that a replay may leave out, one by one or all but one (HB-26):
 * `flow` labels, provenance and the rules that rest on them · `plan` the declared plan · `preset` every rule beyond base.cedar ·
 * `base` the rest of base.cedar: protected files, elevated tools, trust levels · `content` the gate before policy ·
 * `inspection` what takes secrets out of results · `pin` definitions that must stay as reviewed.
 */
export const LAYERS = Object.freeze(['flow', 'plan', 'preset', 'base', 'content', 'inspection', 'pin'] as const)
export type Layer = (typeof LAYERS)[number]
export type LayerSet = ReadonlySet<Layer>
export const NO_LAYERS: LayerSet = new Set()

/** Every layer but these. */
export const allBut = (...kept: readonly Layer[]): LayerSet => new Set(LAYERS.filter((layer) => !kept.includes(layer)))

/** The layer that a policy belongs to, by its id. */
export function layerOf(id: string): Layer {
  if (id === 'flow.plan') return 'plan'
  if (id.startsWith('flow.')) return 'flow'
  return id.startsWith('base.') ? 'base' : 'preset'
}

/** Policies without those of the layers that are off; permits of a preset stay: a layer that is off lets through. */
export const policiesWithout = (policies: readonly PolicySource[], off: LayerSet): readonly PolicySource[] =>
  off.size === 0
    ? policies
    : policies.filter(({ id, est }) => !off.has(layerOf(id)) || (est.effect === 'permit' && layerOf(id) === 'preset'))

/** Flow control that has seen nothing and vouches for everything; a declared plan still counts. */
export function withoutLabels(flow: FlowPort): FlowPort {
  return {
    snapshot: () => CLEAN,
    assess(instance, tool, call, label) {
      const { facts, ...rest } = flow.assess(instance, tool, call, label)
      const neutral: FlowFacts = { ...NO_FLOW, reaches: facts.reaches, plan: facts.plan }
      return { ...rest, facts: neutral }
    },
    held: () => undefined,
    begin: () => undefined,
    settle: async () => CLEAN,
    hear: (instance, words, channel) => flow.hear(instance, words, channel),
  }
}

/** Lets every argument through as it came. */
export const passing: ContentPort = Object.freeze({
  inspect: (_tool, _args, { argsText }) => ({ ok: true, argsText }),
} satisfies ContentPort)

/** Shows results as they came. What goes into the log is still redacted. */
export const unchanged = (inspector: InspectPort): InspectPort => ({
  inspect: (_tool, result) => ({
    resultText: result.reveal(),
    redactions: 0,
    digest: '',
    findings: [],
    suspicious: false,
    wrapped: 0,
  }),
  redact: (value, sensitive) => inspector.redact(value, sensitive),
})
