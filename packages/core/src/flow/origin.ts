import type { RegisteredTool } from '../action/tool.ts'
import { ORIGINS, type LeafOrigin } from './facts.ts'
import { isTainted, type Label } from './label.ts'
import type { FlowMemory } from './memory.ts'
import { isPlainForm, placeKey } from './normal.ts'
import { contentSinks, isGeneric, sinkParts } from './sinks.ts'
import type { Probe } from './trail.ts'

export interface OriginContext {
  readonly memory: FlowMemory
  readonly tool: RegisteredTool
  readonly label: Label
  /** Says whether the operator's book holds an address. */
  readonly known: (value: string) => boolean
}

export type Found = Pick<LeafOrigin, 'origin' | 'why' | 'from'>
const worse = (a: Found, b: Found): Found => (ORIGINS.indexOf(b.origin) > ORIGINS.indexOf(a.origin) ? b : a)

/** Most addresses of one leaf that are looked at; more are nobody's. */
const MOST_PARTS = 1_000

/** Origin of a leaf that says who or where: every address in it counts, the worst one speaks. */
export function sinkOrigin(on: OriginContext, value: string): Found {
  const parts = sinkParts(value)
  if (parts.length === 0) return { origin: 'model', why: 'It names nobody.', from: [] }
  if (parts.length > MOST_PARTS) return { origin: 'untrusted', why: 'It names too many.', from: [] }
  return worstOf(on, parts)
}

/** The worst of them; nothing is worse than the first that is untrusted. */
function worstOf(on: OriginContext, parts: readonly string[]): Found {
  let worst = oneOrigin(on, parts[0] ?? '', 'sink')
  for (let at = 1; at < parts.length && worst.origin !== 'untrusted'; at++) {
    worst = worse(worst, oneOrigin(on, parts[at] ?? '', 'sink'))
  }
  return worst
}

/** Origin of a leaf that says which. */
export const selectorOrigin = (on: OriginContext, value: string): Found => oneOrigin(on, value, 'selector')

/** Origin of an amount: only the user's own figure vouches for it, wherever else the number stands. */
export function amountOrigin(on: OriginContext, value: string | number | boolean): Found {
  const { memory, label } = on
  const amount = typeof value === 'boolean' ? NaN : Number(value)
  const mention = memory.words.mentionAmount(amount)
  if (mention?.kind === 'named') return { origin: 'user', why: mention.sentence, from: [] }
  if (!isTainted(label)) return { origin: 'model', why: 'Nothing untrusted was read.', from: [] }
  if (mention !== undefined) return { origin: 'ambiguous', why: mention.why, from: [] }
  return { origin: 'untrusted', why: 'The user did not name this amount.', from: [] }
}

/** Origins of the addresses that stand in content (T-103). What the user said word for word is the user's. */
export function contentSinkOrigins(on: OriginContext, value: string): readonly Found[] {
  const { sinks, isWhole } = contentSinks(value)
  if (sinks.length === 0 && isWhole) return []
  const said = value.length < 4_096 && on.memory.words.mention(value)?.kind === 'named'
  if (said) return [{ origin: 'user', why: 'The user said it word for word.', from: [] }]
  if (!isWhole) return [{ origin: 'untrusted', why: 'It names too many.', from: [] }]
  const found: Found[] = []
  for (const each of sinks) {
    found.push(oneOrigin(on, each, 'sink'))
    if (found.at(-1)?.origin === 'untrusted') break
  }
  return found
}

function oneOrigin({ memory, tool, label, known }: OriginContext, value: string, as: 'sink' | 'selector'): Found {
  const { trail, words, records, endorsed } = memory
  const tainted = isTainted(label)
  // what only folds to a form that is known is something else when it runs
  const isPlain = isPlainForm(value)
  const key = placeKey(value)
  if (isPlain && (endorsed.has(key) || known(key))) return { origin: 'known', why: 'The operator knows it.', from: [] }
  const weak = isWeak(value, as)
  const mention = weak ? undefined : words.mention(value)
  if (mention?.kind === 'named') return { origin: 'user', why: mention.sentence, from: [] }
  if (!tainted) return { origin: 'model', why: 'Nothing untrusted was read.', from: [] }
  const probe = trail.probe(value)
  const from = probe.sources.map(({ name }) => name)
  if (mention !== undefined) return { origin: 'ambiguous', why: mention.why, from }
  if (probe.trusted && isPlain && memory.isComplete && !(weak && as === 'sink')) {
    return { origin: 'trusted', why: 'It stands in trusted results only.', from }
  }
  const mostly = as === 'selector' && memory.plan?.has(tool.id) === true
  const record =
    isPlain && memory.isComplete ? records.namesFor(value, as).find((name) => isNamed(memory, name, mostly)) : undefined
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
