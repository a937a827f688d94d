import type { Thresholds } from './model.ts'

/** `flag` is for the log only; `ask` wants a person; `block` keeps the text from the model. */
export type InjectionVerdict = 'clean' | 'flag' | 'ask' | 'block'

const LADDER: readonly InjectionVerdict[] = ['clean', 'flag', 'ask', 'block']

export interface VerdictFacts {
  /** A rule that acts alone, or several that make one (E-39). */
  readonly strong: boolean
  /** Quoted in writing about attacks. */
  readonly quoted: boolean
  /** A limit left something undecoded: not clean, whatever was seen. */
  readonly incomplete: boolean
}

/** Logit and facts → what is done. Quotation lowers by one step but never below `flag`: it changes what is done, not what is said. */
export function verdictOf(logit: number, { flag, ask, block }: Thresholds, facts: VerdictFacts): InjectionVerdict {
  let step = logit >= block ? 3 : logit >= ask ? 2 : logit >= flag ? 1 : 0
  if (facts.strong && !facts.quoted) step = Math.max(step, 2)
  if (facts.quoted && step > 1) step--
  if (facts.incomplete) step = Math.max(step, 1)
  return LADDER[step] ?? 'block'
}
