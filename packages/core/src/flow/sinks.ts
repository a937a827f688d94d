import { normalWords } from './normal.ts'

const SEPARATORS = /[\n,;]+/
const DISPLAY = /^(.*?)<([^<>]*)>$/

/**
 * What a sink leaf names: every address or place in it, and what is left over (T-102). A leaf that names one thing gives one.
 */
export function sinkParts(value: string): readonly string[] {
  if (!/[,;\n<]/.test(value)) return [normalWords(value)]
  const parts: string[] = []
  for (const piece of value.split(SEPARATORS)) {
    const shown = DISPLAY.exec(piece.trim())
    if (shown === null) parts.push(normalWords(piece))
    else {
      parts.push(normalWords(shown[2] ?? ''))
      if ((shown[1] ?? '').trim() !== '') parts.push(normalWords((shown[1] ?? '').replaceAll('"', '')))
    }
  }
  return parts.filter((part) => part !== '')
}

/** Words that say nothing about who or which (T-098): they resolve through the address book or not at all. */
const GENERIC: ReadonlySet<string> = new Set(
  'me all team main everyone everybody here channel user users admin you him her them us self home group public private yes no true false none null any other others someone friend boss client customer master head default new latest first last file folder email mail note test default'.split(
    ' ',
  ),
)

export const isGeneric = (value: string): boolean =>
  GENERIC.has(value) || value.replace(/[^\p{L}\p{N}]/gu, '').length < 2
