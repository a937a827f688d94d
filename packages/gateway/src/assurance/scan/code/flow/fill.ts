import { constantText, FIT, fitFor, holesOf, joinValues, textValue, type Given, type Value } from './value.ts'

/** `%s`, `%(name)d`, `%-5.2f`, `{}`, `{0}`, `{name!r:>10}`, `%1$s`. */
const PLACE =
  /%(?:\((?<key>[^)]{1,80})\))?(?:(?<position>\d)\$)?[-+ #0]{0,3}(?:\d{0,3}(?:\.\d{0,3})?)[lh]?(?<verb>[a-zA-Z%])|\{(?<field>[^{}]{0,80})\}/g
/** Verbs that print a number, a truth or hexadecimal digits. */
const NUMERIC = /[dioxXeEfFgGcbtUup]/

/** A text with holes, filled: of every language that has one. */
export function fill(template: Value, given: readonly Given[]): Value {
  const text = constantText(template)
  if (text === undefined) return joinValues([template, ...given.map(({ value }) => value)])
  const [only] = given
  const list = given.length === 1 && only?.name === undefined ? only?.value.items : undefined
  const positional = list ?? given.filter(({ name }) => name === undefined).map(({ value }) => value)
  const fields = only?.value.fields
  const named = (key: string): Value | undefined =>
    given.find(({ name }) => name === key)?.value ??
    fields?.get(key) ??
    fields?.get('*0') ??
    // `**values`: any of them
    (only !== undefined && (fields !== undefined || holesOf(only.value).length > 0) ? only.value : undefined)
  const parts: Value[] = []
  let from = 0
  let next = 0
  for (const match of text.matchAll(PLACE)) {
    const { key, position, verb, field } = match.groups ?? {}
    parts.push(textValue(text.slice(from, match.index)))
    from = match.index + match[0].length
    if (verb === '%') {
      parts.push(textValue('%'))
      continue
    }
    const name = key ?? field?.split(/[!:.[]/, 1)[0]
    const index = position === undefined ? Number(name) : Number(position) - 1
    const value =
      name === undefined && position === undefined
        ? positional[next++]
        : name === ''
          ? positional[next++]
          : Number.isInteger(index)
            ? positional[index]
            : named(name ?? '')
    if (value === undefined) parts.push(textValue(match[0]))
    else parts.push(verb !== undefined && NUMERIC.test(verb) ? fitFor(value, FIT.all) : value)
  }
  parts.push(textValue(text.slice(from)))
  return joinValues(parts)
}
