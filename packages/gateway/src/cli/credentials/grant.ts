import { isJsonObject, SallyportError, type JsonObject } from '@sallyport/core'
import { textOf } from '../agents/answers.ts'
import { sendAsOperator } from '../agents/presence.ts'
import type { CliOptions, CommandRun } from '../command.ts'
import { secondsOf } from '../duration.ts'

/** Gives again what was taken back; with a name and an agent, a lease by hand for a while. */
export const run: CommandRun = async (io, [name], options) => {
  const asked = askedOf(name, options)
  const answer = await sendAsOperator(io, 'leases.grant', asked, options, (proof) =>
    io.gateway.request('POST', '/api/v1/leases/grant', { ...asked, ...proof }),
  )
  if (io.json) io.out(JSON.stringify(answer))
  else if ('seconds' in asked) {
    const until = isJsonObject(answer) ? new Date(Number(answer['expiresAt'])).toISOString() : ''
    io.out(`${textOf(asked, 'holder')} may have ${textOf(asked, 'credential')} until ${until}.`)
  } else io.out('Given again.')
  return 0
}

function askedOf(name: string | undefined, { agent, all, for: time, uses }: CliOptions): JsonObject {
  const given = [name !== undefined, typeof agent === 'string', all === true]
  if (typeof agent === 'string' && name !== undefined && all !== true) {
    const most = uses === undefined ? {} : { uses: countOf(String(uses)) }
    return { credential: name, holder: agent, seconds: secondsOf('--for', String(time ?? '15m')), ...most }
  }
  if (given.filter(Boolean).length !== 1) throw usage('Say which: a credential, --agent NAME, both, or --all.')
  if (time !== undefined || uses !== undefined) throw usage('--for and --uses need a credential and --agent NAME.')
  return name !== undefined ? { credential: name } : typeof agent === 'string' ? { holder: agent } : { all: true }
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw usage(`--uses ${text}: write a number.`)
}

const usage = (text: string): SallyportError => new SallyportError('SP_CLI_USAGE', text)
