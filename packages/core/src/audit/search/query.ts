import { LOG_FIELDS, type Facets, type LogField } from './facets.ts'

/** `field:a,b`: one of the values; with `not`: none of them. A value that ends in `*` means whatever begins so. */
export interface LogTerm {
  readonly field: LogField
  readonly values: readonly string[]
  readonly not: boolean
}

/** Text that stands somewhere in the record, without regard to case. */
export interface LogWords {
  readonly text: string
  readonly not: boolean
}

/** A search: everything in it must hold. */
export interface LogSearch {
  readonly terms: readonly LogTerm[]
  readonly words: readonly LogWords[]
}

export const EVERYTHING: LogSearch = Object.freeze({ terms: Object.freeze([]), words: Object.freeze([]) })

/** Longer searches are refused. */
const MOST_CHARACTERS = 2_000
const MOST_PARTS = 50

/** What stands for several kinds: a call is its decision and, once a human agreed, its release. */
const KIND_GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['call', ['decision', 'release']],
  ['approval', ['approval.requested', 'approval.resolved']],
])
/** Other words for the same field or decision. */
const FIELD_ALIASES: ReadonlyMap<string, LogField> = new Map([
  ['event', 'id'],
  ['auditid', 'id'],
  ['server', 'tool'],
])
const DECISION_ALIASES: ReadonlyMap<string, string> = new Map([
  ['approval_required', 'asked'],
  ['ask', 'asked'],
  ['allow', 'allowed'],
  ['deny', 'denied'],
  ['approve', 'approved'],
])

interface Token {
  readonly text: string
  readonly at: number
  /** Where the part in quotation marks began, when the token holds one. */
  readonly quoted: boolean
}

/** What is wrong with a search and where, counted in UTF-16 units from 0. */
export class SearchFault extends Error {
  override readonly name = 'SearchFault'
  readonly at: number
  readonly length: number

  constructor(detail: string, at: number, length: number) {
    super(detail)
    this.at = at
    this.length = length
  }
}

/**
 * Reads a search such as `kind:call not tool:fs.list agent:x "words"`; `-` before a part is the same as `not`. The language of
 * `sallyport log query` and of the console.
 * @throws SearchFault
 */
export function readLogSearch(text: string): LogSearch {
  if (text.length > MOST_CHARACTERS) fail(`A search has at most ${MOST_CHARACTERS} characters.`, MOST_CHARACTERS, 1)
  const terms: LogTerm[] = []
  const words: LogWords[] = []
  let not = false
  let notAt = 0
  for (const token of tokensOf(text)) {
    if (!token.quoted && /^(not|and)$/i.test(token.text)) {
      if (token.text.toLowerCase() === 'not') [not, notAt] = [!not, token.at]
      continue
    }
    const dash = token.text.startsWith('-') && token.text.length > 1
    const body = dash ? { ...token, text: token.text.slice(1), at: token.at + 1 } : token
    const negated = not !== dash
    const term = termOf(body, negated)
    if (term) terms.push(term)
    else words.push({ text: unquote(body.text), not: negated })
    not = false
    if (terms.length + words.length > MOST_PARTS)
      fail(`A search has at most ${MOST_PARTS} parts.`, token.at, token.text.length)
  }
  if (not) fail('Nothing follows “not”.', notAt, 3)
  return { terms, words: words.filter((each) => each.text !== '') }
}

/** The text that `readLogSearch` reads as this search. */
export function formatLogSearch({ terms, words }: LogSearch): string {
  const parts = [
    ...terms.map(({ field, values, not }) => `${not ? 'not ' : ''}${field}:${values.map(quoted).join(',')}`),
    ...words.map(({ text, not }) => `${not ? 'not ' : ''}"${text.replaceAll('"', '')}"`),
  ]
  return parts.join(' ')
}

/** The values a term stands for, groups of kinds taken apart. */
export const termValues = ({ field, values }: LogTerm): readonly string[] =>
  field === 'kind' ? values.flatMap((value) => KIND_GROUPS.get(value) ?? [value]) : values

/** True when a record is what the search asks for. `body` is its text. */
export function matchesLogSearch({ terms, words }: LogSearch, facets: Facets, body: string): boolean {
  for (const term of terms) {
    const found = facets[term.field] ?? []
    if (termValues(term).some((value) => found.some((each) => fits(value, each))) === term.not) return false
  }
  if (words.length === 0) return true
  const text = body.toLowerCase()
  return words.every((word) => text.includes(jsonForm(word.text)) !== word.not)
}

const fits = (value: string, found: string): boolean =>
  value.endsWith('*') ? found.startsWith(value.slice(0, -1)) : found === value

/** As the word stands in JSON. */
const jsonForm = (text: string): string => JSON.stringify(text.toLowerCase()).slice(1, -1)

function termOf({ text, at }: Token, not: boolean): LogTerm | undefined {
  const match = /^([A-Za-z][A-Za-z_]*):(.*)$/s.exec(text)
  if (!match) return undefined
  const [, name = '', rest = ''] = match
  const lower = name.toLowerCase()
  const field = LOG_FIELDS.find((each) => each === lower) ?? FIELD_ALIASES.get(lower)
  // `https://…` is a word, not a field
  if (field === undefined && rest.startsWith('//')) return undefined
  if (field === undefined) return fail(unknownField(name), at, name.length)
  if (rest === '') return fail(`What should ${name} be? Write ${name}:value.`, at, text.length)
  const values = splitValues(rest).map(unquote)
  if (values.includes('')) return fail('A value is missing.', at + name.length + 1, rest.length)
  const meant =
    lower === 'server'
      ? values.map((value) => `${value}.*`)
      : field === 'decision'
        ? values.map((value) => DECISION_ALIASES.get(value) ?? value)
        : values
  return { field, values: [...new Set(meant)], not }
}

function unknownField(name: string): string {
  const near = LOG_FIELDS.find((each) => each.startsWith(name.toLowerCase().slice(0, 2)))
  const hint = near === undefined ? `Fields are ${LOG_FIELDS.join(', ')}.` : `Did you mean ${near}?`
  return `There is no field “${name.slice(0, 40)}”. ${hint}`
}

/** Parts at spaces; what stands in quotation marks stays together. */
function* tokensOf(text: string): Generator<Token> {
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at++
      continue
    }
    const start = at
    let open = -1
    let quoted = false
    for (; at < text.length && (open >= 0 || !/\s/.test(text[at] ?? '')); at++) {
      if (text[at] !== '"') continue
      quoted = true
      open = open >= 0 ? -1 : at
    }
    if (open >= 0) fail('The quotation mark is not closed.', open, text.length - open)
    yield { text: text.slice(start, at), at: start, quoted }
  }
}

const splitValues = (text: string): readonly string[] =>
  text.match(/(?:"[^"]*"|[^,"])+|(?<=,)$|^(?=,)|(?<=,)(?=,)/g) ?? []
const unquote = (text: string): string => text.replaceAll('"', '')
const quoted = (value: string): string => (/[\s,"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value)

function fail(detail: string, at: number, length: number): never {
  throw new SearchFault(detail, at, length)
}
