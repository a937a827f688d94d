import { SallyportError } from '@sallyport/core'
import { textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'

export const run: CommandRun = async (io, args, options) => {
  const [id] = args
  const { person } = options
  if ((id === undefined) === (typeof person !== 'string'))
    throw new SallyportError('SP_CLI_USAGE', 'Name one session, or `--person NAME` for all of a person.')
  if (id !== undefined && !/^[0-9a-f-]{1,64}$/.test(id)) throw new SallyportError('SP_CLI_USAGE', 'That is no session.')
  const answer =
    id === undefined
      ? await io.gateway.request('POST', '/api/v1/logins/end', { operator: `operator:${String(person)}` })
      : await io.gateway.request('DELETE', `/api/v1/logins/${id}`)
  if (io.json) io.out(JSON.stringify(answer))
  else io.err(id === undefined ? `${textOf(answer as never, 'ended')} sessions have ended.` : 'The session has ended.')
  return 0
}
