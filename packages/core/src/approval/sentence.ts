import { isJsonObject, type Json } from '../json/types.ts'
import type { ArgumentLeaf, CallBinding } from './approval.ts'
import { escapeText } from './escape.ts'

/** A value that is longer does not fit into a sentence; it stands complete further down. */
const LONGEST = 80

/**
 * One sentence that says what is asked, from facts alone: who, and what it reaches. No word of it is the model's or the
 * server's but the values themselves, escaped (T-036).
 */
export const sentenceOf = (binding: CallBinding): string =>
  `${escapeText(binding.principal.replace(/^agent:/, ''))} wants to ${actOf(binding)}.`

function actOf({ tool, server, facts, sinks }: CallBinding): string {
  const programs = texts(facts, 'commands')
  if (programs.length > 0) return `run ${list(programs)}${reaching(facts)}`
  const to = valuesOf(sinks, 'sink')
  const amount = isJsonObject(facts) ? facts['amountMinor'] : undefined
  if (typeof amount === 'number' && amount > 0) {
    return `move ${amount} in minor units${to.length === 0 ? '' : ` to ${list(to)}`}, with ${named(tool, server)}`
  }
  if (to.length > 0) return `send something to ${list(to)}, with ${named(tool, server)}`
  const which = valuesOf(sinks, 'selector')
  if (which.length > 0) return `use ${named(tool, server)} on ${list(which)}`
  const paths = texts(facts, 'paths')
  if (paths.length > 0) return `use ${named(tool, server)} on ${list(paths)}`
  return `use ${named(tool, server)}${reaching(facts)}`
}

/** `Send something to “a@b.example”, with gmail.send_email`: the same without the agent, for lists that name it already. */
export function wishOf(binding: CallBinding): string {
  const act = actOf(binding)
  return act.charAt(0).toUpperCase() + act.slice(1)
}

const TARGETS: readonly (readonly [fact: string, word: string])[] = [
  ['commands', 'command'],
  ['domains', 'recipient'],
  ['hosts', 'host'],
  ['paths', 'path'],
]

/** What the things that a call reaches are called, in the singular: for an approval that is remembered for them. */
export const targetOf = ({ facts, sinks }: Pick<CallBinding, 'facts' | 'sinks'>): string =>
  TARGETS.find(([fact]) => texts(facts, fact).length > 0)?.[1] ??
  (valuesOf(sinks, 'sink').length > 0 ? 'recipient' : 'record')

function reaching(facts: Json): string {
  const hosts = texts(facts, 'hosts')
  return hosts.length === 0 ? '' : `, which reaches ${list(hosts)}`
}

const named = (tool: string, server: string): string =>
  tool.startsWith(`${server}.`) ? escapeText(tool) : `${escapeText(tool)} of ${escapeText(server)}`

const valuesOf = (leaves: readonly ArgumentLeaf[], role: ArgumentLeaf['role']): readonly string[] =>
  leaves.filter((leaf) => leaf.role === role).map(({ value }) => value)

function list(values: readonly string[]): string {
  const [first = '', ...rest] = [...new Set(values)]
  const shown = escapeText(first)
  const text =
    shown.length > LONGEST
      ? `a value of ${first.length} characters (shown below)`
      : `“${shown.replaceAll('”', '\\u{201d}')}”`
  return rest.length === 0 ? text : `${text} and ${rest.length} more`
}

function texts(facts: Json, key: string): readonly string[] {
  const found = isJsonObject(facts) ? facts[key] : undefined
  return Array.isArray(found) ? (found as readonly Json[]).filter((item) => typeof item === 'string') : []
}
