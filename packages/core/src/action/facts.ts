import type { ArgumentFacts } from '../policy/request.ts'
import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import { addressesIn, bareHost, domainOf, hostOf, urlsIn } from './destinations.ts'
import type { ArgumentScalar } from './leaves.ts'
import { NO_LINKS, walkedPaths, type Disk, type WrittenPath } from './path-arguments.ts'
import { isPathText, pathText } from './path-text.ts'
import type { RegisteredTool } from './tool.ts'
import { networksOf, urlFactsOf, urlTexts } from './url-arguments.ts'

const SCHEME = /^([a-z][a-z0-9+.-]{0,30}):\/\//i
const PATH_KEY = /(^|_)(path|paths|file|filename|filepath|dir|directory|folder|source|destination|cwd|root)$/i
/** Names of arguments that hold a command line. */
export const COMMAND_KEY = /^(command|cmd|script|code|shell)$/i
const AMOUNT_KEY = /(^|_)(amount|price|total|sum)$/i

/**
 * Facts that policies use instead of string surgery (policy.md §3). Pure: paths are normalised as text, relative ones
 * against `cwd` when it is known. `disk` tells of links; without it there are none.
 */
export function argumentFacts(
  tool: RegisteredTool,
  args: JsonObject,
  leaves: readonly ArgumentScalar[],
  cwd?: string,
  disk: Disk = NO_LINKS,
): ArgumentFacts {
  const [hosts, schemes, addresses, recipients] = [new Distinct(), new Distinct(), new Distinct(), new Distinct()]
  const [paths, namedFiles, commands] = [new Distinct(), new Distinct(), new Distinct()]
  const [urls, written] = [new Distinct(), new Map<string, WrittenPath>()]
  const { annotation, annotated } = tool
  const external = annotation.effect === 'external'
  const wide = !annotated || annotation.groups.some((group) => FILE_GROUPS.includes(group))
  const files = annotation.groups.includes('group:fs')
  let [hostUnresolved, pathUnresolved] = [false, false]
  let [quantity, amountMinor, bytes] = [0, 0, 0]
  for (const leaf of leaves) {
    quantity = Math.max(quantity, quantityOf(leaf))
    amountMinor = Math.max(amountMinor, minorUnits(leaf))
    if (!isText(leaf)) continue
    const { key, value, isName } = leaf
    bytes += value.length
    const reached = destinations(leaf)
    hosts.addAll(reached.hosts)
    schemes.addAll(reached.schemes)
    addresses.addAll(reached.addresses)
    urls.addAll(reached.urls)
    if (isRecipient(leaf)) {
      recipients.addAll(reached.addresses)
      hostUnresolved ||= external && !leadsSomewhere(leaf, reached)
    }
    const isPath = (PATH_KEY.test(key) && isName !== true) || isPathText(value)
    const isNamed = mayName(leaf, wide)
    const path = isPath || isNamed ? absolutePath(value, cwd) : undefined
    if (isPath && path === undefined) pathUnresolved = true
    if (isPath && path !== undefined) paths.add(path)
    // text that begins like a path (`// a comment`) leads nowhere
    const isWalked = isPath ? leaf.role !== 'content' || PATH_KEY.test(key) : isNamed && files
    if (isWalked && path !== undefined) written.set(value, { text: value, absolute: path, isGuess: !isPath })
    if (isNamed) namedFiles.add(path ?? pathText(value))
    if (COMMAND_KEY.test(key)) commands.addAll(commandWords(value))
  }
  const networks = unique(hosts.list().flatMap(networksOf))
  for (const address of addresses.list()) hosts.add(mailHost(address))
  const reachedHosts = hosts.list().filter((host) => host !== '')
  return {
    hosts: reachedHosts,
    domains: unique(reachedHosts.map(domainOf)),
    schemes: schemes.list(),
    ...urlFactsOf(urls.list()),
    networks,
    addresses: addresses.list(),
    paths: paths.list(),
    named: namedFiles.list(),
    ...walkedPaths([...written.values()], cwd, disk),
    hostUnresolved,
    pathUnresolved,
    commands: commands.list(),
    // the gateway reads command lines with a shell parser
    command: 'none',
    commandEffects: [],
    count: Math.max(longestArray(args), recipients.size, largestMap(leaves), quantity),
    amountMinor,
    ...membersOf(tool, args),
    bytes,
  }
}

/** Values without repetition, in the order they came. Most of them stay empty, and cost nothing then. */
class Distinct {
  private values: Set<string> | undefined

  add(value: string): void {
    this.values ??= new Set()
    this.values.add(value)
  }

  addAll(values: readonly string[]): void {
    for (const value of values) this.add(value)
  }

  list(): readonly string[] {
    return this.values === undefined ? [] : [...this.values]
  }

