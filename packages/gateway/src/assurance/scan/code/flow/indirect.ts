import { named, positional } from './given.ts'
import type { Machine } from './machine.ts'
import { element, memberOf } from './members.ts'
import { changed, constantText, derived, holeOf, isHole, LEVEL, valueOf, type Given, type Value } from './value.ts'

type Indirect =
  /** The call is one of another function. */
  | { readonly k: 'call'; readonly target: Value; readonly receiver?: Value; readonly given: readonly Given[] }
  | { readonly k: 'value'; readonly value: Value }

const value = (made: Value): Indirect => ({ k: 'value', value: made })
const spreadOf = (list: Value | undefined): readonly Given[] =>
  list === undefined
    ? []
    : list.items === undefined
      ? [{ value: list, spread: true }]
      : list.items.map((item) => ({ value: item }))

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** Loads a module by name. */
const LOADERS = words(
  'require import __import__ importlib.import_module createRequire() module.createRequire() importlib.__import__',
)
/** Gives a function that does what its argument does. */
const WRAPPERS = words(
  'util.promisify promisify util.callbackify _.curry _.once _.memoize _.throttle _.debounce functools.wraps staticmethod classmethod functools.lru_cache functools.cache pify bluebird.promisify Promise.promisify sync_to_async asgiref.sync.sync_to_async',
)
const PARTIALS = words('functools.partial partial _.partial')
/** Calls its first argument with the others. */
const APPLY = words('asyncio.to_thread anyio.to_thread.run_sync')
const APPLYING_METHODS = words('submit apply_async')

/** Call a function for each of a list. */
const MAPPING_METHODS = words('map imap imap_unordered map_async starmap forEach flatMap each filter')
/** Call a function later: where it is, and where its arguments begin. */
const LATER: ReadonlyMap<string, readonly [fn: number, args: number]> = new Map(
  Object.entries({
    setTimeout: [0, 2],
    setInterval: [0, 2],
    setImmediate: [0, 1],
    'process.nextTick': [0, 1],
    'atexit.register': [0, 1],
    call_soon: [0, 1],
    call_soon_threadsafe: [0, 1],
    call_later: [1, 2],
    call_at: [1, 2],
    run_in_threadpool: [0, 1],
    'fastapi.concurrency.run_in_threadpool': [0, 1],
    add_task: [0, 1],
  } as const),
)
/** Starts a function with a list of arguments. */
const STARTED = /^(?:threading\.Thread|threading\.Timer|multiprocessing\.Process|Thread|Process|Timer)$/

/** Languages whose functions are objects with a method to call them. */
const CALLABLES = words('javascript typescript ruby')

/** Calls that stand for others: modules by name, members by name, bound and wrapped functions. */
export function indirect(
  machine: Machine,
  path: string,
  receiver: Value | undefined,
  given: readonly Given[],
): Indirect | undefined {
  const first = positional(given, 0)
  const rest = given.slice(1)
  const last = path.slice(path.lastIndexOf('.') + 1)
  if (LOADERS.has(path)) {
    const name = first === undefined ? undefined : constantText(first)
    return name === undefined ? undefined : value(moduleValue(machine, name))
  }
  if (first !== undefined && WRAPPERS.has(path)) return value(first)
  if (first !== undefined && PARTIALS.has(path))
    return value(changed(first, { bound: [...(first.bound ?? []), ...rest] }))
  if (path === 'getattr' || path === 'Reflect.get' || path === 'operator.attrgetter') {
    const name = constantText(positional(given, 1) ?? derived([], ''))
    if (first === undefined || name === undefined) return undefined
    return value(memberOf(machine, first, name))
  }
  if (path === 'vars' && first !== undefined) return value(first)
  if (path === 'Reflect.apply' && first !== undefined)
    return { k: 'call', target: first, given: spreadOf(positional(given, 2)) }
  if (path === 'Reflect.construct' && first !== undefined)
    return { k: 'call', target: first, given: spreadOf(positional(given, 1)) }
  if (
    first !== undefined &&
    (APPLY.has(path) || APPLYING_METHODS.has(last)) &&
    (first.path !== undefined || first.closure !== undefined)
  )
    return { k: 'call', target: first, given: rest }
  const listed = MAPPING_METHODS.has(last) && first !== undefined && isNamedFunction(first)
  if (listed) {
    const list = receiver !== undefined && rest.length === 0 ? receiver : rest[0]?.value
    if (list !== undefined) return { k: 'call', target: first, given: [{ value: element(list, 0) }] }
  }
  const later = LATER.get(path) ?? (receiver === undefined ? undefined : LATER.get(last))
  if (later !== undefined) {
    const [at, from] = later
    const fn = given[at]?.value
    if (fn !== undefined && isNamedFunction(fn) && given.length > from)
      return { k: 'call', target: fn, given: given.slice(from) }
  }
  if (STARTED.test(path)) {
    const fn = named(given, 'target') ?? named(given, 'function') ?? positional(given, 1)
    if (fn !== undefined && isNamedFunction(fn))
      return { k: 'call', target: fn, given: spreadOf(named(given, 'args') ?? positional(given, 2)) }
  }
  if (last === 'run_in_executor') {
    const fn = positional(given, 1)
    if (fn !== undefined) return { k: 'call', target: fn, given: given.slice(2) }
  }
  if (receiver !== undefined && CALLABLES.has(machine.language) && isFunctionLike(receiver)) {
    if (last === 'bind') return value(changed(receiver, { bound: [...(receiver.bound ?? []), ...rest] }))
    if (last === 'call') return { k: 'call', target: receiver, given: machine.language === 'ruby' ? given : rest }
    if (last === 'apply') return { k: 'call', target: receiver, given: spreadOf(positional(given, 1)) }
  }
  if (machine.language === 'ruby') return rubyIndirect(machine, last, receiver, given)
  return undefined
}

/** A function of a library, by its name. */
const isNamedFunction = ({ path, closure, fields, pieces }: Value): boolean =>
  closure === undefined &&
  fields === undefined &&
  path !== undefined &&
  /^[\w$./@-]+$/.test(path) &&
  pieces.every((piece) => isHole(piece) && piece.level === LEVEL.config)

const isFunctionLike = ({ path, closure, fields }: Value): boolean =>
  closure !== undefined || (path !== undefined && fields === undefined && !path.endsWith('()') && !path.startsWith('?'))

/** `send(:system, …)`, `Object.const_get("Kernel")`, `method(:eval).call`. */
function rubyIndirect(
  machine: Machine,
  last: string,
  receiver: Value | undefined,
  given: readonly Given[],
): Indirect | undefined {
  const first = positional(given, 0)
  const name = first === undefined ? undefined : constantText(first)
  if (name === undefined) return undefined
  if (last === 'const_get') return value(moduleValue(machine, name))
  const member = (): Value =>
    receiver === undefined || receiver.path === undefined
      ? moduleValue(machine, name)
      : memberOf(machine, receiver, name)
  if (last === 'send' || last === 'public_send' || last === '__send__') {
    return { k: 'call', target: member(), ...(receiver === undefined ? {} : { receiver }), given: given.slice(1) }
  }
  if (last === 'method' || last === 'instance_method') return value(member())
  return undefined
}

function moduleValue(machine: Machine, name: string): Value {
  const path = machine.names.canonical(name.replace(/^node:/, '').replaceAll('::', '.'))
  return valueOf([holeOf(LEVEL.config, `~${path}`)], path)
}
