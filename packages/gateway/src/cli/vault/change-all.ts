import { isJsonObject } from '@sallyport/core'
import { sendAsOperator } from '../agents/presence.ts'
import type { CommandRun } from '../command.ts'

/** Asks the gateway to encrypt keys (`rewrap`) or values (`rekey`) anew. */
export const changeAll =
  (act: 'rewrap' | 'rekey'): CommandRun =>
  async (io, _args, options) => {
    const answer = await sendAsOperator(io, `vault.${act}`, {}, options, (proof) =>
      io.gateway.request('POST', `/api/v1/vault/${act}`, proof),
    )
    const changed = isJsonObject(answer) ? Number(answer['changed']) : 0
    io.out(io.json ? JSON.stringify(answer) : `${changed} ${changed === 1 ? 'value' : 'values'} encrypted anew.`)
    return 0
  }
