import type { ArgumentScalar } from '../action/leaves.ts'
import type { ArgRole, Effect, RegisteredTool } from '../action/tool.ts'
import { decodedForms } from './decode.ts'
import { ORIGINS, type FlowAssessment, type LeafOrigin, type Origin } from './facts.ts'
import { isTainted, type Label } from './label.ts'
import type { FlowMemory } from './memory.ts'
import { isGeneric, sinkParts } from './sinks.ts'
import type { Probe } from './trail.ts'

/** Letters and digits that content may hold without anybody vouching for them: a word such as “Refund” (T-106). */
const UNVOUCHED = 8
/** The same, summed over all calls of a tainted session that went outside (T-105). */
const UNVOUCHED_TOTAL = 32
const CONFIDENTIAL = 2

interface Call {
  readonly memory: FlowMemory
  readonly tool: RegisteredTool
  readonly leaves: readonly ArgumentScalar[]
  /** Effect of this very call. */
  readonly effect: Effect
  readonly label: Label
  /** Says whether the operator's book holds an address. */
  readonly known: (value: string) => boolean
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
  let minor = 0
  for (const leaf of call.leaves) {
    const value = String(leaf.value)
    if (NAMING.has(leaf.role)) {
      const found =
        leaf.role === 'sink' || leaf.role === 'audience' ? sinkOrigin(call, value) : whichOrigin(call, value)
      origins.push({ path: leaf.path, role: leaf.role, value, ...found })
    } else if (leaf.role === 'quantity') {
      const found = whichOrigin(call, value)
      origins.push({ path: leaf.path, role: leaf.role, value, ...found })
      if (tainted && (found.origin === 'untrusted' || found.origin === 'ambiguous')) minor += minorUnits(leaf.value)
    } else if (typeof leaf.value === 'string') {
      const origin = leaf.role === 'param' && isMoment(value) ? 'model' : content.take(value)
      origins.push({ path: leaf.path, role: leaf.role, value, origin, why: '', from: [] })
    }
  }
  const of = (role: ArgRole): readonly Origin[] => [
    ...new Set(origins.filter((each) => each.role === role).map(({ origin }) => origin)),
  ]
  const reaches = call.effect === 'external'
  return {
    leaves: origins,
    unvouched: content.unvouched,
    facts: {
      sinks: of('sink'),
      selectors: of('selector'),
      audiences: of('audience'),
      anchored: origins.some(({ role, origin }) => role !== 'quantity' && ANCHORS.has(origin)),
      spelledOut: isSpelledOut(origins),
      reaches,
      confidentialContent: content.isConfidential,
      confidentialDetail: content.hasDetail,
      untrustedContent: content.isUntrusted,
      contentConfidentiality: content.confidentiality,
      unvouchedMinor: tainted ? memory.unvouchedMinor + minor : 0,
      seenUntrusted: tainted,
      seenConfidential: label.confidentiality >= CONFIDENTIAL,
      plan: memory.plan === undefined ? 'none' : memory.plan.has(tool.id) ? 'in' : 'out',
    },
  }
}

const isSpelledOut = (origins: readonly LeafOrigin[]): boolean => {
  const said = origins.filter(({ role }) => role !== 'param')
  return said.length > 0 && said.every(({ origin }) => origin === 'user')
}

const NAMING: ReadonlySet<ArgRole> = new Set(['sink', 'selector', 'audience'])
const ANCHORS: ReadonlySet<Origin> = new Set(['user', 'known', 'trusted', 'record'])

type Found = Pick<LeafOrigin, 'origin' | 'why' | 'from'>
const worse = (a: Found, b: Found): Found => (ORIGINS.indexOf(b.origin) > ORIGINS.indexOf(a.origin) ? b : a)

/** Every address in the leaf counts; the worst one speaks. */
function sinkOrigin(call: Call, value: string): Found {
  const parts = sinkParts(value)
  if (parts.length === 0) return { origin: 'model', why: 'It names nobody.', from: [] }
  return parts.map((part) => oneOrigin(call, part, 'sink')).reduce(worse)
}

function whichOrigin(call: Call, value: string): Found {
  return oneOrigin(call, value, 'selector')
}

