import { isJsonObject, type Json } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { formatFields } from '../output.ts'

export const run: CommandRun = async (io) => {
  const status = await io.gateway.request('GET', '/api/v1/status')
  if (io.json) {
    io.out(JSON.stringify(status))
    return 0
  }
  io.out(formatFields(flatten(status, '')))
  return 0
}

function flatten(value: Json, name: string): readonly (readonly [string, string])[] {
  if (!isJsonObject(value)) return [[name, Array.isArray(value) ? value.map(String).join(', ') : JSON.stringify(value)]]
  return Object.entries(value).flatMap(([key, member]) => flatten(member, name === '' ? key : `${name}.${key}`))
}
