import { isJsonObject, type Json, type JsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { argument, fieldsOf } from './answers.ts'

const FIELDS = [
  'id',
  'agent',
  'instance',
  'ingress',
  'surface',
  'hint',
  'node',
  'state',
  'calls',
  'createdAt',
  'lastActivityAt',
  'integrity',
  'confidentiality',
  'sources',
  'plan',
]

export const run: CommandRun = async (io, args) => {
  const id = argument(args, 0, 'id')
  const answer = await io.gateway.request('GET', `/api/v1/sessions/${encodeURIComponent(id)}`)
  if (io.json || !isJsonObject(answer)) {
    io.out(JSON.stringify(answer))
    return 0
  }
  io.out(fieldsOf(answer, FIELDS))
  const story = Array.isArray(answer['story']) ? (answer['story'] as readonly Json[]).filter(isJsonObject) : []
  if (story.length > 0) io.out(`\n${formatTable(['when', 'what', '', 'since then'], story.map(row))}`)
  return 0
}

function row({ at, what, text, integrity, confidentiality }: JsonObject): readonly string[] {
  const worse = typeof integrity === 'number' ? `integrity ${integrity}, confidentiality ${shown(confidentiality)}` : ''
  return [shown(at), shown(what), shown(text), worse]
}

const shown = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''
