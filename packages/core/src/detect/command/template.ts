/** A command with one place for an argument, cut into words: nothing in it is left to a shell. */
export interface Template {
  readonly words: readonly string[]
  /** Index of the word that holds the placeholder. */
  readonly place: number
}

export type TemplateFault = 'no-placeholder' | 'two-placeholders' | 'shell-syntax' | 'unfinished-quote' | 'empty'

export const PLACEHOLDER_ARGUMENT = '{arg}'

/**
 * Cuts a template into words. Quotes group and are taken away; everything else that a shell would act on is refused, because
 * without a shell it would mean something else than its author thought (E-35).
 */
export function readTemplate(template: string): Template | TemplateFault {
  const words: string[] = []
  let word = ''
  let begun = false
  let quote = ''
  for (let index = 0; index < template.length; index++) {
    if (template.startsWith(PLACEHOLDER_ARGUMENT, index)) {
      word += PLACEHOLDER_ARGUMENT
      begun = true
      index += PLACEHOLDER_ARGUMENT.length - 1
      continue
    }
    const char = template[index] ?? ''
    if (quote !== '') {
      if (char === quote) quote = ''
      else if (quote === '"' && (char === '$' || char === '`')) return 'shell-syntax'
      else if (quote === '"' && char === '\\') word += template[++index] ?? ''
      else word += char
    } else if (char === "'" || char === '"') {
      quote = char
      begun = true
    } else if (char === '\\') {
      word += template[++index] ?? ''
      begun = true
    } else if (/\s/.test(char)) {
      if (begun) words.push(word)
      word = ''
      begun = false
    } else if (/[;&|<>()$`*?[\]#~!]/.test(char) && !(char === '~' && word !== '') && !(char === '#' && begun)) {
      return 'shell-syntax'
    } else {
      word += char
      begun = true
    }
  }
  if (quote !== '') return 'unfinished-quote'
  if (begun) words.push(word)
  if (words.length === 0) return 'empty'
  const places = words.flatMap((text, index) => Array<number>(text.split(PLACEHOLDER_ARGUMENT).length - 1).fill(index))
  const [place] = places
  if (place === undefined) return 'no-placeholder'
  return places.length > 1 ? 'two-placeholders' : { words, place }
}
