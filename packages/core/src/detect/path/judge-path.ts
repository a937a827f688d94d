import type { Finding } from '../finding.ts'
import { isInside, pathFacts, type PathFacts, type PathInput, type PathPlace } from './facts.ts'
import { isPublicHalf, type PlaceClass } from './places.ts'

export type PathMode = 'delete' | 'read' | 'write'
export type PathAnswer = 'ask' | 'block' | 'clean'

export interface PathVerdict {
  readonly verdict: PathAnswer
  readonly canonical: string
  readonly inside: boolean
  readonly findings: readonly Finding[]
  readonly facts: PathFacts
}

type Cell = readonly [read: PathAnswer, write: PathAnswer, remove: PathAnswer]
interface Row {
  readonly inside: Cell
  readonly outside: Cell
}

/** What each kind of place answers, inside the workspace and outside. The strictest of all that a path is counts. */
const ANSWERS: Readonly<Record<PlaceClass | 'ordinary', Row>> = Object.freeze({
  ordinary: { inside: ['clean', 'clean', 'clean'], outside: ['ask', 'ask', 'ask'] },
  'agent-instructions': { inside: ['clean', 'ask', 'ask'], outside: ['ask', 'block', 'block'] },
  'ci-config': { inside: ['clean', 'clean', 'clean'], outside: ['ask', 'ask', 'ask'] },
  'host-config': { inside: ['clean', 'ask', 'ask'], outside: ['ask', 'block', 'block'] },
  'git-hooks': { inside: ['clean', 'ask', 'ask'], outside: ['ask', 'block', 'block'] },
  'shell-startup': { inside: ['clean', 'ask', 'ask'], outside: ['ask', 'block', 'block'] },
  credentials: { inside: ['ask', 'ask', 'ask'], outside: ['block', 'block', 'block'] },
  'sallyport-config': { inside: ['clean', 'block', 'block'], outside: ['ask', 'block', 'block'] },
  'sallyport-state': { inside: ['block', 'block', 'block'], outside: ['block', 'block', 'block'] },
  system: { inside: ['clean', 'clean', 'clean'], outside: ['ask', 'block', 'block'] },
  devices: { inside: ['clean', 'clean', 'clean'], outside: ['ask', 'ask', 'block'] },
  kernel: { inside: ['block', 'block', 'block'], outside: ['block', 'block', 'block'] },
})
const COLUMN: Readonly<Record<PathMode, 0 | 1 | 2>> = Object.freeze({ read: 0, write: 1, delete: 2 })
const RANK: Readonly<Record<PathAnswer, number>> = Object.freeze({ clean: 0, ask: 1, block: 2 })
/** Files that are for everyone to read from and write to. */
const FREE = /^\/dev\/(?:null|zero|full|u?random)$/

/**
 * Judges a path for an agent that works in a directory. Clean: inside and nothing special. Ask: outside, or something that
 * runs, steers or unlocks, or undecidable. Block: credentials and system places outside, our own files, and a text that
 * leads out of the workspace only in a reading that hides it.
 */
export function judgePath(input: PathInput, mode: PathMode): PathVerdict {
  const facts = pathFacts(input)
  const findings: Finding[] = []
  let verdict: PathAnswer = 'clean'
  const add = (answer: PathAnswer, rule: string, start = 0, end = input.path.length): void => {
    if (answer === 'clean') return
    if (RANK[answer] > RANK[verdict]) verdict = answer
    const severity = answer === 'block' ? 'high' : 'medium'
    findings.push({ rule, category: 'path', severity, start, end: Math.max(start, end) })
  }
  for (const fault of facts.faults) add(fault.stop ? 'block' : 'ask', fault.rule, fault.start, fault.end)
  const [plain, ...others] = facts.readings
  for (const [answer, rule] of answersFor(plain, mode)) add(answer, rule)
  // what another system would make of a path of its own is nobody's disguise
  const foreign = facts.faults.some(({ rule }) => rule.startsWith('path.windows-'))
  for (const other of others) {
    const hidden = facts.inside && !isInside(other)
    if (hidden) add(foreign || other.way === 'lexical' ? 'ask' : 'block', `path.disguised-${other.way ?? 'plain'}`)
    for (const [answer, rule] of answersFor(other, mode)) add(answer, rule)
  }
  const seen = new Set<string>()
  const distinct = findings.filter(({ rule }) => !seen.has(rule) && seen.add(rule))
  return { verdict, canonical: facts.canonical, inside: facts.inside, findings: distinct, facts }
}

function* answersFor(place: PathPlace, mode: PathMode): Iterable<readonly [PathAnswer, string]> {
  const { canonical, places, walk, where } = place
  if (walk.trouble !== undefined) yield ['ask', `path.${walk.trouble}`]
  if (mode === 'delete' && (where === 'workspace' || where === 'above')) yield ['block', 'path.holds-workspace']
  if (FREE.test(canonical) && mode !== 'delete') return
  const within = isInside(place)
  const column = COLUMN[mode]
  if (!within) yield [ANSWERS.ordinary.outside[column], walk.links.length > 0 ? 'path.outside-by-link' : 'path.outside']
  for (const name of places) {
    const row = within ? ANSWERS[name].inside : ANSWERS[name].outside
    const eased = name === 'credentials' && mode === 'read' && isPublicHalf(canonical)
    const answer = eased ? (within ? 'clean' : 'ask') : row[column]
    yield [answer, `path.${name}`]
  }
}
