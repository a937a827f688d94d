import { mayBeMember, queryMembers } from '@sallyport/core'

/** The member by which frameworks take a request for one of another method. */
const OVERRIDE = '_method'
const FORM = 'application/x-www-form-urlencoded'
/** Says that a part of a form overrides the method, with whatever. */
const PART = /name\*?\s*=[^;\r\n]*_method/i
/** A method of no rule. */
const UNKNOWN = '?'

/** Methods that a server may take a request for besides its own, by `_method` in its query, its form or its JSON (T-116). */
export function overridesOf(search: string, type: string | undefined, body: Buffer | undefined): readonly string[] {
  const text = body?.toString('utf8') ?? ''
  const members = [...queryMembers(search), ...(type === FORM ? queryMembers(text) : [])]
  const named = members.flatMap(([name, value]) => (mayBeMember(name, OVERRIDE) ? [value] : []))
  const inParts = type?.startsWith('multipart/') === true && PART.test(text) ? [UNKNOWN] : []
  return [...named, ...inParts, ...inJson(type, text)].map((method) => method.trim().toUpperCase())
}

/** As lenient readers have it: what is there twice is what it is last. */
function inJson(type: string | undefined, text: string): readonly string[] {
  if (type?.endsWith('json') !== true || !/method|\\u/i.test(text)) return []
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json !== 'object' || json === null || !Object.hasOwn(json, OVERRIDE)) return []
    const { [OVERRIDE]: value } = json as { readonly [OVERRIDE]: unknown }
    return [typeof value === 'string' ? value : UNKNOWN]
  } catch {
    return []
  }
}
