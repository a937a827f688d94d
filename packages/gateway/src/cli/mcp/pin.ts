import { CODES, isJsonObject, SallyportError, toSallyportError, type Json, type JsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { withPresence } from '../presence/confirm.ts'
import { safeJson, serverPath } from './answers.ts'

/**
 * Accepts what was last seen, by its digest: a server that changes while the operator types is not pinned (T-084). Once the
 * gateway has an operator, this needs his PIN at a terminal.
 */
export const run: CommandRun = async (io, [server = '', ...wanted], options) => {
  const reviewed = await io.gateway.request('GET', `${serverPath(server)}/tools`)
  const tools = candidates(reviewed, wanted)
  if (Object.keys(tools).length === 0) {
    throw new SallyportError('SP_MCP_UNKNOWN_TOOL', CODES.SP_MCP_UNKNOWN_TOOL.next)
  }
  for (const [name, digest] of Object.entries(tools)) io.err(`${digest.slice(0, 16)}  ${safeJson(name).slice(1, -1)}`)
  const path = `${serverPath(server)}/pin`
  const answer = await io.gateway.request('POST', path, { tools }).catch((thrown: unknown) => {
    if (toSallyportError(thrown).code !== 'SP_AUTHN_PRESENCE') throw thrown
    return withPresence(
      io,
      'tool.pin',
      { server, tools },
      (proof) => io.gateway.request('POST', path, { tools, proof: { ...proof } }),
      options,
    )
  })
  if (io.json) {
    io.out(safeJson(answer))
    return 0
  }
  const pinned: Json = isJsonObject(answer) ? (answer['pinned'] ?? []) : []
  io.out((Array.isArray(pinned) ? pinned : []).map((id) => `pinned ${safeJson(id).slice(1, -1)}`).join('\n'))
  return 0
}

function candidates(answer: Json, wanted: readonly string[]): Record<string, string> {
  const tools = isJsonObject(answer) && Array.isArray(answer['tools']) ? (answer['tools'] as readonly Json[]) : []
  return Object.fromEntries(
    tools.filter(isJsonObject).flatMap(({ name, candidate }: JsonObject) => {
      if (typeof name !== 'string' || typeof candidate !== 'string') return []
      return wanted.length === 0 || wanted.includes(name) ? [[name, candidate]] : []
    }),
  )
}
