import type { ArgumentFacts } from '../policy/request.ts'
import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import { addressesIn, bareHost, domainOf, hostOf, urlsIn } from './destinations.ts'
import type { ArgumentScalar } from './leaves.ts'
import { isPathText, pathText } from './path-text.ts'
import type { RegisteredTool } from './tool.ts'

const SCHEME = /^([a-z][a-z0-9+.-]{0,30}):\/\//i
const PATH_KEY = /(^|_)(path|paths|file|filename|filepath|dir|directory|folder|source|destination|cwd|root)$/i
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
  const strings = leaves.filter((leaf): leaf is Text => typeof leaf.value === 'string')
  const reached = strings.map((leaf) => destinations(leaf))
  const addresses = reached.flatMap((found) => found.addresses)
  const hosts = unique([...reached.flatMap((found) => found.hosts), ...addresses.map(mailHost)].filter(isNotEmpty))
  const candidates = strings.filter(
    ({ key, value, isName }) => (PATH_KEY.test(key) && isName !== true) || isPathText(value),
  )
  const paths = candidates.map(({ value }) => absolutePath(value, cwd))
  const commands = unique(strings.flatMap(({ key, value }) => (COMMAND_KEY.test(key) ? commandWords(value) : [])))
  const { properties, declared } = declaredMembers(tool)
  const recipients = leaves.filter(({ role }) => role === 'sink' || role === 'audience')
  return {
    hosts,
    domains: unique(hosts.map(domainOf)),
    schemes: unique(reached.flatMap((found) => found.schemes)),
    addresses: unique(addresses),
    paths: unique(paths.flatMap((path) => (path === undefined ? [] : [path]))),
    named: unique(strings.flatMap((leaf) => named(tool, leaf, cwd))),
    hostUnresolved:
      tool.annotation.effect === 'external' &&
      strings.some((leaf, at) => isRecipient(leaf) && !leadsSomewhere(leaf, reached[at] as Reached)),
    pathUnresolved: paths.includes(undefined),
    commands,
    count: Math.max(
      longestArray(args),
      unique(strings.flatMap((leaf, at) => (isRecipient(leaf) ? (reached[at]?.addresses ?? []) : []))).length,
      largestMap(recipients),
      leaves.reduce((most, leaf) => Math.max(most, quantityOf(leaf)), 0),
    ),
    amountMinor: leaves.reduce((most, leaf) => Math.max(most, minorUnits(leaf)), 0),
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

type Text = ArgumentScalar & { readonly value: string }
interface Reached {
  readonly hosts: readonly string[]
  readonly schemes: readonly string[]
  readonly addresses: readonly string[]
}

const isNotEmpty = (text: string): boolean => text !== ''
const mailHost = (address: string): string => hostOf(`http://${address.slice(address.lastIndexOf('@') + 1)}`)
const isRecipient = ({ role, isName }: ArgumentScalar): boolean =>
  (role === 'sink' || role === 'audience') && isName !== true

/** Where a string leads. Places that name who or where are read as a browser would; elsewhere only a whole URL counts. */
function destinations({ key, role, value, isName }: Text): Reached {
  const text = value.trim()
  const addresses = addressesIn(value)
  if (role === 'sink' || role === 'selector' || role === 'audience') {
    const found = urlsIn(text)
    const bare = role === 'selector' || isName === true || PATH_KEY.test(key) ? '' : bareHost(text)
    return { ...found, hosts: bare === '' ? found.hosts : [...found.hosts, bare], addresses }
  }
  const scheme = SCHEME.exec(text)?.[1]
  return scheme === undefined
    ? { hosts: [], schemes: [], addresses }
    : { hosts: [hostOf(text)], schemes: [scheme.toLowerCase()], addresses }
}

const leadsSomewhere = ({ key, value }: Text, { hosts, addresses }: Reached): boolean =>
  hosts.length + addresses.length > 0 || PATH_KEY.test(key) || COMMAND_KEY.test(key) || isPathText(value)

/** Tools whose every argument may name a file. */
const FILE_GROUPS = ['group:fs', 'group:runtime', 'group:unclassified']

/** A string that could name a file though nothing says so: absolute where that can be told, else as it is. */
function named(tool: RegisteredTool, { role, value }: Text, cwd: string | undefined): readonly string[] {
  const { annotation, annotated } = tool
  const wide = !annotated || annotation.groups.some((group) => FILE_GROUPS.includes(group))
  if (value === '' || !(role === 'sink' || role === 'selector' || (wide && role !== 'content'))) return []
  // a web address has a path of its own, unless it climbs out of it
  if (/^\s*(?:https?|wss?|ftp|mailto):/i.test(value) && !value.includes('..')) return []
  return [absolutePath(value, cwd) ?? pathText(value)]
}

/** Members of the largest object whose names are data: `{ "a@example.org": …, "b@example.org": … }` reaches two. */
function largestMap(leaves: readonly ArgumentScalar[]): number {
  const sizes = new Map<string, number>()
  for (const { path, isName } of leaves) {
    if (isName === true && path !== '{}') sizes.set(path, (sizes.get(path) ?? 0) + 1)
  }
  return [...sizes.values()].reduce((most, size) => Math.max(most, size), 0)
}

/** `/a/./b/../c` → `/a/c`; `~` stays a first segment; undefined when relative and there is no base. */
export function absolutePath(path: string, cwd?: string): string | undefined {
  const text = pathText(path)
  const rooted = text.startsWith('/') || text.startsWith('~')
  if (!rooted && cwd === undefined) return undefined
  const parts: string[] = []
  for (const part of (rooted ? text : `${cwd ?? ''}/${text}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return text.startsWith('~') ? parts.join('/') : `/${parts.join('/')}`
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
  const inside = Array.isArray(value) ? (value as readonly Json[]) : isJsonObject(value) ? Object.values(value) : []
  const own = Array.isArray(value) ? value.length : 0
  return inside.reduce<number>((most, item) => Math.max(most, longestArray(item)), own)
}

const quantityOf = ({ role, value }: ArgumentScalar): number =>
  role === 'quantity' && typeof value !== 'boolean' ? safeCount(Number(value)) : 0

const safeCount = (value: number): number => (value > 0 ? Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER) : 0)

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
