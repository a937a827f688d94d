import { agentName, SallyportError, type JsonObject } from '@sallyport/core'
import { isSurface, SURFACES } from '@sallyport/core/surface'
import type { CommandRun } from '../command.ts'
import { argument } from './answers.ts'
import { sendAsOperator } from './presence.ts'
import { printKey } from './print-key.ts'

const EFFECTS: ReadonlySet<string> = new Set(['read', 'write', 'external'])

export const run: CommandRun = async (io, args, options) => {
  const { effects, role, surface, vouch } = options
  const payload: JsonObject = {
    name: agentName(argument(args, 0, 'name')),
    ...(typeof effects === 'string' ? { effects: effectList(effects) } : {}),
    ...(typeof role === 'string' ? { role } : {}),
    ...(typeof surface === 'string' ? { surface: surfaceNamed(surface) } : {}),
    ...(vouch === true ? { scopes: ['read', 'execute', 'vouch'] } : {}),
  }
  const send = (proof: JsonObject) => io.gateway.request('POST', '/api/v1/agents', { ...payload, ...proof })
  printKey(io, await sendAsOperator(io, 'agent.add', payload, options, send))
  return 0
}

function effectList(text: string): readonly string[] {
  const list = text.split(',').map((word) => word.trim())
  const wrong = list.find((word) => !EFFECTS.has(word))
  if (wrong !== undefined)
    throw new SallyportError('SP_CLI_USAGE', `--effects: ${JSON.stringify(wrong)} is none of read, write, external.`)
  return list
}

function surfaceNamed(word: string): string {
  if (isSurface(word)) return word
  throw new SallyportError('SP_CLI_USAGE', `--surface: ${JSON.stringify(word)} is none of ${SURFACES.join(', ')}.`)
}
