import { isJsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
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
]

export const run: CommandRun = async (io, args) => {
  const id = argument(args, 0, 'id')
  const answer = await io.gateway.request('GET', `/api/v1/sessions/${encodeURIComponent(id)}`)
  io.out(io.json || !isJsonObject(answer) ? JSON.stringify(answer) : fieldsOf(answer, FIELDS))
  return 0
}
