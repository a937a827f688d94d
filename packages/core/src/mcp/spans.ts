import type { Span } from '../json/parse.ts'

/**
 * Spans and splices inside JSON text that `parseJson` has already accepted: nothing here checks syntax. They exist so that
 * a message can be changed in one place while every other byte of it stays what it was.
 */

/** Value spans of the members of the object whose text is `text.slice(start)`. Keys are unescaped. */
export function memberSpans(text: string, start = 0): ReadonlyMap<string, Span> {
  const members = new Map<string, Span>()
  let at = skipSpace(text, start) + 1
  for (;;) {
    at = skipSpace(text, at)
    if (text[at] === '}') return members
    if (text[at] === ',') at = skipSpace(text, at + 1)
    const keyEnd = skipString(text, at)
    const key = JSON.parse(text.slice(at, keyEnd)) as string
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const valueEnd = skipValue(text, valueStart)
    members.set(key, { start: valueStart, end: valueEnd })
    at = valueEnd
  }
}

/** Value spans of the entries of the array whose text is `text.slice(start)`. */
export function entrySpans(text: string, start = 0): readonly Span[] {
  const entries: Span[] = []
  let at = skipSpace(text, start) + 1
  for (;;) {
    at = skipSpace(text, at)
    if (text[at] === ']') return entries
    if (text[at] === ',') at = skipSpace(text, at + 1)
    const end = skipValue(text, at)
    entries.push({ start: at, end })
    at = end
  }
}

/** Exact text of a member, or undefined when the object has none of that name. */
export function memberText(objectText: string, key: string): string | undefined {
  const span = memberSpans(objectText).get(key)
  return span === undefined ? undefined : objectText.slice(span.start, span.end)
}

/** Sets one member: replaces its lexeme in place, or adds it at the end. */
export function withMember(objectText: string, key: string, lexeme: string): string {
  const members = memberSpans(objectText)
  const span = members.get(key)
  if (span !== undefined) return objectText.slice(0, span.start) + lexeme + objectText.slice(span.end)
  const close = objectText.lastIndexOf('}')
  const separator = members.size === 0 ? '' : ','
  return `${objectText.slice(0, close)}${separator}${JSON.stringify(key)}:${lexeme}${objectText.slice(close)}`
}

/** Removes the members for which `drop` says so, with their separators; all other bytes stay. */
export function withoutMembers(objectText: string, drop: (key: string) => boolean): string {
  const kept: string[] = []
  let dropped = false
  let at = skipSpace(objectText, 0) + 1
  for (;;) {
    const pieceStart = at
    at = skipSpace(objectText, at)
    if (objectText[at] === '}') break
    const keyEnd = skipString(objectText, at)
    const key = JSON.parse(objectText.slice(at, keyEnd)) as string
    const valueEnd = skipValue(objectText, skipSpace(objectText, skipSpace(objectText, keyEnd) + 1))
    if (drop(key)) dropped = true
    else kept.push(objectText.slice(pieceStart, valueEnd))
    at = skipSpace(objectText, valueEnd)
    if (objectText[at] === ',') at++
  }
  return dropped ? `{${kept.join(',')}}` : objectText
}

function skipValue(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return skipString(text, start)
  if (first !== '{' && first !== '[') return skipScalar(text, start)
  let depth = 0
  let at = start
  for (;;) {
    switch (text.charCodeAt(at)) {
      case 0x22:
        at = skipString(text, at)
        continue
      case 0x7b:
      case 0x5b:
        depth++
        break
      case 0x7d:
      case 0x5d:
        depth--
        if (depth === 0) return at + 1
        break
    }
    at++
  }
}

function skipScalar(text: string, start: number): number {
  let at = start
  while (at < text.length && !',]} \n\r\t'.includes(text[at] ?? '')) at++
  return at
}

function skipString(text: string, start: number): number {
  let at = start + 1
  for (;;) {
    const end = text.indexOf('"', at)
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end + 1
    at = end + 1
  }
}

function skipSpace(text: string, start: number): number {
  let at = start
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at
    at++
  }
}
