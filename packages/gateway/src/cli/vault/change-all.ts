import { isJsonObject, type JsonObject } from '@sallyport/core'
import { sendAsOperator } from '../agents/presence.ts'
import type { CommandRun } from '../command.ts'

/** Asks the gateway to encrypt keys (`rewrap`) or values (`rekey`) anew. */
export const changeAll =
  (act: 'rewrap' | 'rekey'): CommandRun =>
  async (io, _args, options) => {
    const asked: JsonObject = options['newKey'] === true ? { newKey: true } : {}
    const answer = await sendAsOperator(io, `vault.${act}`, asked, options, (proof) =>
      io.gateway.request('POST', `/api/v1/vault/${act}`, { ...asked, ...proof }),
    )
    const changed = isJsonObject(answer) ? Number(answer['changed']) : 0
    io.out(io.json ? JSON.stringify(answer) : `${changed} ${changed === 1 ? 'value' : 'values'} encrypted anew.`)
    if (!io.json && options['newKey'] === true)
      io.err(
        'Keep a copy of the new key file elsewhere. The older keys stay in it behind the new one, for older stores.',
      )
    return 0
  }
