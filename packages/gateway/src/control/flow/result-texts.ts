import { isJsonObject, type Json } from '@sallyport/core'

/** Binary payloads: nothing an argument would be compared with. */
const BINARY: ReadonlySet<string> = new Set(['data', 'blob'])
const BASE64 = /^[A-Za-z0-9+/_-]{256,}={0,2}$/

/** Every text of a result as the model reads it: strings and numbers wherever they stand, member names of free-form objects too. */
export function resultTexts(resultText: string): readonly string[] {
  const texts: string[] = []
  const stack: Json[] = [JSON.parse(resultText) as Json]
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (typeof value === 'string') texts.push(value)
    else if (Array.isArray(value)) for (const item of value as readonly Json[]) stack.push(item)
    else if (isJsonObject(value)) {
      for (const key of Object.keys(value)) {
        const member = value[key] as Json
        if (BINARY.has(key) && typeof member === 'string' && BASE64.test(member)) continue
        if (key === 'structuredContent') texts.push(JSON.stringify(member))
        else stack.push(member)
      }
    } else if (typeof value === 'number') texts.push(String(value))
  }
  return texts.reverse()
}
