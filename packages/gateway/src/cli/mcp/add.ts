import { SallyportError, toSallyportError } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { withPresence } from '../presence/confirm.ts'
import { aliasFor } from './alias.ts'
import { serverOrder } from './server-order.ts'

/** Registers a server's command. Once the gateway has an operator, this needs his PIN at a terminal. */
export const run: CommandRun = async (io, command, options) => {
  if (command.length === 0) throw new SallyportError('SP_CLI_USAGE', 'Give the server’s command line after --.')
  const server = options['server']
  const order = serverOrder(typeof server === 'string' ? server : aliasFor(command), command, io.cwd, options['env'])
  const send = (proof?: object) =>
    io.gateway.request('POST', '/api/v1/mcp/servers', {
      ...order,
      ...(proof === undefined ? {} : { proof: { ...proof } }),
    })
  await send().catch((thrown: unknown) => {
    if (toSallyportError(thrown).code !== 'SP_AUTHN_PRESENCE') throw thrown
    return withPresence(io, 'server.add', order, send, options)
  })
  io.out(
    io.json
      ? JSON.stringify({ server: order.alias })
      : `Registered ${order.alias}. Wrap it with: sallyport mcp wrap --server ${order.alias} -- …`,
  )
  return 0
}
