import { isJsonObject, SallyportError, type Json, type JsonObject } from '@sallyport/core'
import { formatFields } from '../output.ts'

/** Members of the gateway's answers, read leniently: they are only shown, and escaped where they are. */
export const listOf = (answer: Json, key: string): readonly JsonObject[] => {
  const list = isJsonObject(answer) ? answer[key] : undefined
  return Array.isArray(list) ? list.filter(isJsonObject) : []
}

export function textOf(item: JsonObject, key: string): string {
  const value = item[key]
  if (Array.isArray(value)) return value.map(String).join(',')
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export const fieldsOf = (item: JsonObject, keys: readonly string[]): string =>
  formatFields(keys.map((key) => [key, textOf(item, key)] as const))

/** @throws SallyportError SP_CLI_USAGE */
export function argument(args: readonly string[], index: number, name: string): string {
  const value = args[index]
  if (value === undefined) throw new SallyportError('SP_CLI_USAGE', `<${name}> is missing.`)
  return value
}

export const agentPath = (name: string, action = ''): string =>
  `/api/v1/agents/${encodeURIComponent(name)}${action === '' ? '' : `/${action}`}`
