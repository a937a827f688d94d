import type { Json } from '../json/types.ts'

/** Text as a Cedar string literal. What is not printable ASCII is escaped, so that nobody mistakes it for something else. */
export const textLiteral = (text: string): string =>
  `"${Array.from(text, (char) => {
    if (char === '"' || char === '\\') return `\\${char}`
    return /^[ -~]$/.test(char) ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
  }).join('')}"`

/** Name of an attribute after `has`: bare where Cedar takes it bare. */
export const attribute = (name: string): string =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : textLiteral(name)

const RESERVED: ReadonlySet<string> = new Set([
  'true',
  'false',
  'if',
  'then',
  'else',
  'in',
  'is',
  'like',
  'has',
  '__cedar',
])

/** A set of texts. */
export const oneOf = (texts: readonly string[]): string => `[${texts.map(textLiteral).join(', ')}]`

/** A value as Cedar writes it; undefined where Cedar has no such value: fractions, null, objects, mixed lists, halves of a sign. */
export function literal(value: Json): string | undefined {
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value) ? undefined : textLiteral(value)
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  if (typeof value === 'boolean') return String(value)
  if (!Array.isArray(value)) return undefined
  const items = (value as readonly Json[]).map((item) => (Array.isArray(item) ? undefined : literal(item)))
  if (items.includes(undefined) || new Set((value as readonly Json[]).map((item) => typeof item)).size > 1)
    return undefined
  return `[${items.join(', ')}]`
}
