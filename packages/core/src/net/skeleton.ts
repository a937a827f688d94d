import unhomoglyph from 'unhomoglyph'

/**
 * What a text looks like, for comparison only (UTS 39 skeleton): compatibility forms and look-alikes of other scripts as
 * ASCII, marks gone. `m` is `rn` in it.
 */
export const skeleton = (text: string): string =>
  unhomoglyph(text.normalize('NFKC').toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '')).toLowerCase()

/** Digits, letters and pairs of letters that are read for another, each set by its first. Applied after the skeleton. */
const TYPED: readonly (readonly [RegExp, string])[] = [
  [/vv/g, 'w'],
  [/cl/g, 'd'],
  [/[i1!|j]/g, 'l'],
  [/0/g, 'o'],
  [/[5$]/g, 's'],
  [/3/g, 'e'],
  [/4/g, 'a'],
  [/7/g, 't'],
  [/8/g, 'b'],
  [/[9q]/g, 'g'],
  [/2/g, 'z'],
]

/** Skeleton with digits for letters and pairs of letters taken for what they imitate: `paypa1` and `paypal` are one. */
export const typedSkeleton = (text: string): string =>
  TYPED.reduce((folded, [pattern, letter]) => folded.replace(pattern, letter), skeleton(text))
