import type { Expr } from '../syntax.ts'
import { callback } from './callbacks.ts'
import { fill } from './fill.ts'
import { argumentsOf } from './given.ts'
import type { Machine } from './machine.ts'
import { keyed, memberOf } from './members.ts'
import { fedShell } from './fed-shell.ts'
import { indirect } from './indirect.ts'
import type { Scope } from './scope.ts'
import { transform } from './transform.ts'
import {
  alternatives,
  changed,
  changedHole,
  derived,
  either,
  FIT,
  isHole,
  join,
  LEVEL,
  levelOf,
  MEASURE,
  valueOf,
  type Given,
  type Level,
  type Value,
} from './value.ts'

type Call = Expr & { readonly k: 'call' }

/** The value of a call: what it calls is found through names, wrappers and text; then the rules see it. */
export function evaluateCall(machine: Machine, expr: Call, scope: Scope): Value {
  const { callee } = expr
  let receiver: Value | undefined
  let target: Value
  if (callee.k === 'member') {
    receiver = machine.evaluate(callee.object, scope)
    target = memberOf(machine, receiver, callee.name)
  } else if (callee.k === 'index') {
    receiver = machine.evaluate(callee.object, scope)
    target = keyed(machine, receiver, machine.evaluate(callee.key, scope), callee.at)
  } else if (callee.k === 'name') {
    target = machine.calleeValue(callee.name, scope)
  } else target = machine.evaluate(callee, scope)
  const path =
    target.path ?? (callee.k === 'member' ? `?.${callee.name}` : callee.k === 'name' ? `=${callee.name}` : '?')
  const depth = machine.purposes.length
  machine.purposes.push(lastName(path))
  const given = argumentsOf(machine, expr.args, scope)
  machine.purposes.length = depth
  if (machine.language === 'go') {
    if (READS_INTO.test(path)) readInto(machine, expr, receiver, given, scope)
    else if (WRITES_TO.test(path)) writeTo(machine, expr, given, scope)
  }
  if (FILLS_BUFFER.test(path)) fillBuffers(machine, expr, scope)
  const named = target.path === undefined ? changed(target, { path }) : target
  const site = callee.k === 'member' ? { at: expr.at, end: expr.end, holder: holderOf(callee.object) } : expr
  if (target.others === undefined) return invoke(machine, named, receiver, given, site)
  const [, ...others] = alternatives(target)
  return either([named, ...others.slice(0, 3)].map((one) => invoke(machine, one, receiver, given, site)))
}

/** What the text calls an object. */
const holderOf = (expr: Expr): string | undefined => (expr.k === 'name' || expr.k === 'member' ? expr.name : undefined)

/** What a file of the program's own holds. */
const READS_FILE =
  /^(?:File\.(?:read|binread)|IO\.read|fs\.(?:readFile|readFileSync)|os\.ReadFile|io\/ioutil\.ReadFile|Files\.(?:readString|readAllBytes|readAllLines)|pathlib\.Path\(\)\.read_text|open|importlib\.resources\.read_text|pkgutil\.get_data)$/

/** Methods that give a part of an address, as a member does. */
const PART_OF = /\.(?:Hostname|getHost|hostname|host|getScheme|getProtocol|scheme|getAuthority)$/

/** Functions of Go that put what they read into the variables that are their last arguments. */
const READS_INTO =
  /(?:^|\.)(?:Decode|Unmarshal\w*|Bind\w*|ShouldBind\w*|MustBindWith|BodyParser|QueryParser|ParamsParser|CookieParser|ReqHeaderParser|ReadJSON|DecodeJSON|Sscanf?|Sscanln|Fscanf?|Fscanln|Scanln|DecodeBody|ParseJSON|DecodeReader|RenderBind)$/

/** Functions of Go that write text to their first argument. */
const WRITES_TO = /^(?:fmt\.(?:Fprintf|Fprint|Fprintln|Appendf)|io\.WriteString)$|\.(?:Execute|ExecuteTemplate)$/

/** Put what is not known into a buffer that is an argument. */
const FILLS_BUFFER = /(?:^|\.)(?:nextBytes|getRandomValues|randomFill(?:Sync)?|arraycopy|readFully|readNBytes)$/

function fillBuffers(machine: Machine, expr: Call, scope: Scope): void {
  for (const { value } of expr.args) {
    const before = value.k === 'name' ? scope.find(value.name) : undefined
    if (value.k !== 'name' || before === undefined || before.closure !== undefined) continue
    if (levelOf(before) > LEVEL.constant || typeof before.atom === 'number') continue
    machine.state.set(scope.holder(value.name) ?? scope, value.name, derived([], `${value.name}@${expr.at}`))
  }
}

function writeTo(machine: Machine, expr: Call, given: readonly Given[], scope: Scope): void {
  const target = expr.args[0]?.value
  const before = target?.k === 'name' ? scope.find(target.name) : undefined
  if (target?.k !== 'name' || before === undefined || before.closure !== undefined) return
  const [, template, ...rest] = given
  const added =
    template === undefined
      ? []
      : expr.callee.k === 'member' && expr.callee.name === 'Fprintf'
        ? [fill(template.value, rest)]
        : given.slice(1).map(({ value }) => (value.fields === undefined ? value : join([...value.fields.values()])))
  const { pieces } = join([before, ...added])
  machine.state.set(scope.holder(target.name) ?? scope, target.name, valueOf(pieces, before.path))
}

