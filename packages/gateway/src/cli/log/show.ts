import { isJsonObject, type Json, jsonLine, type JsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { formatFields } from '../output.ts'
import { itemsOf } from './record-row.ts'

export const run: CommandRun = async (io, [id = '']) => {
  const answer = await io.gateway.request('GET', `/api/v1/log/records/${encodeURIComponent(id)}`)
  if (io.json) {
    io.out(jsonLine(answer).trimEnd())
    return 0
  }
  io.out(itemsOf(answer).map(block).join('\n\n'))
  return 0
}

function block(item: JsonObject): string {
  const record = isJsonObject(item['record']) ? item['record'] : {}
  const fields = Object.entries(record).map(([name, value]) => [name, plain(value)] as const)
  return formatFields([
    ['record', `${plain(item['stream'] ?? '')}:${plain(item['seq'] ?? 0)}`],
    ...fields,
    ['hash', plain(item['hash'] ?? '')],
  ])
}

const plain = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
