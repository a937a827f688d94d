import { encode } from 'uqr'

/** Names that every machine takes for itself (RFC 6761, 6.3): on another device they lead nowhere. */
const HERE = /(?:^|\.)localhost$|^127\.|^\[::1\]$/
/** The quiet zone that readers need, in modules (ISO/IEC 18004, 5.3.8). */
const QUIET = 4
/** A larger code has modules that a camera does not tell apart on a terminal. */
const LARGEST_VERSION = 10
const BLACK_ON_WHITE = '\u001b[30;107m'
const AS_BEFORE = '\u001b[0m'

/**
 * A link for the camera of another device, two rows of modules in a line; none where the terminal has no room or no signs for
 * it, or the link leads to this machine. It holds the link and nothing more.
 */
export function qrLines(
  link: string,
  { width, color, ascii }: { readonly width: number; readonly color: boolean; readonly ascii: boolean },
): readonly string[] {
  const code = ascii || HERE.test(new URL(link).hostname) ? [] : modulesOf(link)
  const size = code.length
  if (size > width) return []
  // without colour the terminal is taken for a dark one: its letters are what is light
  const isInk = (x: number, y: number): boolean => (code[y]?.[x] ?? false) === color
  const sign = (x: number, y: number): string => (y < size ? SIGNS(isInk(x, y), isInk(x, y + 1)) : ' ')
  return Array.from({ length: Math.ceil(size / 2) }, (_, row) => {
    const line = Array.from({ length: size }, (__, x) => sign(x, row * 2)).join('')
    return color ? BLACK_ON_WHITE + line + AS_BEFORE : line
  })
}

/** With the quiet zone; none of a link that is too long for a code. */
function modulesOf(link: string): readonly (readonly boolean[])[] {
  try {
    return encode(link, { ecc: 'M', border: QUIET, maxVersion: LARGEST_VERSION }).data
  } catch {
    return []
  }
}

const SIGNS = (upper: boolean, lower: boolean): string => (upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ')
