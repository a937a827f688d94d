import { mayBeMember, queryMembers } from '@sallyport/core'

/** The member by which frameworks take a request for one of another method. */
const OVERRIDE = '_method'
/** The same in a form, whatever its value: to read a long form member by member takes too long. */
const IN_FORM =
  /(?:[_.+ ]|%5f|%2e|%20)(?:m|%[46]d)(?:e|%[46]5)(?:t|%[57]4)(?:h|%[46]8)(?:o|%[46]f)(?:d|%[46]4)(?=$|[=&;[+\s\0]|%(?:5b|00|20))/gi
const IN_PARTS = /name\*?\s{0,8}=[^;\r\n]{0,32}_method/i
/** A method of no rule. */
const UNKNOWN = '?'

/** Methods that a server may take a request for besides its own, by `_method` in its query, its form or its JSON (T-116). */
export function overridesOf(search: string, type: string | undefined, body: Buffer | undefined): readonly string[] {
  const [of, text] = [type ?? '', body?.toString('utf8') ?? '']
  const inQuery = queryMembers(search).flatMap(([name, value]) => (mayBeMember(name, OVERRIDE) ? [value] : []))
  const inForm = isInForm(of, text) || (of.startsWith('multipart/') && IN_PARTS.test(text)) ? [UNKNOWN] : []
  return [...inQuery, ...inForm, ...inJson(of, text)].map((method) => method.trim().toUpperCase())
}

function isInForm(type: string, text: string): boolean {
  if (type !== 'application/x-www-form-urlencoded') return false
  for (const { index } of text.matchAll(IN_FORM)) if (isBegun(text, index)) return true
  return false
}

/** Only blanks are between the place and the beginning of a member. A pattern that looks for them may run out of stack. */
function isBegun(text: string, index: number): boolean {
  for (let at = index; ;) {
    const before = text[at - 1]
    if (before === undefined || before === '&' || before === ';') return true
    if (/[\s+]/.test(before)) at--
    else if (/^%(?:20|0[9ad])$/i.test(text.slice(Math.max(0, at - 3), at))) at -= 3
    else return false
  }
}

/** As lenient readers have it: what is there twice is what it is last. */
function inJson(type: string, text: string): readonly string[] {
  if (!type.endsWith('json') || !/method|\\u/i.test(text)) return []
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json !== 'object' || json === null || !Object.hasOwn(json, OVERRIDE)) return []
    const { [OVERRIDE]: value } = json as { readonly [OVERRIDE]: unknown }
    return [typeof value === 'string' ? value : UNKNOWN]
  } catch {
    return []
  }
}
