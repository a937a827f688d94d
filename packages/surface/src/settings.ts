import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** One surface, as its operator describes it. Read once; nothing that a visitor says changes it. */
export interface Settings {
  readonly surface: 'public' | 'admin'
  readonly agent: string
  /** Where the gateway is and what proves who this process is: its own agent credential, and no other. */
  readonly gateway: { readonly state: string } | { readonly url: string; readonly keyFile: string }
  readonly model: Model
  /** The system prompt. */
  readonly prompt: string
  /** The skill table: `<server>.<tool>`. The gateway decides again, and may have less. */
  readonly tools: readonly string[]
  readonly listen: { readonly socket: string } | { readonly host: string; readonly port: number }
  readonly limits: Limits
}

export interface Model {
  readonly api: 'openai' | 'anthropic'
  readonly name: string
  /** Base URL as the vendor's own client has it. No key: the gateway's way out adds it. */
  readonly url: string
}

export interface Limits {
  readonly bodyBytes: number
  /** For one answer, s. */
  readonly seconds: number
  /** Messages of one visitor, and new visitors, in a minute. */
  readonly perMinute: number
  readonly visitorsPerMinute: number
  /** Answers that are being thought about, and visitors that are remembered. */
  readonly concurrent: number
  readonly visitors: number
  /** Exchanges that are remembered of one visitor, and calls that one answer may take. */
  readonly history: number
  readonly rounds: number
}

const LIMITS: Limits = {
  ...{ bodyBytes: 16_384, seconds: 60, perMinute: 20, visitorsPerMinute: 120 },
  ...{ concurrent: 16, visitors: 1_000, history: 20, rounds: 6 },
}

/** What stands in the file is wrong; the message says where. */
export class SettingsError extends Error {}

/**
 * Reads the settings of one surface: JSON, closed, relative paths from its own directory.
 * @param env for `model.urlFrom`: the variable in which the way out gives the URL
 * @throws SettingsError
 */
export function readSettings(file: string, env: Readonly<Record<string, string | undefined>>): Settings {
  const base = dirname(resolve(file))
  const all = members(parse(read(file)), '', [
    ...['surface', 'agent', 'gateway', 'model', 'prompt', 'tools', 'listen', 'limits'],
  ])
  const surface = choice(all['surface'], 'surface', ['public', 'admin'])
  const agent = word(all['agent'], 'agent')
  const tools = all['tools']
  if (!Array.isArray(tools)) throw new SettingsError('tools: a list of `<server>.<tool>`.')
  const listen = listenOf(all['listen'], base)
  if (surface === 'admin' && !('socket' in listen))
    throw new SettingsError('listen: an admin surface has a `socket`, which its operators alone can open.')
  return {
    ...{ surface, agent, listen },
    gateway: gatewayOf(all['gateway'], base),
    model: modelOf(all['model'], env),
    prompt: read(resolve(base, word(all['prompt'], 'prompt'))),
    tools: tools.map((tool, at) => word(tool, `tools.${at}`)),
    limits: limitsOf(all['limits']),
  }
}

function gatewayOf(value: unknown, base: string): Settings['gateway'] {
  const { state = '/etc/sallyport', url, keyFile } = members(value ?? {}, 'gateway', ['state', 'url', 'keyFile'])
  if (url === undefined && keyFile === undefined) return { state: resolve(base, word(state, 'gateway.state')) }
  return { url: word(url, 'gateway.url'), keyFile: resolve(base, word(keyFile, 'gateway.keyFile')) }
}

function modelOf(value: unknown, env: Readonly<Record<string, string | undefined>>): Model {
  const { api, name, url, urlFrom } = members(value, 'model', ['api', 'name', 'url', 'urlFrom'])
  const found = urlFrom === undefined ? url : env[word(urlFrom, 'model.urlFrom')]
  const text = word(
    found,
    urlFrom === undefined ? 'model.url' : `model.urlFrom: the variable ${JSON.stringify(urlFrom)}`,
  )
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.search !== '')
    throw new SettingsError('model.url: an http or https URL without a user name and a query.')
  return {
    api: choice(api, 'model.api', ['openai', 'anthropic']),
    name: word(name, 'model.name'),
    url: text.replace(/\/+$/, ''),
  }
}

function listenOf(value: unknown, base: string): Settings['listen'] {
  const { socket, host = '127.0.0.1', port } = members(value, 'listen', ['socket', 'host', 'port'])
  if (socket !== undefined) return { socket: resolve(base, word(socket, 'listen.socket')) }
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new SettingsError('listen: a `socket`, or a `port` from 0 to 65535.')
  return { host: word(host, 'listen.host'), port }
}

function limitsOf(value: unknown): Limits {
  const given = members(value ?? {}, 'limits', Object.keys(LIMITS))
  const wrong = Object.entries(given).find(([, limit]) => !Number.isSafeInteger(limit) || Number(limit) < 1)
  if (wrong !== undefined) throw new SettingsError(`limits.${wrong[0]}: a whole number from 1.`)
  return { ...LIMITS, ...given }
}

function members(value: unknown, at: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SettingsError(`${at === '' ? 'The file' : at}: an object.`)
  const extra = Object.keys(value).find((name) => !known.includes(name))
  if (extra !== undefined)
    throw new SettingsError(`${at}${at === '' ? '' : '.'}${extra}: there are ${known.join(', ')}.`)
  return value as Readonly<Record<string, unknown>>
}

function word(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new SettingsError(`${at}: is missing.`)
}

function choice<T extends string>(value: unknown, at: string, among: readonly T[]): T {
  const found = among.find((one) => one === value)
  if (found === undefined) throw new SettingsError(`${at}: one of ${among.join(', ')}.`)
  return found
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SettingsError('The file is not JSON.')
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new SettingsError(`${file} cannot be read.`)
  }
}
