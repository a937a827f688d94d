import { isJsonObject, type Json, type JsonObject } from '@sallyport/core'

/** Members of the answers of `/api/v1/mcp/*`, read leniently: they are only shown. */
export const listOf = (answer: Json, key: string): readonly JsonObject[] => {
  const list = isJsonObject(answer) ? answer[key] : undefined
  return Array.isArray(list) ? (list as readonly Json[]).filter(isJsonObject) : []
}

export const textOf = (item: JsonObject, key: string): string => {
  const value = item[key]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** JSON in plain ASCII: nothing a server wrote can move a cursor or reorder text (T-032, T-168). */
export const safeJson = (value: Json, space?: number): string =>
  JSON.stringify(value, undefined, space).replace(
    /[^\n -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

export const serverPath = (alias: string): string => `/api/v1/mcp/servers/${encodeURIComponent(alias)}`
