import {
  isJsonObject,
  resultFields,
  unenvelop,
  type Json,
  type JsonObject,
  type LabelledPart,
  type ToolAnnotation,
} from '@sallyport/core'

/** One text of a result; `parts` when it is structured and its fields have labels of their own. */
export interface ResultText {
  readonly text: string
  readonly parts?: { readonly rest: string; readonly labelled: readonly LabelledPart[] }
}

/** Binary payloads: nothing an argument would be compared with. */
const BINARY: ReadonlySet<string> = new Set(['data', 'blob'])
const BASE64 = /^[A-Za-z0-9+/_-]{256,}={0,2}$/

/**
 * Every text of a result as the model reads it: strings and numbers wherever they stand, member names of free-form objects too.
 * Labels of fields hold for structured content alone; a text block that is the same JSON once more is not read twice.
 */
export function resultTexts(resultText: string, fields?: ToolAnnotation['fields']): readonly ResultText[] {
  const texts: ResultText[] = []
  const result = JSON.parse(resultText) as Json
  const labels = isJsonObject(result) && result['isError'] !== true ? fields : undefined
  const same = labels === undefined ? undefined : textOf((result as JsonObject)['structuredContent'])
  const stack: Json[] = [result]
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (typeof value === 'string') {
      const text = unenvelop(value)
      if (same === undefined || textOf(readJson(text)) !== same) texts.push({ text })
    } else if (Array.isArray(value)) for (const item of value as readonly Json[]) stack.push(item)
    else if (isJsonObject(value)) {
      for (const key of Object.keys(value)) {
        const member = value[key] as Json
        if (BINARY.has(key) && typeof member === 'string' && BASE64.test(member)) continue
        if (key !== 'structuredContent') stack.push(member)
        else
          texts.push(value === result && labels !== undefined ? cut(member, labels) : { text: JSON.stringify(member) })
      }
    } else if (typeof value === 'number') texts.push({ text: String(value) })
  }
  return texts.reverse()
}

function cut(value: Json, fields: NonNullable<ToolAnnotation['fields']>): ResultText {
  const { rest, parts } = resultFields(value, fields)
  return { text: JSON.stringify(value), parts: { rest: JSON.stringify(rest), labelled: parts } }
}

/** Text of an object or array; scalars could be anything. */
const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined

function readJson(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
