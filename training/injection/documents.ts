import { createLexicon } from '../../packages/core/src/detect/injection/lexicon.ts'
import { createTokens, tokenise } from '../../packages/core/src/detect/injection/tokens.ts'
import { FEATURES, writeFeatures } from '../../packages/core/src/detect/injection/features.ts'
import { decodedSegments } from '../../packages/core/src/detect/text/decode.ts'
import { countDisguises, createDisguiseCounts, disguises } from '../../packages/core/src/detect/injection/disguise.ts'
import { fold } from '../../packages/core/src/detect/text/fold.ts'

/** One row of a corpus, or one text made from a shape. */
export interface Row {
  readonly text: string
  readonly label: 0 | 1
  readonly kind: string
  readonly lang?: string
  readonly source: string
  readonly channel: 'user' | 'content'
}

/** A row as buckets, `FEATURES` a token. */
export interface Document {
  readonly row: Row
  readonly tokens: number
  readonly buckets: Int32Array
}

/** What is longer teaches nothing new. Tokens. */
const LONGEST = 1200

const tokens = createTokens()
const lexicon = createLexicon()

/** The text and everything that decodes from it, one after the other: the best window may lie in any of them. */
function readings(text: string): string {
  const view = fold(text)
  const counts = createDisguiseCounts()
  countDisguises(view.text, tokenise(view.text, tokens, lexicon), counts)
  const hidden = [...decodedSegments(text).segments, ...disguises(view.text, counts)]
  return [view.text, ...hidden.map((segment) => fold(segment.text).text)].join('\n\n')
}

export function toDocument(row: Row, bits: number): Document {
  tokenise(readings(row.text), tokens, lexicon)
  const count = Math.min(tokens.length, LONGEST)
  const buckets = new Int32Array(Math.max(tokens.length, 1) * FEATURES)
  writeFeatures(tokens, buckets, bits)
  return { row, tokens: count, buckets: buckets.slice(0, count * FEATURES) }
}
