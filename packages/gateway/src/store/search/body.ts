import type { Json, JsonObject } from '@sallyport/core'

/** The record that a stored text is; an empty one where it is none. */
export function fromBody(body: string): JsonObject {
  try {
    const value = JSON.parse(body) as Json
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
  } catch {
    return {}
  }
}
