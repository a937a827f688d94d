import { escapeText } from '@sallyport/core/approval/escape'

/** A piece of foreign text as it is shown: readable as it stands, or characters that would not be seen. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break'; readonly sign: '→' | '↵' }
  /** `shown` goes into the chip, `said` to assistive technology. */
  | { readonly kind: 'hidden'; readonly shown: string; readonly said: string }

const ESCAPE = /\\(?:u\{([0-9a-f]+)\}|([\\nrt]))/g

/** Pieces of a text that nobody escaped yet; the same escape as on the command line decides what is readable. */
export const segments = (text: string): readonly Segment[] => segmentsOfEscaped(escapeText(text))

/** Pieces of a text that the gateway has escaped already. */
export function segmentsOfEscaped(escaped: string): readonly Segment[] {
  const found: Segment[] = []
  let run: number[] = []
  let plain = ''
  const flush = (): void => {
    if (plain !== '') found.push({ kind: 'text', text: plain })
    plain = ''
    found.push(...chips(run))
    run = []
  }
  let at = 0
  for (const match of escaped.matchAll(ESCAPE)) {
    const between = escaped.slice(at, match.index)
    at = match.index + match[0].length
    if (between !== '' && run.length > 0) flush()
    plain += between
    if (match[2] === '\\') {
      if (run.length > 0) flush()
      plain += '\\'
    } else if (match[2] === 'n' || match[2] === 't') {
      flush()
      found.push({ kind: 'break', sign: match[2] === 'n' ? '↵' : '→' })
    } else {
      if (plain !== '') flush()
      run.push(match[2] === 'r' ? 0x0d : Number.parseInt(match[1] ?? '0', 16))
    }
  }
  if (at < escaped.length && run.length > 0) flush()
  plain += escaped.slice(at)
  flush()
  return found
}

const isTag = (code: number): boolean => code >= 0xe0000 && code <= 0xe007f
const isLetter = (code: number): boolean => /^[\p{L}\p{N}]$/u.test(String.fromCodePoint(code))
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'null'],
  [0x07, 'bell'],
  [0x08, 'backspace'],
  [0x0d, 'carriage return'],
  [0x1b, 'escape'],
  [0xa0, 'no-break space'],
  [0xad, 'soft hyphen'],
  [0x200b, 'zero width space'],
  [0x200c, 'zero width non-joiner'],
  [0x200d, 'zero width joiner'],
  [0x200e, 'left-to-right mark'],
  [0x200f, 'right-to-left mark'],
  [0x202a, 'left-to-right embedding'],
  [0x202b, 'right-to-left embedding'],
  [0x202c, 'pop directional formatting'],
  [0x202d, 'left-to-right override'],
  [0x202e, 'right-to-left override'],
  [0x2066, 'left-to-right isolate'],
  [0x2067, 'right-to-left isolate'],
  [0x2069, 'pop directional isolate'],
  [0xfeff, 'byte order mark'],
])

/** Chips for a run of characters that are not readable; long runs of one kind are counted. */
function chips(run: readonly number[]): readonly Segment[] {
  if (run.length === 0) return []
  if (run.length > 3 && run.every(isTag)) return [counted(run.length, 'tag')]
  if (run.length > 3 && run.every((code) => code === run[0])) {
    return [
      { kind: 'hidden', shown: `${run.length} × ${name(run[0] ?? 0)}`, said: `${run.length} ${said(run[0] ?? 0)}` },
    ]
  }
  if (run.length > 8 && !run.some(isLetter)) return [counted(run.length, 'hidden')]
  return run.map((code) => ({ kind: 'hidden', shown: name(code), said: said(code) }))
}

const counted = (count: number, what: string): Segment => ({
  kind: 'hidden',
  shown: `${count} ${what} characters`,
  said: `${count} hidden ${what} characters`,
})
const name = (code: number): string =>
  // a letter that only reorders its neighbours (Hebrew, Arabic) is named and still shown, alone in its chip
  `${isLetter(code) ? `${String.fromCodePoint(code)} ` : ''}U+${code.toString(16).toUpperCase().padStart(4, '0')}`
const said = (code: number): string => `hidden character, ${NAMES.get(code) ?? name(code)}`
