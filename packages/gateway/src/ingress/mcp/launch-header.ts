import { isJsonObject, parseJson, toSallyportError, type Json } from '@sallyport/core'
import { refuse, type Verdict } from '../../boundary/ports.ts'
import type { LaunchRequest } from './ports.ts'

/** Header of the upgrade request that says which server `mcp wrap` wraps: base64url of a JSON object. */
export const LAUNCH_HEADER = 'sallyport-launch'

const MAX_WORDS = 128
const MAX_LENGTH = 4_096

/** Reads the launch header strictly: argv is an array, never a line (T-086). */
export function readLaunch(header: string | undefined): Verdict<LaunchRequest> {
  if (header === undefined) return refuse('SP_MCP_INVALID_REQUEST', `The ${LAUNCH_HEADER} header is missing.`)
  let value: Json
  try {
    value = parseJson(Buffer.from(header, 'base64url').toString('utf8'), { maxLength: 64 * 1024, maxDepth: 3 })
  } catch (thrown) {
    return refuse('SP_MCP_INVALID_REQUEST', toSallyportError(thrown).detail)
  }
  if (!isJsonObject(value)) return refuse('SP_MCP_INVALID_REQUEST', 'The launch is not an object.')
  const { alias, command, cwd, env } = value
  const good =
    isWord(alias) &&
    Array.isArray(command) &&
    command.length <= MAX_WORDS &&
    command.every(isWord) &&
    isWord(cwd) &&
    isJsonObject(env) &&
    Object.entries(env).every(([name, one]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && isWord(one))
  if (!good) return refuse('SP_MCP_INVALID_REQUEST', 'The launch is not { alias, command[], cwd, env }.')
  return { ok: true, value: { alias, command, cwd, env: env as Readonly<Record<string, string>> } }
}

const isWord = (value: Json | undefined): value is string =>
  typeof value === 'string' && value.length <= MAX_LENGTH && !value.includes('\0')
