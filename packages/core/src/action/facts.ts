import { getDomain } from 'tldts'
import type { ArgumentFacts } from '../policy/request.ts'
import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import type { ArgumentScalar } from './leaves.ts'
import type { RegisteredTool } from './tool.ts'

const SCHEME = /^([a-z][a-z0-9+.-]{0,30}):\/\//i
const MAIL = /[^\s<>"',;:()[\]]+@[^\s<>"',;:()[\]]+/g
const PATH_KEY = /(^|_)(path|paths|file|filename|filepath|dir|directory|folder|source|destination|cwd|root)$/i
const PATH_VALUE = /^(?:~|\.{1,2})?\/|^file:\/\//
const COMMAND_KEY = /^(command|cmd|script|code|shell)$/i
const AMOUNT_KEY = /(^|_)(amount|price|total|sum)$/i

/**
 * Facts that policies use instead of string surgery (policy.md §3). Pure: paths are normalised as text, relative ones
 * against `cwd` when it is known; links are the executor's business.
 */
export function argumentFacts(
  tool: RegisteredTool,
  args: JsonObject,
  leaves: readonly ArgumentScalar[],
  cwd?: string,
): ArgumentFacts {
  const strings = leaves.filter((leaf): leaf is ArgumentScalar & { value: string } => typeof leaf.value === 'string')
  const urls = strings.flatMap(({ value }) => (SCHEME.test(value.trim()) ? [value.trim()] : []))
  const addresses = strings.flatMap(({ value }) => value.slice(0, 4096).match(MAIL) ?? []).map((a) => a.toLowerCase())
  const hosts = unique([...urls.map(hostOf), ...addresses.map(mailHost)].filter((host) => host !== ''))
  const candidates = strings.filter(({ key, value }) => PATH_KEY.test(key) || PATH_VALUE.test(value))
  const paths = candidates.map(({ value }) => absolutePath(value, cwd))
  const { properties, declared } = declaredMembers(tool)
  return {
    hosts,
    domains: unique(hosts.map((host) => getDomain(host, { allowPrivateDomains: true }) ?? host)),
    schemes: unique(urls.map((url) => (SCHEME.exec(url)?.[1] ?? '').toLowerCase())),
    addresses: unique(addresses),
    paths: unique(paths.flatMap((path) => (path === undefined ? [] : [path]))),
    pathUnresolved: paths.includes(undefined),
    commands: unique(strings.flatMap(({ key, value }) => (COMMAND_KEY.test(key) ? commandWords(value) : []))),
    count: Math.max(longestArray(args), ...leaves.map(quantityOf), 0),
    amountMinor: Math.max(...leaves.map(minorUnits), 0),
    omitted: Object.entries(tool.annotation.args)
      .filter(([path, role]) =>
        role === 'sink' || role === 'selector' || role === 'audience' ? path in properties : false,
      )
      .filter(([path]) => args[path] === undefined)
      .map(([path]) => path),
    undeclared: declared ? Object.keys(args).filter((key) => !(key in properties)) : [],
    bytes: strings.reduce((sum, { value }) => sum + value.length, 0),
  }
}

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)]

function hostOf(url: string): string {
  try {
    return new URL(url).hostname.toLowerCase().replace(/\.$/, '')
  } catch {
    return ''
  }
}

const mailHost = (address: string): string => hostOf(`http://${address.slice(address.lastIndexOf('@') + 1)}`)

/** `/a/./b/../c` → `/a/c`; `~` stays a first segment; undefined when relative and there is no base. */
export function absolutePath(path: string, cwd?: string): string | undefined {
  const text = path.startsWith('file://') ? decodePath(path.slice(7)) : path
  const rooted = text.startsWith('/') || text.startsWith('~')
  if (!rooted && cwd === undefined) return undefined
  const parts: string[] = []
  for (const part of (rooted ? text : `${cwd ?? ''}/${text}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return text.startsWith('~') ? parts.join('/') : `/${parts.join('/')}`
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** First words between shell operators, without directory: what the text would start. A courtesy for policy, not a parser. */
function commandWords(text: string): readonly string[] {
  return text
    .slice(0, 16_384)
    .split(/&&|\|\||[;|&\n`]|\$\(/)
    .map((part) =>
      part.trim().replace(/^(?:(?:sudo|env|nohup|time|command|exec)\s+|[A-Za-z_][A-Za-z0-9_]*=\S*\s+)+/, ''),
    )
    .map((part) => (/^["']?([^\s"']+)/.exec(part)?.[1] ?? '').replace(/^.*\//, ''))
    .filter((word) => word !== '')
}

function longestArray(value: Json): number {
  if (Array.isArray(value)) return Math.max(value.length, ...(value as readonly Json[]).map(longestArray), 0)
  if (isJsonObject(value)) return Math.max(0, ...Object.values(value).map(longestArray))
  return 0
}

const quantityOf = ({ role, value }: ArgumentScalar): number =>
  role === 'quantity' && typeof value === 'number' ? Math.max(0, Math.ceil(value)) : 0

function minorUnits({ key, role, value }: ArgumentScalar): number {
  if (typeof value !== 'number' || !(AMOUNT_KEY.test(key) || (role === 'quantity' && /amount/i.test(key)))) return 0
  const minor = Math.round(Math.abs(value) * 100)
  return Number.isSafeInteger(minor) ? minor : Number.MAX_SAFE_INTEGER
}

/** Top-level members a tool's schema declares; `declared` is false when it declares none at all. */
function declaredMembers(tool: RegisteredTool): { readonly properties: JsonObject; readonly declared: boolean } {
  const { properties } = tool.definition.inputSchema
  return isJsonObject(properties)
    ? { properties, declared: true }
    : { properties: {}, declared: 'type' in tool.definition.inputSchema }
}
