import { isJsonObject, type Json, type JsonObject } from '@sallyport/core'
import type { CliIo, CliOptions } from '../command.ts'
import { withPresence } from '../presence/confirm.ts'

/**
 * Sends a request that widens what may happen: with the operator's proof over exactly `payload` once the gateway has an
 * operator, as it is before that.
 * @throws SallyportError SP_CLI_NEEDS_TERMINAL, SP_AUTHN_*, and what the gateway answers
 */
export async function sendAsOperator(
  io: CliIo,
  kind: string,
  payload: JsonObject,
  options: CliOptions,
  send: (proof: JsonObject) => Promise<Json>,
): Promise<Json> {
  const status = await io.gateway.request('GET', '/api/v1/presence')
  if (!isJsonObject(status) || status['claimed'] !== true) return send({})
  return withPresence(io, kind, payload, (proof) => send({ proof: proof as unknown as Json }), options)
}
