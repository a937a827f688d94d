import type { ArgumentScalar } from '../action/leaves.ts'
import type { ArgRole, Effect } from '../action/tool.ts'
import { minorUnits } from './amounts.ts'
import { Content } from './content.ts'
import type { FlowAssessment, LeafOrigin, Origin } from './facts.ts'
import { isTainted } from './label.ts'
import { amountOrigin, contentSinkOrigins, selectorOrigin, sinkOrigin, type OriginContext } from './origin.ts'

interface Call extends OriginContext {
  readonly leaves: readonly ArgumentScalar[]
  /** Effect of this very call. */
  readonly effect: Effect
}

/**
 * Where the arguments of a call came from (policy.md §2.2, threat-model T-094…T-107). Nothing here decides; it says what policy
 * may rest on. What no source explains counts as untrusted once the session is tainted.
 */
export function assessCall(call: Call): FlowAssessment {
  const { memory, tool, label } = call
  const tainted = isTainted(label)
  const origins: LeafOrigin[] = []
  const content = new Content(memory, label)
  const inContent = new Set<Origin>()
  let minor = 0
  for (const leaf of call.leaves) {
    const { path, role } = leaf
    const value = String(leaf.value)
    if (NAMING.has(role)) {
      const found = role === 'selector' ? selectorOrigin(call, value) : sinkOrigin(call, value)
      content.takeName(value)
      origins.push({ path, role, value, ...found })
    } else if (role === 'quantity') {
      const found = amountOrigin(call, leaf.value)
      origins.push({ path, role, value, ...found })
      if (tainted && found.origin !== 'user') minor += minorUnits(leaf.value)
    } else {
      const isPlain = typeof leaf.value === 'boolean' || (role === 'param' && isMoment(value))
      const origin = isPlain ? content.takePlain(value) : content.take(value)
      origins.push({ path, role, value, origin, why: '', from: NOWHERE })
      if (tainted && !isPlain && !inContent.has('untrusted'))
        for (const sink of contentSinkOrigins(call, value)) inContent.add(sink.origin)
    }
  }
  const of = (role: ArgRole): readonly Origin[] => [
    ...new Set(origins.filter((each) => each.role === role).map(({ origin }) => origin)),
  ]
  return {
    leaves: origins,
    unvouched: content.unvouched,
    facts: {
      sinks: of('sink'),
      selectors: of('selector'),
      audiences: of('audience'),
      contentSinks: [...inContent],
      anchored: isAnchored(origins),
      spelledOut: isSpelledOut(origins),
      reaches: call.effect === 'external',
      confidentialContent: content.isConfidential,
      confidentialDetail: content.hasDetail,
      untrustedContent: content.isUntrusted,
      contentConfidentiality: content.carried,
      unvouchedMinor: minor > 0 ? Math.min(memory.unvouchedMinor + minor, Number.MAX_SAFE_INTEGER) : 0,
      seenUntrusted: tainted,
      seenConfidential: label.confidentiality >= 2,
      plan: memory.plan === undefined ? 'none' : memory.plan.has(tool.id) ? 'in' : 'out',
    },
  }
}

const NOWHERE: readonly string[] = Object.freeze([])
const NAMING: ReadonlySet<ArgRole> = new Set(['sink', 'selector', 'audience'])
const ANCHORS: ReadonlySet<Origin> = new Set(['user', 'known', 'trusted', 'record'])

/** Something that says who or which is accounted for; where nothing says so, a content leaf is the user's. */
function isAnchored(origins: readonly LeafOrigin[]): boolean {
  const naming = origins.filter(({ role }) => NAMING.has(role))
  return naming.length > 0
    ? naming.some(({ origin }) => ANCHORS.has(origin))
    : origins.some(({ role, origin }) => role !== 'quantity' && ANCHORS.has(origin))
}

const isSpelledOut = (origins: readonly LeafOrigin[]): boolean => {
  const said = origins.filter(({ role }) => role !== 'param')
  return said.length > 0 && said.every(({ origin }) => origin === 'user')
}

/** Dates, times and numbers: parameters of this form are not counted as content, only their digits are. */
const isMoment = (value: string): boolean => value.length <= 40 && /^[\d\s:.,/+TZ-]*$/.test(value)
