/** Finds members of a JSON object that comes in pieces, and keeps nothing else of it. */
export interface JsonMembers {
  /** One byte more, in order. */
  readonly push: (byte: number) => void
  /** The value at this path, as its text stood there; undefined when it was not seen whole, or was too long. */
  readonly text: (path: string) => string | undefined
  /** It has come to its end. */
  readonly isWhole: () => boolean
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, LIST, UNLIST, COMMA, COLON] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a]
const MOST_NAME = 64
const DECODER = new TextDecoder()

/**
 * @param paths of one or two names, joined by a dot
 * @param most bytes of a value that is kept
 */
export function jsonMembers(paths: readonly string[], most: number): JsonMembers {
  const wanted = new Set(paths)
  const found = new Map<string, string>()
  /** By depth: whether it is an object there. */
  const nesting: boolean[] = []
  const names: string[] = []
  let [inString, isEscaped, isName, isWhole] = [false, false, false, false]
  let name: number[] = []
  let kept: { readonly path: string; readonly depth: number; readonly bytes: number[] } | undefined

  const finish = (): void => {
    if (kept !== undefined && kept.bytes.length <= most)
      found.set(kept.path, DECODER.decode(Uint8Array.from(kept.bytes)).trim())
    kept = undefined
  }
  const begin = (): void => {
    const depth = nesting.length
    if (kept !== undefined || depth > 2 || nesting.includes(false)) return
    const path = names.slice(0, depth).join('.')
    if (wanted.has(path)) kept = { path, depth, bytes: [] }
  }
  const inText = (byte: number): void => {
    if (isName && name.length <= MOST_NAME && byte !== QUOTE) name.push(byte)
    if (isEscaped) isEscaped = false
    else if (byte === BACKSLASH) isEscaped = true
    else if (byte === QUOTE) {
      inString = false
      // a name with escapes in it is not one of ours
      if (isName) names[nesting.length - 1] = DECODER.decode(Uint8Array.from(name))
    }
  }
  const outside = (byte: number): void => {
    const depth = nesting.length
    if (byte === QUOTE) {
      inString = true
      name = []
    } else if (byte === OPEN || byte === LIST) {
      nesting.push(byte === OPEN)
      isName = byte === OPEN
    } else if (byte === CLOSE || byte === UNLIST) {
      nesting.pop()
      isName = false
      isWhole = nesting.length === 0
    } else if (byte === COMMA) isName = nesting[depth - 1] === true
    else if (byte === COLON) {
      isName = false
      begin()
    }
  }
  return {
    push(byte) {
      const ends = kept !== undefined && !inString && nesting.length === kept.depth
      if (ends && (byte === COMMA || byte === CLOSE)) finish()
      const before = kept
      if (inString) inText(byte)
      else outside(byte)
      if (kept !== undefined && kept === before && kept.bytes.length <= most) kept.bytes.push(byte)
    },
    text: (path) => found.get(path),
    isWhole: () => isWhole,
  }
}