function readInto(
  machine: Machine,
  expr: Call,
  receiver: Value | undefined,
  given: readonly Given[],
  scope: Scope,
): void {
  const from = expr.args.length === 1 ? [] : given.slice(0, 1).map(({ value }) => value)
  for (const { value } of expr.args.slice(expr.args.length === 1 ? 0 : 1)) {
    if (value.k !== 'name') continue
    const before = scope.find(value.name)
    if (before === undefined || before.closure !== undefined) continue
    const read = derived([...(receiver === undefined ? [] : [receiver]), ...from], `${value.name}@${expr.at}`)
    const { pieces } = read
    machine.state.set(scope.holder(value.name) ?? scope, value.name, valueOf(pieces, before.path))
  }
}

const CONSTRUCTORS = ['__init__', 'constructor', 'initialize'] as const

/** An object of a class of the text is made, or one of its fixed values is found. */
function ofClass(
  machine: Machine,
  path: string,
  target: Value,
  given: readonly Given[],
  at: number,
): Value | undefined {
  if (!path.startsWith('=')) return undefined
  if (machine.enums.has(path.replace(/\.(?:valueOf|fromValue|parse)$/, ''))) {
    const members = [...(target.fields?.values() ?? [])]
    return members.length === 0 ? MEASURE : either(members)
  }
  const owner = path.slice(1).replace(/\.new$/, '')
  for (const name of [...CONSTRUCTORS, owner]) {
    const { closure } = machine.root.find(`#${owner}.${name}`) ?? {}
    if (closure === undefined) continue
    machine.called.add(closure.fn)
    machine.enter(closure, given, at)
  }
  return undefined
}

/** Shows the rules what a value is used for, as a call of its own. */
export function seeAs(
  { watcher, language, purposes }: Machine,
  path: string,
  value: Value,
  { at, end }: { readonly at: number; readonly end: number },
): void {
  watcher.call({ language, path, name: path, given: [{ value }], at, end, purposes })
}

/** Send each request on to where a function says. */
const PROXIES = /^(?:express-http-proxy|http-proxy-middleware(?:\.createProxyMiddleware)?|koa-proxies)$/

function seeRoutes(
  machine: Machine,
  given: readonly Given[],
  site: { readonly at: number; readonly end: number },
): void {
  for (const { value } of given) {
    for (const { closure } of [value, ...['router', 'target'].map((name) => value.fields?.get(name) ?? MEASURE)]) {
      if (closure === undefined) continue
      const request = changed(derived([], `req@${site.at}`, LEVEL.input), { path: 'req' })
      const route = machine.enter(closure, [{ value: request }], site.at)
      if (route !== undefined) seeAs(machine, '|host', route, site)
    }
  }
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1).replace(/[()[\]=]/g, '')

interface Site {
  readonly at: number
  readonly end: number
  readonly holder?: string | undefined
}

/** Calls a value with arguments. */
function invoke(
  machine: Machine,
  target: Value,
  receiver: Value | undefined,
  args: readonly Given[],
  site: Site,
): Value {
  const given = target.bound === undefined ? args : [...target.bound, ...args]
  const path = target.path ?? '?'
  const other = indirect(machine, path, receiver, given)
  if (other !== undefined) {
    if (other.k === 'value') return other.value
    return invoke(machine, other.target, other.receiver, other.given, site)
  }
  const made = ofClass(machine, path, target, given, site.at)
  if (made !== undefined) return made
  if (target.closure !== undefined) {
    machine.called.add(target.closure.fn)
    const result = machine.enter(target.closure, given, site.at)
    if (result !== undefined) return result
  }
  for (const { name, value } of given) {
    if (name !== undefined)
      machine.watcher.named({ name, value, how: 'argument', of: path, expr: { k: 'nothing', ...site } })
  }
  machine.watcher.call({
    language: machine.language,
    path,
    name: lastName(path),
    given,
    ...(receiver === undefined ? {} : { receiver }),
    ...(site.holder === undefined ? {} : { holder: site.holder }),
    at: site.at,
    end: site.end,
    purposes: machine.purposes,
  })
  const fed = fedShell(path, receiver, given)
  if (fed !== undefined) seeAs(machine, '|sh', fed, site)
  if (PROXIES.test(path)) seeRoutes(machine, given, site)
  const called = callback(path, receiver, given, (closure, values) => machine.enter(closure, values, site.at))
  if (called !== undefined) return called
  const result = transform(path, receiver, given, site.at, machine.language)
  const madePath =
    machine.language === 'ruby' && given.length === 0 ? machine.names.canonical(path) : machine.names.result(path)
  if (result !== undefined) return result.path === undefined ? changed(result, { path: madePath, made: given }) : result
  if (given.length === 0 && receiver !== undefined && PART_OF.test(path))
    return changed(memberOf(machine, receiver, lastName(path)), { path: madePath })
  // `colour.name()` of what is a number, or one of a fixed set
  if (given.length === 0 && receiver !== undefined && isFit(receiver)) return valueOf(receiver.pieces, madePath)
  const source = machine.names.sourceLevel(madePath)
  const known = derived(
    [...(receiver === undefined ? [] : [receiver]), ...given.map(({ value }) => value)],
    `${path}()@${site.at}`,
    source ?? leastLevel(target),
  )
  const read = READS_FILE.test(path) && given.length > 0 && given.every(({ value }) => levelOf(value) <= LEVEL.config)
  const level: Level | undefined = read || source === LEVEL.config ? LEVEL.config : undefined
  const pieces =
    level === undefined
      ? known.pieces
      : known.pieces.map((piece) => (typeof piece === 'string' ? piece : changedHole(piece, { level })))
  return valueOf(pieces, madePath, { made: given })
}

const isFit = ({ pieces }: Value): boolean =>
  pieces.length > 0 && pieces.every((piece) => isHole(piece) && piece.fit === FIT.all)

/** Of a function that is not seen; of an excerpt's undeclared function its result is as unknown as the excerpt. */
const leastLevel = (target: Value): Level => (levelOf(target) === LEVEL.param ? LEVEL.param : LEVEL.opaque)
