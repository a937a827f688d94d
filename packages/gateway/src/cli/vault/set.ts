import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'
import { CREDENTIAL_TYPES, isJsonObject, SallyportError, type JsonObject } from '@sallyport/core'
import { systemRandom } from '../../random.ts'
import { argument, textOf } from '../agents/answers.ts'
import { sendAsOperator } from '../agents/presence.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { openTerminal } from '../presence/terminal.ts'
import { printSecret } from './print.ts'

/** The value comes from a terminal, standard input or a descriptor, and never from the command line (T-130). */
export const run: CommandRun = async (io, args, options) => {
  const { type = 'api_key', ttl } = options
  if (!CREDENTIAL_TYPES.some((known) => known === type))
    throw new SallyportError('SP_CLI_USAGE', `--type is one of ${CREDENTIAL_TYPES.join(', ')}.`)
  const name = argument(args, 0, 'name')
  const value = await readValue(io, name, options)
  const salt = Buffer.from(systemRandom.bytes(16)).toString('hex')
  const digest = createHash('sha256').update(salt).update(value).digest('hex')
  const cut = options['compromised'] === true ? { compromised: true } : {}
  const payload: JsonObject = { name, type: String(type), ...ttlOf(ttl), ...cut, salt, digest }
  const body = { ...payload, value: value.toString('base64') }
  value.fill(0)
  const answer = await sendAsOperator(io, 'vault.set', payload, options, (proof) =>
    io.gateway.request('POST', '/api/v1/vault', { ...body, ...proof }),
  )
  printSecret(io, answer)
  const warning = isJsonObject(answer) ? textOf(answer, 'warning') : ''
  if (!io.json && warning !== '') io.err(warning)
  return 0
}

function ttlOf(ttl: CliOptions[string]): JsonObject {
  if (ttl === undefined) return {}
  if (typeof ttl === 'string' && /^[1-9]\d{0,9}$/.test(ttl)) return { ttl: Number(ttl) }
  throw new SallyportError('SP_CLI_USAGE', '--ttl is a number of seconds.')
}

async function readValue(io: CliIo, name: string, options: CliOptions): Promise<Buffer> {
  const { valueFd } = options
  if (valueFd !== undefined) return withoutBreak(readFrom(Number(valueFd)))
  if (!isatty(0)) return withoutBreak(readFrom(0))
  const terminal = openTerminal(io, options)
  try {
    return Buffer.from(await terminal.readSecret(`Value of ${name}: `))
  } finally {
    terminal.close()
  }
}

function readFrom(descriptor: number): Buffer {
  try {
    return readFileSync(descriptor)
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `Descriptor ${descriptor} cannot be read.`, { cause })
  }
}

/** A file ends with a line break that is not part of the value. */
function withoutBreak(bytes: Buffer): Buffer {
  const end = bytes.at(-1) === 10 ? (bytes.at(-2) === 13 ? -2 : -1) : bytes.length
  return bytes.subarray(0, end)
}
