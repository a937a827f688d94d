import { isJsonObject, type Json, type JsonObject } from '@sallyport/core'

export const HEADERS = ['TIME', 'SEQ', 'KIND', 'DECISION', 'TOOL', 'AGENT', 'SESSION', 'AUDIT ID'] as const

/** A record of the API as a row; cells are raw and get escaped where they are printed. */
export function recordRow(item: JsonObject): readonly (string | number)[] {
  const record = recordOf(item)
  const text = (name: string): string => {
    const value = record[name]
    return typeof value === 'string' ? value : ''
  }
  const word = text('kind') === 'outcome' ? text('outcome') : text('policyDecision')
  return [
    text('timestamp'),
    Number(item['seq']),
    text('kind'),
    word || text('event') || text('name') || text('code'),
    text('toolName'),
    text('agentId'),
    text('sessionId').slice(0, 36),
    text('auditId'),
  ]
}

/** The record of an item. */
export const recordOf = (item: JsonObject): JsonObject => (isJsonObject(item['record']) ? item['record'] : {})

/** The `items` of an answer. */
export function itemsOf(answer: Json): readonly JsonObject[] {
  const items = isJsonObject(answer) ? answer['items'] : undefined
  return Array.isArray(items) ? (items as readonly Json[]).filter(isJsonObject) : []
}
