import { element } from './members.ts'
import { changed, derived, either, LEVEL, levelOf, listValue, type Closure, type Given, type Value } from './value.ts'

type Enter = (closure: Closure, given: readonly Given[]) => Value | undefined

/** Methods that call a function for each element: what they give. */
const EACH: ReadonlyMap<string, 'list' | 'same' | 'element' | 'nothing'> = new Map(
  Object.entries({
    map: 'list',
    flatMap: 'list',
    collect: 'list',
    flat_map: 'list',
    select: 'same',
    filter: 'same',
    reject: 'same',
    filter_map: 'list',
    find: 'element',
    detect: 'element',
    forEach: 'nothing',
    each: 'nothing',
    each_entry: 'nothing',
    each_with_index: 'nothing',
    each_pair: 'nothing',
    some: 'nothing',
    every: 'nothing',
    'any?': 'nothing',
    'all?': 'nothing',
  } as const),
)
/** Functions that give what they are called with: promises, contexts, blocks. */
const PASSING = /^(?:then|tap|yield_self|let|also|apply|run|each_line|open|pipe|catch|finally)$/
/** Registers a function that strangers call. */
const HANDLERS =
  /^(?:get|post|put|patch|delete|del|all|use|route|on|once|handle|handler|tool|registerTool|addTool|command|addEventListener|setRequestHandler|subscribe|HandleFunc|HandlerFunc|Get|Post|Put|Delete|Patch|GET|POST|PUT|DELETE|PATCH|Any|Handle|onMessage|onRequest|serve|createServer|listen|query|mutation|onCall|action|hear|message|upgrade|websocket|ws)$/

const REQUESTS = /^_?(?:req|request|ctx|context|event)$/
const takesRequest = ({ fn: { params } }: Closure): boolean =>
  params.some(({ target }) => target.k === 'name' && REQUESTS.test(target.name))

/** Calls the functions among the arguments of a call to what is not seen. */
export function callback(
  path: string,
  receiver: Value | undefined,
  given: readonly Given[],
  enter: Enter,
): Value | undefined {
  const functions = given.filter(({ value }) => value.closure !== undefined)
  if (functions.length === 0) return undefined
  const name = path.slice(path.lastIndexOf('.') + 1)
  const each = EACH.get(name)
  if (each !== undefined && receiver !== undefined) {
    const item = element(receiver, functions[0]?.value.closure?.fn.at ?? 0)
    const results = functions.map(({ value }) => enter(value.closure as Closure, [{ value: item }]))
    if (each === 'list') return listValue([either(results.filter((one): one is Value => one !== undefined))])
    return each === 'same' ? receiver : each === 'element' ? item : undefined
  }
  const handles = functions.some(({ value }) => takesRequest(value.closure as Closure))
  const strangers = HANDLERS.test(name) && (given.length > 1 || name !== 'use' || handles)
  let last: Value | undefined
  for (const { value } of functions) {
    const { fn } = value.closure as Closure
    const others = [...(receiver === undefined ? [] : [receiver]), ...given.map((one) => one.value)].filter(
      (one) => one.closure === undefined,
    )
    const values = fn.params.map((param, i): Given => {
      if (PASSING.test(name) && i === 0 && receiver !== undefined && levelOf(receiver) > LEVEL.constant)
        return { value: receiver }
      const label = param.target.k === 'name' ? param.target.name : 'it'
      const made = derived(strangers ? [] : others, `${label}@${fn.at}.${i}`, strangers ? LEVEL.input : LEVEL.opaque)
      return { value: changed(made, { path: label }) }
    })
    last = enter(value.closure as Closure, values) ?? last
  }
  return PASSING.test(name) ? last : undefined
}
