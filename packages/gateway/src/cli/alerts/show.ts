import { escapeText, isJsonObject, type Json, type JsonObject } from '@sallyport/core'
import { argument, fieldsOf, listOf, textOf } from '../agents/answers.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { formatFields, formatTable } from '../output.ts'

const FIELDS = ['id', 'name', 'severity', 'state', 'holder', 'count', 'agent', 'tool', 'session', 'silence'] as const

export const run: CommandRun = async (io, args) => {
  const answer = await io.gateway.request('GET', `/api/v1/alerts/${encodeURIComponent(argument(args, 0, 'id'))}`)
  if (io.json || !isJsonObject(answer)) {
    io.out(safeJson(answer))
    return 0
  }
  io.out(escapeText(textOf(answer, 'sentence')))
  io.out(fieldsOf(answer, FIELDS))
  io.out(formatFields([timed(answer, 'first'), timed(answer, 'last')]))
  const cause = answer['cause']
  if (isJsonObject(cause))
    io.out(`\n${formatFields(Object.entries(cause).map(([name, value]) => [name, said(value)]))}`)
  const happened = listOf(answer, 'timeline').map((event) => [
    ...[iso(event['at']), textOf(event, 'event'), textOf(event, 'by'), textOf(event, 'text')],
  ])
  io.out(`\n${formatTable(['AT', 'WHAT', 'BY', ''], happened)}`)
  const channels = isJsonObject(answer['channels']) ? Object.entries(answer['channels']) : []
  const told = channels.flatMap(([sink, of]) =>
    isJsonObject(of) ? [[sink, textOf(of, 'state'), textOf(of, 'tries'), iso(of['at']), textOf(of, 'error')]] : [],
  )
  if (told.length > 0) io.out(`\n${formatTable(['SINK', 'STATE', 'TRIES', 'AT', 'TROUBLE'], told)}`)
  io.err(`What caused it: sallyport log show ${textOf(isJsonObject(cause) ? cause : {}, 'auditId')}`)
  return 0
}

const iso = (value: Json | undefined): string => (typeof value === 'number' ? new Date(value).toISOString() : '')
const timed = (item: JsonObject, name: string): readonly [string, string] => [name, iso(item[name])]
const said = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
