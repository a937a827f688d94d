import type { Severity } from '../../policy/decision.ts'
import type { WordClass } from './classes.ts'

/** What is reported (ND-3.1.b, E-41). */
export const INJECTION_CATEGORIES = [
  'direct',
  'indirect',
  'role_confusion',
  'context_manipulation',
  'jailbreaking',
  'encoding_bypass',
  'delimiter_injection',
  'instruction_extraction',
  'output_weaponisation',
  'social_engineering',
] as const

export type InjectionCategory = (typeof INJECTION_CATEGORIES)[number]

/** One reviewed rule. `points` 1 acts alone; less than 1 adds to the score and never acts without another sign (E-39). */
export interface InjectionRule {
  readonly id: string
  readonly category: InjectionCategory
  /** AC-3.1.3: critical explicit override · high role or delimiter confusion · medium obfuscation · low needs context. */
  readonly severity: Extract<Severity, 'critical' | 'high' | 'medium' | 'low'>
  readonly points: number
  readonly match: SequenceMatch | PatternMatch
  /** Must hit. Cut in two with `|` where a scanner of repositories would take the line for an attack of our own. */
  readonly positive: readonly string[]
  /** Near misses that must not hit. */
  readonly negative: readonly string[]
}

/** Classes of the lexicon in order, with the most tokens that may lie between two of them: language and spelling do not matter. */
export interface SequenceMatch {
  readonly kind: 'sequence'
  /** `drop 4 prior 3 instr|prompt`; several are alternatives. */
  readonly sequences: readonly string[]
}

/** A pattern that is run only around its anchors. All quantifiers are bounded, so that it is linear. */
export interface PatternMatch {
  readonly kind: 'pattern'
  /** Words or signs as the tokeniser sees them; at least one is in every match. */
  readonly anchors: readonly string[]
  /** Global. */
  readonly pattern: RegExp
}

export const sequence = (...sequences: string[]): SequenceMatch => ({ kind: 'sequence', sequences })
export const pattern = (anchors: string, regex: RegExp): PatternMatch => ({
  kind: 'pattern',
  anchors: anchors.split(' '),
  pattern: regex,
})

/** A step of a sequence: its classes, and how far it may be from the step before it. */
export interface SequenceStep {
  readonly classes: readonly WordClass[]
  readonly gap: number
}

export function parseSequence(text: string): readonly SequenceStep[] {
  const steps: SequenceStep[] = []
  let gap = 0
  for (const part of text.split(' ')) {
    if (/^\d+$/.test(part)) gap = Number(part)
    else steps.push({ classes: part.split('|') as WordClass[], gap })
  }
  return steps
}
