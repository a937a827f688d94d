import { isJsonObject, type JsonObject } from '@sallyport/core'
import type { CliIo, CliOptions } from '../command.ts'

/** Ends leases, and says how many there were. */
export async function endLeases(io: CliIo, which: JsonObject, { reason }: CliOptions): Promise<number> {
  const answer = await io.gateway.request('POST', '/api/v1/leases/revoke', {
    ...which,
    ...(typeof reason === 'string' ? { reason } : {}),
  })
  const ended = isJsonObject(answer) ? Number(answer['ended']) : 0
  io.out(io.json ? JSON.stringify(answer) : `${ended} ${ended === 1 ? 'lease' : 'leases'} ended.`)
  return 0
}