function oneOrigin({ memory, tool, label, known }: Call, value: string, as: 'sink' | 'selector'): Found {
  const planned = memory.plan?.has(tool.id) === true
  const { trail, words, records, endorsed } = memory
  const tainted = isTainted(label)
  if (endorsed.has(value) || known(value)) return { origin: 'known', why: 'The operator knows it.', from: [] }
  const mention = isWeak(value, as) ? undefined : words.mention(value)
  if (mention?.kind === 'named') return { origin: 'user', why: mention.sentence, from: [] }
  if (!tainted) return { origin: 'model', why: 'Nothing untrusted was read.', from: [] }
  const probe = trail.probe(value)
  const from = probe.sources.map(({ name }) => name)
  if (mention !== undefined) return { origin: 'ambiguous', why: mention.why, from }
  if (probe.trusted && memory.isComplete) return { origin: 'trusted', why: 'It stands in trusted results only.', from }
  const record = records.namesFor(value, as).find((name) => isNamed(memory, name, planned && as === 'selector'))
  if (record !== undefined) return { origin: 'record', why: `It belongs to “${record}”, which the user named.`, from }
  return { origin: 'untrusted', why: whyUntrusted(probe), from }
}

const whyUntrusted = (probe: Probe): string =>
  probe.untrusted > 0 ? 'It stands in untrusted text.' : 'Nothing the agent was told or shown explains it.'

/** Too short or general to mean one thing: `1`, `me`, `all`, `13` (T-098). */
const isWeak = (value: string, as: 'sink' | 'selector'): boolean =>
  isGeneric(value) || (/^\d+$/.test(value) && value.length < (as === 'sink' ? 6 : 4))

/** The user said the whole name; inside a plan also most of it, while no other record could be meant. */
function isNamed({ words, records }: FlowMemory, name: string, mostly: boolean): boolean {
  if (name.replace(/[^\p{L}\p{N}]/gu, '').length < 4) return false
  return (
    words.says(name) || (mostly && words.saysMost(name) && !records.hasOther(name, (other) => words.saysMost(other)))
  )
}

/** What the content leaves of one call carry together. */
class Content {
  /** Letters and digits that neither the user nor trusted results explain. */
  unvouched = 0
  confidentiality = 0
  #telling = false
  readonly #memory: FlowMemory
  readonly #label: Label

  constructor(memory: FlowMemory, label: Label) {
    this.#memory = memory
    this.#label = label
  }

  take(value: string): Origin {
    const tainted = isTainted(this.#label)
    // nothing to find out: the session has read nothing that matters
    if (value === '' || (!tainted && this.#label.confidentiality < CONFIDENTIAL)) return 'model'
    const { trail } = this.#memory
    const probe = trail.probe(value)
    this.unvouched += probe.size - probe.vouched
    this.#add(probe)
    for (const form of decodedForms(value)) this.#add(trail.probe(form))
    if (probe.size > 0 && probe.user === probe.size) return 'user'
    return tainted ? (probe.trusted ? 'trusted' : 'untrusted') : 'model'
  }

  #add(probe: Probe): void {
    this.#telling ||= probe.tellingConfidential
    if (probe.confidential > 0 || probe.tellingConfidential) {
      this.confidentiality = Math.max(this.confidentiality, probe.confidentiality)
    }
  }

  get isUntrusted(): boolean {
    const total = this.#memory.unvouchedOut + this.unvouched
    return isTainted(this.#label) && (this.unvouched > UNVOUCHED || (this.unvouched > 0 && total > UNVOUCHED_TOTAL))
  }

  get isConfidential(): boolean {
    return this.#label.confidentiality >= CONFIDENTIAL && (this.#telling || this.isUntrusted)
  }

  get hasDetail(): boolean {
    return isTainted(this.#label) && this.#label.confidentiality >= CONFIDENTIAL && this.#telling
  }
}

/** Dates, times and numbers: parameters of this form are not counted as content. */
const isMoment = (value: string): boolean => value.length <= 40 && /^[\d\s:.,/+TZ-]*$/.test(value)

function minorUnits(value: string | number | boolean): number {
  const amount = typeof value === 'number' ? value : Number(value)
  const minor = Math.round(Math.abs(amount) * 100)
  return Number.isSafeInteger(minor) ? minor : Number.MAX_SAFE_INTEGER
}
