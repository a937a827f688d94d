import { CODES, isJsonObject, SallyportError, toSallyportError, type Json } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { withPresence } from '../presence/confirm.ts'
import { safeJson, serverPath } from './answers.ts'

/** Accepts what was last seen. Once the gateway has an operator, this needs his PIN at a terminal. */
export const run: CommandRun = async (io, [server = '', ...tools], options) => {
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
  if (!Array.isArray(pinned) || pinned.length === 0) {
    throw new SallyportError('SP_MCP_UNKNOWN_TOOL', CODES.SP_MCP_UNKNOWN_TOOL.next)
  }
  io.out(pinned.map((id) => `pinned ${safeJson(id).slice(1, -1)}`).join('\n'))
  return 0
}
