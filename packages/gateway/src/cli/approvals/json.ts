import { isJsonObject, type Json, type JsonObject } from '@sallyport/core'

/** JSON in plain ASCII: nothing in it can move a cursor or reorder text (T-168). */
export const safeJson = (value: Json): string =>
  JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The `items` of a list answer. */
export function itemsOf(answer: Json): readonly JsonObject[] {
  const items = isJsonObject(answer) ? answer['items'] : undefined
  return Array.isArray(items) ? (items as readonly Json[]).filter(isJsonObject) : []
}

export const text = (item: JsonObject, key: string): string => {
  const value = item[key]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** `4m 10s`, `gone` when the time is over. Times in ms since 1970. */
export function timeLeft(until: number, now: number): string {
  const seconds = Math.ceil((until - now) / 1000)
  if (seconds <= 0) return 'gone'
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`
  return seconds >= 60 ? `${Math.floor(seconds / 60)}m ${seconds % 60}s` : `${seconds}s`
}
