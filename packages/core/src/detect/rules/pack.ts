import type { Severity } from '../../policy/decision.ts'

/** Stands in front of what is signed, so that no signature over anything else can be one over a pack. */
export const PACK_FORMAT = 'sallyport/rules/1'

/** Labels of ND-3.1.b. */
export const RULE_CATEGORIES = [
  'direct',
  'indirect',
  'role-confusion',
  'context-manipulation',
  'jailbreaking',
  'encoding-bypass',
  'delimiter-injection',
  'instruction-extraction',
  'output-weaponisation',
  'social-engineering',
] as const
export type RuleCategory = (typeof RULE_CATEGORIES)[number]

/**
 * One rule of a pack. It adds to the rules of the product; with the id of one of them it takes its place. It runs on the folded
 * text (`TextView`) when one of its anchors is in it.
 */
export interface PackRule {
  readonly id: string
  readonly category: RuleCategory
  readonly severity: Severity
  /** 1 to 100; two rules of together 100 block. */
  readonly points: number
  /** At least one of these is in every match. Lower case. */
  readonly anchors: readonly string[]
  /** RE2, without regard to case: packs come from elsewhere, so that matching must be linear whatever they say. */
  readonly pattern: string
  /** Must match. */
  readonly positive: readonly string[]
  /** Must not. */
  readonly negative: readonly string[]
}

/** What is signed: all of a pack but its signature. */
export interface RulePack {
  readonly format: typeof PACK_FORMAT
  /** Packs of one name replace each other. */
  readonly name: string
  readonly version: {
    /** Grows with every release; a lower or equal one is refused. */
    readonly number: number
    /** Day of release, for people. */
    readonly date: string
  }
  readonly rules: readonly PackRule[]
}

/** A key that packs are believed with. */
export interface PackKey {
  /** First 16 hex digits of the SHA-256 of the raw key. */
  readonly id: string
  /** Raw Ed25519 public key, base64. */
  readonly publicKey: string
}

export const PACK_LIMITS = Object.freeze({ bytes: 2_000_000, rules: 500, pattern: 1_000, examples: 50, example: 4_000 })
