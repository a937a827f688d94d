import { facetsOf, type LogField } from '@sallyport/core/audit/search/facets'
import { hash } from 'node:crypto'
import { fromBody } from './body.ts'

/** Fields with an index of their own. Sessions and ids have columns; what is left has few values and is read past. */
export const INDEXED: ReadonlySet<LogField> = new Set<LogField>([
  ...(['kind', 'decision', 'agent', 'tool', 'rule', 'person', 'integrity'] as const),
])

/** What the index holds of a value is the beginning of it. */
const LONGEST = 256

/**
 * Number of a value: 52 bits of SHA-256, so that every node and every reader computes the same one without asking. Two values
 * with one number cost a look at the wrong records and nothing else: what is found is always compared with the record itself.
 */
export const wordOf = (field: LogField, value: string): number =>
  Number.parseInt(hash('sha256', `${field}\n${value.slice(0, LONGEST)}`, 'hex').slice(0, 13), 16)

export interface Word {
  readonly word: number
  readonly field: LogField
  readonly value: string
}

/** Every value that a record is found by through the index. A record that cannot be read has none. */
export function wordsOf(body: string): readonly Word[] {
  return Object.entries(facetsOf(fromBody(body))).flatMap(([name, values]) => {
    const field = name as LogField
    if (!INDEXED.has(field)) return []
    return (values ?? []).map((text) => {
      const value = text.slice(0, LONGEST).replaceAll('\u0000', '\ufffd')
      return { word: wordOf(field, text), field, value }
    })
  })
}
