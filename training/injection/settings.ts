import type { Document } from './documents.ts'
import type { FitOptions } from './fit.ts'

/** Size of the tables, as powers of two: 1 MB and 256 KB. */
export const BITS = 20
export const JAILBREAK_BITS = 18

export const JAILBREAK_FIT: FitOptions = { bits: JAILBREAK_BITS, epochs: 3, rate: 0.1, dropout: 0.3, decay: 0, seed: 2 }

/** How often a row of the hard set's training half is seen: they are few and each is a shape of its own. */
export const HARD_COPIES = 6

/** Honest texts of the same words count for more than attacks; made attacks in other languages, which are alike, for less. */
function weightOf({ row }: Document): number {
  if (!row.source.startsWith('shapes:')) return 1
  if (row.label === 0) return 1.5
  return row.source === 'shapes:orders-in-languages' ? 0.5 : 1
}

export const INJECTION_FIT: FitOptions = {
  bits: BITS,
  epochs: 3,
  rate: 0.1,
  dropout: 0.3,
  decay: 0,
  seed: 1,
  weightOf,
}

/** Texts made of every shape, and the seed they are made with. */
export const SAMPLES = 40
export const SHAPE_SEED = 7

/** Fits that are averaged, and the part of the documents each of them sees. */
export const ROUNDS = 4
export const PART = 1

/** Added to the logit of the advisory head, so that 0.5 is where one benign text in two hundred of the development half lies. */
export const JAILBREAK_SHIFT = 2.5
