import { isJsonObject } from '@sallyport/core'
import { environment } from '../../config/environment.ts'
import { textOf } from '../agents/answers.ts'
import { sendAsOperator } from '../agents/presence.ts'
import type { CommandRun } from '../command.ts'
import { lookOf } from '../look.ts'
import { humanTerminal } from '../presence/confirm.ts'
import { personPath } from './person-path.ts'
import { qrLines } from './qr-lines.ts'

/**
 * The link goes to the terminal of a human and nowhere else: whoever has it first becomes the operator (T-007). Not into a
 * pipe, not under an agent, not where a terminal is recorded.
 */
export const run: CommandRun = async (io, _args, options) => {
  const name = options['for']
  const terminal = await humanTerminal(io, 'setup-link', options)
  const look = {
    ...lookOf(environment(), { color: io.color, ascii: options['ascii'] === true }),
    width: terminal.width,
  }
  let answer
  try {
    answer = typeof name === 'string' ? undefined : await io.gateway.request('POST', '/api/v1/setup/link', {})
    if (answer !== undefined) terminal.show(`\n${told(answer, look)}\n`)
  } finally {
    terminal.close()
  }
  if (typeof name !== 'string') return 0
  const path = personPath(name, 'link')
  const made = await sendAsOperator(io, 'people.link', { name }, options, (proof) =>
    io.gateway.request('POST', path, { ...proof }),
  )
  io.out(told(made, look))
  return 0
}

function told(answer: unknown, look: Parameters<typeof qrLines>[1]): string {
  const link = isJsonObject(answer as never) ? (answer as never) : {}
  const url = textOf(link, 'url')
  const code = qrLines(url, look)
  return [
    ...(code.length === 0 ? [] : [...code, '']),
    'Open this in the browser of whoever it is for. It works once, for 10 minutes, and belongs to that browser then.',
    '',
    `  ${url}`,
    '',
    `It ends at ${textOf(link, 'endsAt')}.`,
  ].join('\n')
}
