/** A string in a JSON text, and which members surround it. */
export interface JsonString {
  /** UTF-16 offsets of the literal with its quotes. */
  readonly start: number
  readonly end: number
  /** Names of the members it lies in, outermost first; array items add `[]`. */
  readonly path: readonly string[]
}

/** A member of an object: `start` at its name, `end` after its value. */
export interface JsonMember extends JsonString {
  readonly name: string
}

/**
 * Walks a JSON text that is known to be valid and reports its string values and members with their places, so that single
 * literals can be replaced while every other byte stays as it was sent.
 */
export function scanJson(
  text: string,
  onString: (found: JsonString) => void,
  onMember: (found: JsonMember) => void,
): void {
  const path: string[] = []
  let at = 0
  const space = (): void => {
    while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  }
  const string = (): { start: number; end: number } => {
    const start = at++
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === 0x22) return { start, end: ++at }
      if (Number.isNaN(code)) throw new SyntaxError('The text is not valid JSON.')
      at += code === 0x5c ? 2 : 1
    }
  }
  const list = (close: number, item: () => void): void => {
    at++
    space()
    if (text.charCodeAt(at) === close) return void at++
    for (;;) {
      item()
      space()
      const code = text.charCodeAt(at++)
      if (code === close) return
      if (code !== 0x2c) throw new SyntaxError('The text is not valid JSON.')
    }
  }
  const member = (): void => {
    space()
    const key = string()
    space()
    at++
    const name = JSON.parse(text.slice(key.start, key.end)) as string
    path.push(name)
    value()
    onMember({ name, start: key.start, end: at, path: path.slice(0, -1) })
    path.pop()
  }
  const item = (): void => {
    path.push('[]')
    value()
    path.pop()
  }
  const value = (): void => {
    space()
    const code = text.charCodeAt(at)
    if (code === 0x7b) return list(0x7d, member)
    if (code === 0x5b) return list(0x5d, item)
    if (code === 0x22) return onString({ ...string(), path: [...path] })
    const start = at
    while (at < text.length && !endsScalar(text.charCodeAt(at))) at++
    if (at === start) throw new SyntaxError('The text is not valid JSON.')
  }
  value()
}

/** White space, comma, `]`, `}`. */
const endsScalar = (code: number): boolean => code <= 0x20 || code === 0x2c || code === 0x5d || code === 0x7d