  get size(): number {
    return this.values?.size ?? 0
  }
}
const isText = (leaf: ArgumentScalar): leaf is Text => typeof leaf.value === 'string'
const unique = (values: readonly string[]): readonly string[] => [...new Set(values)]

type Text = ArgumentScalar & { readonly value: string }
interface Reached {
  readonly urls: readonly string[]
  readonly hosts: readonly string[]
  readonly schemes: readonly string[]
  readonly addresses: readonly string[]
}

const mailHost = (address: string): string => hostOf(`http://${address.slice(address.lastIndexOf('@') + 1)}`)
const isRecipient = ({ role, isName }: ArgumentScalar): boolean =>
  (role === 'sink' || role === 'audience') && isName !== true

/** Where a string leads. Places that name who or where are read as a browser would; elsewhere only a whole URL counts. */
function destinations({ key, role, value, isName }: Text): Reached {
  const text = value.trim()
  const addresses = addressesIn(value)
  if (role === 'sink' || role === 'selector' || role === 'audience') {
    const found = urlsIn(text)
    const urls = urlTexts(text)
    const bare = role === 'selector' || isName === true || PATH_KEY.test(key) ? '' : bareHost(text)
    return { ...found, hosts: bare === '' ? found.hosts : [...found.hosts, bare], addresses, urls }
  }
  const scheme = SCHEME.exec(text)?.[1]
  return scheme === undefined
    ? { hosts: [], schemes: [], addresses, urls: [] }
    : { hosts: [hostOf(text)], schemes: [scheme.toLowerCase()], addresses, urls: urlTexts(text) }
}

const leadsSomewhere = ({ key, value }: Text, { hosts, addresses }: Reached): boolean =>
  hosts.length + addresses.length > 0 || PATH_KEY.test(key) || COMMAND_KEY.test(key) || isPathText(value)

/** Tools whose every argument may name a file. */
const FILE_GROUPS = ['group:fs', 'group:runtime', 'group:unclassified']

/** A string that could name a file though nothing says so; `wide`: every argument of the tool may. */
function mayName({ role, value }: Text, wide: boolean): boolean {
  if (value === '' || !(role === 'sink' || role === 'selector' || (wide && role !== 'content'))) return false
  // a web address has a path of its own, unless it climbs out of it
  return value.includes('..') || !/^\s*(?:https?|wss?|ftp|mailto):/i.test(value)
}

/** Members of the largest object whose names are data: `{ "a@example.org": …, "b@example.org": … }` reaches two. */
function largestMap(leaves: readonly ArgumentScalar[]): number {
  const sizes = new Map<string, number>()
  let most = 0
  for (const { path, role, isName } of leaves) {
    if (isName !== true || path === '{}' || !(role === 'sink' || role === 'audience')) continue
    const size = (sizes.get(path) ?? 0) + 1
    sizes.set(path, size)
    most = Math.max(most, size)
  }
  return most
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
  if (typeof value !== 'object' || value === null) return 0
  let most = Array.isArray(value) ? value.length : 0
  for (const item of Array.isArray(value) ? (value as readonly Json[]) : Object.values(value)) {
    most = Math.max(most, longestArray(item))
  }
  return most
}

/** An amount of money is not a number of things. */
const quantityOf = ({ key, role, value }: ArgumentScalar): number =>
  role === 'quantity' && typeof value !== 'boolean' && !isAmount(key) ? safeCount(Number(value)) : 0

const isAmount = (key: string): boolean => AMOUNT_KEY.test(key) || /amount/i.test(key)

const safeCount = (value: number): number => (value > 0 ? Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER) : 0)

function minorUnits({ key, role, value }: ArgumentScalar): number {
  if (typeof value !== 'number' || !(AMOUNT_KEY.test(key) || (role === 'quantity' && isAmount(key)))) return 0
  const minor = Math.round(Math.abs(value) * 100)
  return Number.isSafeInteger(minor) ? minor : Number.MAX_SAFE_INTEGER
}

/** Top-level members that the schema declares and the call leaves out though they matter, and those it does not declare. */
function membersOf(tool: RegisteredTool, args: JsonObject): Pick<ArgumentFacts, 'omitted' | 'undeclared'> {
  const { inputSchema } = tool.definition
  const { properties } = inputSchema
  const declared = isJsonObject(properties) ? properties : {}
  const closed = isJsonObject(properties) || 'type' in inputSchema
  const omitted: string[] = []
  for (const [path, role] of Object.entries(tool.annotation.args)) {
    const matters = role === 'sink' || role === 'selector' || role === 'audience'
    if (matters && path in declared && args[path] === undefined) omitted.push(path)
  }
  return { omitted, undeclared: closed ? Object.keys(args).filter((key) => !(key in declared)) : [] }
}
