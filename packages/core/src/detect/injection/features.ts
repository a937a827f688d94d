import { IS_PUNCT, type Tokens } from './tokens.ts'

/** Features of a token. */
export const FEATURES = 10
/** Classes that are further apart than this do not belong together. Tokens. */
const REACH = 8
/** Nor do classes with two others between them that are further apart than this. */
const APART = 20

/**
 * Buckets of every token: the word, with one and two words before it, with the word before the last; the class of the lexicon, with one and
 * two classes before it, the word with the class before it, and in any order the class with the second and the third before it. Punctuation does not part words. Bucket 0 is no feature.
 * @param out `FEATURES` entries a token
 * @param bits size of the table of weights, as a power of two
 */
export function writeFeatures(tokens: Tokens, out: Int32Array, bits: number): void {
  const { length, hash, word, span, flags } = tokens
  const shift = 32 - bits
  let one = 0
  let two = 0
  let mark = 0
  let drawn = false
  let near = 0
  let nearAt = -1
  let far = 0
  let farAt = -1
  let third = 0
  let thirdAt = -1
  for (let index = 0, at = 0; index < length; index++, at += FEATURES) {
    const own = hash[index] ?? 0
    const kind = word[index] ?? 0
    const punct = ((flags[index] ?? 0) & IS_PUNCT) !== 0
    // Drawings and tables are signs upon signs: the first of a row says what there is to say.
    if (punct && drawn) {
      out.fill(0, at, at + FEATURES)
      continue
    }
    drawn = punct
    // Nor does a word that is said again and again add to what it says.
    if (!punct && (own === one || own === two)) {
      out.fill(0, at, at + FEATURES)
      two = one
      one = own
      continue
    }
    out[at] = bucket(own, shift)
    if (punct) {
      out[at + 1] = bucket(Math.imul(one, 0x2c1b3c6d) ^ own ^ 0x51ed270b, shift)
      out[at + 2] = mark === 0 ? 0 : bucket(Math.imul(mark, 0x297a2d39) ^ Math.imul(one, 0x1b56c4e9) ^ own, shift)
      out[at + 3] = 0
      mark = own
    } else {
      out[at + 1] = bucket(Math.imul(one, 0x9e3779b1) ^ own, shift)
      out[at + 2] = bucket(Math.imul(two, 0x85ebca6b) ^ Math.imul(one, 0x9e3779b1) ^ own, shift)
      out[at + 3] = bucket(Math.imul(two, 0xc2b2ae35) ^ own ^ 0x165667b1, shift)
      two = one
      one = own
    }
    if (kind === 0) {
      out[at + 4] = 0
      out[at + 5] = 0
      out[at + 6] = 0
      out[at + 7] = 0
      out[at + 8] = 0
      out[at + 9] = 0
      continue
    }
    const before = nearAt >= 0 && index - nearAt <= REACH ? near : 0
    const beyond = before !== 0 && farAt >= 0 && nearAt - farAt <= REACH ? far : 0
    out[at + 4] = bucket((kind + 1) * 0x01000193, shift)
    out[at + 5] = before === 0 ? 0 : bucket((((before << 8) | kind) + 0x10000) * 0x0100_0193, shift)
    out[at + 6] = beyond === 0 ? 0 : bucket(Math.imul((beyond << 16) | (before << 8) | kind, 0x5bd1e995), shift)
    out[at + 7] = before === 0 ? 0 : bucket(Math.imul(before + 77, 0x27d4eb2f) ^ own, shift)
    // Which classes are together says more than their order.
    out[at + 8] = beyond === 0 ? 0 : bucket(pair(beyond, kind), shift)
    out[at + 9] = thirdAt >= 0 && index - thirdAt <= APART && third !== kind ? bucket(pair(third, kind), shift) : 0
    third = far
    thirdAt = farAt
    far = near
    farAt = nearAt
    near = kind
    nearAt = index + (span[index] ?? 1) - 1
  }
}

const pair = (one: number, other: number): number =>
  Math.imul((Math.min(one, other) << 8) | Math.max(one, other), 0x3c6ef372) ^ 0x2545f491

/** Never 0. */
function bucket(hash: number, shift: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x297a2d39)
  const index = (mixed ^ (mixed >>> 16)) >>> shift
  return index === 0 ? 1 : index
}
