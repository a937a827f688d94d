import type { Expr, Func, Stmt } from '../syntax.ts'
import type { Machine } from './machine.ts'
import { positional, argumentsOf } from './given.ts'
import { patternFit } from './pattern-fit.ts'
import { quantified } from './quantified.ts'
import { Scope } from './scope.ts'
import { constantText, FIT, holesOf, isHole, LEVEL, levelOf, SELF, textValue, type Hole, type Value } from './value.ts'

/** What a check shows of a source. */
export interface Mark {
  readonly key: string
  readonly fit: number
}
/** What is known where a test holds, and where it does not. */
export interface Guards {
  readonly yes: readonly Mark[]
  readonly no: readonly Mark[]
}

const NONE: Guards = { yes: [], no: [] }
const yes = (marks: readonly Mark[]): Guards => (marks.length === 0 ? NONE : { yes: marks, no: [] })
const no = (marks: readonly Mark[]): Guards => (marks.length === 0 ? NONE : { yes: [], no: marks })
const opposite = ({ yes: a, no: b }: Guards): Guards => ({ yes: b, no: a })

export function applyMarks({ state }: Machine, marks: readonly Mark[]): void {
  for (const { key, fit } of marks) state.mark(key, fit)
}

/** What a test shows. */
export function guardsOf(machine: Machine, test: Expr, scope: Scope): Guards {
  switch (test.k) {
    case 'not':
      return opposite(guardsOf(machine, test.operand, scope))
    case 'and': {
      const [a, b] = [guardsOf(machine, test.left, scope), guardsOf(machine, test.right, scope)]
      return { yes: [...a.yes, ...b.yes], no: common(a.no, b.no) }
    }
    case 'or': {
      const [a, b] = [guardsOf(machine, test.left, scope), guardsOf(machine, test.right, scope)]
      return { yes: common(a.yes, b.yes), no: [...a.no, ...b.no] }
    }
    case 'compare':
      return compared(machine, test, scope)
    case 'call':
      return called(machine, test, scope)
    case 'set':
      return guardsOf(machine, test.value, scope)
    case 'name':
      return machine.tests.get(test.name) ?? NONE
    case 'member':
      // `ip_address(host).is_private`
      return PRIVATE.test(test.name) ? no(marksOf(machine.evaluate(test.object, scope), FIT.host)) : NONE
    case 'index': {
      // `allowed[x]`
      const [table, key] = [machine.evaluate(test.object, scope), machine.evaluate(test.key, scope)]
      return isFixed(table, nameOf(test.object)) ? yes(marksOf(key, FIT.all)) : NONE
    }
    default:
      return NONE
  }
}

/** What an address inside the network is asked about. */
const PRIVATE = /^is_(?:private|loopback|link_local|reserved|internal|multicast)$/

/** Shown by both. */
function common(a: readonly Mark[], b: readonly Mark[]): readonly Mark[] {
  return a.flatMap(({ key, fit }) => {
    const other = b.find((mark) => mark.key === key)
    return other === undefined ? [] : [{ key, fit: fit & other.fit }]
  })
}

/** Marks for the sources of a value. A check of a part of it shows what the part decides. */
function marksOf(value: Value, fit: number): readonly Mark[] {
  return holesOf(value)
    .filter(({ level }) => level > LEVEL.constant)
    .flatMap((hole) => marksOfHole(hole, fit))
}

function marksOfHole({ key, from, aspect, level }: Hole, fit: number): readonly Mark[] {
  if (level <= LEVEL.config) return []
  const keys = aspect === 'member' || aspect === 'part' ? [key] : [key, ...from]
  const bits = aspect === 'host' ? fit & FIT.host : fit
  return keys.map((one) => ({ key: one, fit: bits }))
}

/** A collection whose members somebody who may be trusted chose. */
const ALLOWING =
  /allow|permit|white|valid|known|trust|safe|support|accept|choice|option|column|field|table|host|origin|domain|enum|registry|handler|command|map$|[a-z]s$|set$|list$/i
/** Makes a collection that holds nothing yet. */
const EMPTY = /^(?:Map|Set|WeakMap|dict|set|Hash\.new|Set\.new|\w*(?:HashMap|HashSet|TreeMap|TreeSet))\(\)$/
/** Filled with whatever is asked for. */
const REMEMBERS = /cache|seen|memo|items|store|pending|visited|entries|lru|queue|results?$|sessions?$/i
const REFUSING = /block|deny|denied|black|forbid|banned|bad|disallow|reserved|private|reject/i

function isFixed(collection: Value, name: string | undefined): boolean {
  if (name !== undefined && REFUSING.test(name)) return false
  // filled while the program runs
  const isNew = collection.made?.length === 0 && EMPTY.test(collection.path ?? '')
  const isEmpty = collection.fields?.size === 0 || collection.items?.length === 0
  if (
    (isNew ? collection.items === undefined && collection.fields === undefined : isEmpty) &&
    REMEMBERS.test(name ?? '')
  )
    return false
  if (collection.items !== undefined || collection.fields !== undefined) {
    const all = [...(collection.items ?? []), ...(collection.fields?.values() ?? [])]
    return collection.fields !== undefined || all.every((item) => levelOf(item) < LEVEL.free)
  }
  if (constantText(collection) !== undefined) return false
  const level = levelOf(collection)
  return level <= LEVEL.free || (level < LEVEL.input && name !== undefined && ALLOWING.test(name))
}

const nameOf = (expr: Expr): string | undefined =>
  expr.k === 'name' || expr.k === 'member' ? expr.name : expr.k === 'call' ? nameOf(expr.callee) : undefined

function compared(machine: Machine, test: Expr & { readonly k: 'compare' }, scope: Scope): Guards {
  const [left, right] = [machine.evaluate(test.left, scope), machine.evaluate(test.right, scope)]
  switch (test.op) {
    case 'equal':
    case 'unequal': {
      const found = equal(machine, test, left, right, scope)
      return test.op === 'equal' ? found : opposite(found)
    }
    case 'in':
    case 'not-in': {
      // `root in p.parents`
      if (test.right.k === 'member' && test.right.name === 'parents') {
        const below = yes(marksOf(machine.evaluate(test.right.object, scope), FIT.path))
        return test.op === 'in' ? below : opposite(below)
      }
      const found = contained(left, right, nameOf(test.right))
      return test.op === 'in' ? found : opposite(found)
    }
    case 'matches':
    case 'not-matches': {
      const pattern = right.pattern ?? left.pattern ?? constantText(right)
      const subject = right.pattern === undefined && left.pattern !== undefined ? right : left
      const found = pattern === undefined ? NONE : matching(subject, pattern, machine)
      return test.op === 'matches' ? found : opposite(found)
    }
    case 'order': {
      // `list.indexOf(x) >= 0`, `rel.indexOf("..") < 0` are too much alike to be told apart without more words
      return NONE
    }
  }
}

function equal(
  machine: Machine,
  test: Expr & { readonly k: 'compare' },
  left: Value,
  right: Value,
  scope: Scope,
): Guards {
  for (const [expr, value, other] of [
    [test.left, left, right],
    [test.right, right, left],
  ] as const) {
    // `commonpath([base, p]) == base`, `p.parent == base`
    if (expr.k === 'call' && /^(?:commonpath|commonprefix)$/.test(nameOf(expr.callee) ?? '')) {
      const list = positional(argumentsOf(machine, expr.args, scope), 0)
      return yes((list?.items ?? []).flatMap((item) => marksOf(item, FIT.path)))
    }
    if (expr.k === 'call' && nameOf(expr.callee) === 'indexOf' && expr.callee.k === 'member') {
      const list = machine.evaluate(expr.callee.object, scope)
      const needle = positional(argumentsOf(machine, expr.args, scope), 0)
      if (needle === undefined) return NONE
      // `=== -1` where it is absent, `=== 0` where it begins so
      if (other.atom === 0) return starting(machine, list, needle)
      return opposite(contained(needle, list, nameOf(expr.callee.object)))
    }
    // `p.parent == root`, `path.dirname(p) === root`
    if (expr.k === 'member' && expr.name === 'parent')
      return yes(marksOf(machine.evaluate(expr.object, scope), FIT.path))
    if (expr.k === 'call' && /^(?:dirname|Dir|getParent|getParentFile)$/.test(nameOf(expr.callee) ?? '')) {
      const [first] = argumentsOf(machine, expr.args, scope)
      const file = first?.value ?? (expr.callee.k === 'member' ? machine.evaluate(expr.callee.object, scope) : value)
      return yes(marksOf(file, FIT.path))
    }
    // `path.basename(x) === x`, `x === path.normalize(x)`
    if (expr.k === 'call' && /^(?:basename|Base|secure_filename)$/.test(nameOf(expr.callee) ?? ''))
      return yes(marksOf(other, FIT.path))
    // `re.fullmatch(…) is None`
    if (other.atom === null && expr.k === 'call') return opposite(called(machine, expr, scope))
    if (other.atom === null && expr.k === 'name') return opposite(machine.tests.get(expr.name) ?? NONE)
    if ((other.atom === true || other.atom === false) && expr.k === 'call') {
      const found = called(machine, expr, scope)
      return other.atom ? found : opposite(found)
    }
    // a path without `..` is the directory itself
    if (value.pieces.some((piece) => isHole(piece) && piece.normal === true)) return yes(marksOf(value, FIT.path))
  }
  return same(left, right)
}

/** What somebody chooses is the same as what the program knows. */
function same(one: Value, other: Value): Guards {
  for (const [value, known] of [
    [one, other],
    [other, one],
  ] as const) {
    const text = constantText(known)
    if (isDynamic(value) && levelOf(known) <= LEVEL.config && known.atom !== null && text !== '')
      return yes(marksOf(value, FIT.all))
  }
  return NONE
}

const isDynamic = (value: Value): boolean => value.pieces.some((piece) => isHole(piece) && piece.level > LEVEL.config)

/** `x in allowed`; `".." in x` shows the opposite. */
function contained(needle: Value, collection: Value, name: string | undefined): Guards {
  const text = constantText(needle)
  if (text !== undefined && isDynamic(collection)) {
    if (text === '..' || text === '/') return no(marksOf(collection, FIT.path))
  }
  // `c in "-."` of each sign
  const signs = constantText(collection)
  if (signs !== undefined && isSign(needle))
    return yes(marksOf(needle, patternFit(`^[${signs.replace(/[\\\]^]/g, '\\$&')}]+$`, 'javascript')))
  return isFixed(collection, name) ? yes(marksOf(needle, FIT.all)) : NONE
}

const isSign = ({ pieces: [only] }: Value): boolean => only !== undefined && isHole(only) && only.key.endsWith('[]')

function matching(subject: Value, pattern: string, machine: Machine): Guards {
  return yes(marksOf(subject, patternFit(pattern, machine.language)))
}

/** `p.startsWith(root + sep)`, `url.startsWith("https://host/")`, `rel.startsWith("..")`. */
function starting(machine: Machine, subject: Value, prefix: Value): Guards {
  const text = constantText(prefix)
  if (text === '..' || text === '../') return no(marksOf(subject, FIT.path))
  if (text !== undefined && /^[a-z][\w+.-]*:\/\/[^/]+\/|^[a-z][\w+.-]*:\/\/[^/]+:\d+\//i.test(text))
    return yes(marksOf(subject, FIT.host))
  if (text !== undefined && /^[a-z][\w+.-]*:\/\//i.test(text)) return NONE
  const normal = subject.pieces.every((piece) => !isHole(piece) || piece.normal === true || piece.level <= LEVEL.config)
  return normal || machine.language === 'java' ? yes(marksOf(subject, FIT.path)) : NONE
}

function ending(subject: Value, suffix: Value): Guards {
  const text = constantText(suffix)
  const ofHost = subject.pieces.some((piece) => isHole(piece) && piece.aspect === 'host')
  const [head, ...rest] = suffix.pieces
  // `"." + domain`, with a domain of the operator's
  const known = text !== undefined || rest.every((piece) => !isHole(piece) || piece.level <= LEVEL.opaque)
  return known && typeof head === 'string' && head.startsWith('.') && ofHost ? yes(marksOf(subject, FIT.host)) : NONE
}

/** Compares two texts. */
const EQUALS =
  /^(?:equals|equalsIgnoreCase|EqualFold|eql\?|casecmp\?|isEqual|compare_digest|secure_compare|contentEquals|eq)$/
const CONTAINS =
  /^(?:includes|contains|Contains|include\?|has|member\?|key\?|has_key\?|hasOwnProperty|hasOwn|containsKey|some|any|ContainsKey|exists|Has|in_array)$/
const STARTS =
  /^(?:startsWith|startswith|start_with\?|HasPrefix|starts_with|hasPrefix|is_relative_to|relative_to|startWith)$/
const ENDS = /^(?:endsWith|endswith|end_with\?|HasSuffix)$/
const MATCHES =
  /^(?:test|match|match\?|fullmatch|MatchString|Match|matches|find|lookingAt|search|exec|matchEntire|=~|isMatch)$/
/** Helpers whose body is elsewhere. */
const CHECKERS =
  /^(?:is|are|has|can|check|assert|ensure|validate|verify|require|must|allowed?|within|inside)_?.*(?:allow|safe|valid|permit|trust|inside|within|contain|host|url|uri|path|origin|domain|whitelist|command|table|column|name|identifier|dir|root|private|internal|public|subpath|local)/i
const REFUSERS = /(?:private|internal|blocked|forbidden|unsafe|denied|outside|traversal|malicious|suspicious)/i

const OTHERS =
  /^(?:IsLocal|isdigit|isalnum|isnumeric|isdecimal|isidentifier|isinstance|isInteger|isSafeInteger|isUUID|isNaN)$/
const GO_PRIVATE =
  /^(?:IsPrivate|IsLoopback|IsLinkLocalUnicast|isSiteLocalAddress|isLoopbackAddress|isLinkLocalAddress|isAnyLocalAddress|private\?|loopback\?)$/
const SAYS: readonly RegExp[] = [GO_PRIVATE, EQUALS, CONTAINS, STARTS, ENDS, MATCHES, CHECKERS, OTHERS]

function called(machine: Machine, test: Expr & { readonly k: 'call' }, scope: Scope): Guards {
  const name = nameOf(test.callee) ?? ''
  const each = quantified(machine, test, scope, guardsOf)
  if (each !== undefined) return yes(each)
  const local = machine.functionOf(test.callee, scope)
  if (local === undefined && !SAYS.some((pattern) => pattern.test(name))) return NONE
  const given = argumentsOf(machine, test.args, scope)
  const receiver = test.callee.k === 'member' ? machine.evaluate(test.callee.object, scope) : undefined
  const first = positional(given, 0)
  const second = positional(given, 1)
  const isModule =
    receiver?.path !== undefined &&
    /^(?:re|regex|re2|strings|slices|regexp|Pattern|Object|os\.path|path\/filepath|Arrays|lodash|_|path|bytes|maps|StringUtils|Objects|Regexp|golang\.org\/x\/exp\/(?:slices|maps)|lo|github\.com\/samber\/lo)$/.test(
      receiver.path,
    )
  const [subject, other] = isModule || receiver === undefined ? [first, second] : [receiver, first]
  if (local !== undefined) {
    const found = through(machine, local, given)
    if (found !== NONE) return found
  }
  if (EQUALS.test(name) && subject !== undefined && other !== undefined) return same(subject, other)
  if (CONTAINS.test(name) && subject !== undefined && other !== undefined) {
    const collection =
      test.callee.k === 'member' && !isModule ? nameOf(test.callee.object) : nameOf(test.args[0]?.value ?? test)
    return contained(other, subject, collection)
  }
  if (STARTS.test(name) && subject !== undefined && other !== undefined) {
    return name === 'is_relative_to' || name === 'relative_to'
      ? yes(marksOf(subject, FIT.path))
      : starting(machine, subject, other)
  }
  if (GO_PRIVATE.test(name) && receiver !== undefined) return no(marksOf(receiver, FIT.host))
  if (ENDS.test(name) && subject !== undefined && other !== undefined) return ending(subject, other)
  if (name === 'IsLocal' && first !== undefined) return yes(marksOf(first, FIT.path))
  if (
    name === 'isdigit' ||
    name === 'isalnum' ||
    name === 'isnumeric' ||
    name === 'isdecimal' ||
    name === 'isidentifier'
  )
    return subject === undefined ? NONE : yes(marksOf(subject, FIT.all))
  if (
    (name === 'isinstance' ||
      name === 'isInteger' ||
      name === 'isSafeInteger' ||
      name === 'isUUID' ||
      name === 'isNaN') &&
    first !== undefined
  )
    return name === 'isinstance' && !/^(?:int|float|bool)$/.test(second?.path ?? '')
      ? NONE
      : name === 'isNaN'
        ? no(marksOf(first, FIT.all))
        : yes(marksOf(first, FIT.all))
  if (MATCHES.test(name)) {
    const pattern = receiver?.pattern ?? first?.pattern ?? constantText(first ?? textValue(''))
    const text =
      receiver?.path === 'RegExp().matcher()'
        ? receiver.made?.[0]?.value
        : receiver?.pattern !== undefined || receiver?.path === 'RegExp()'
          ? first
          : isModule || receiver === undefined
            ? second
            : receiver
    const anchored =
      name === 'fullmatch' || name === 'matches'
        ? `^(?:${pattern})$`
        : name === 'match' && machine.language === 'python'
          ? `^${pattern?.replace(/^(?:\^|\\A)/, '') ?? ''}`
          : pattern
    if (anchored !== undefined && text !== undefined) return matching(text, anchored, machine)
  }
  if (local === undefined && CHECKERS.test(name)) {
    const marks = [...given.map(({ value }) => value)].flatMap((value) => marksOf(value, FIT.all))
    return REFUSERS.test(name) ? no(marks) : yes(marks)
  }
  return NONE
}

/** A function of the text that says yes, or gives something, only where its argument is fit. */
function through(
  machine: Machine,
  { fn, scope }: { readonly fn: Func; readonly scope: Scope },
  given: Parameters<typeof positional>[0],
): Guards {
  const { state } = machine
  if (machine.depth > 3 || !mayCheck(fn)) return NONE
  const inner = new Scope(scope, true)
  const keys = new Set(given.flatMap(({ value }) => marksOf(value, FIT.all)).map(({ key }) => key))
  if (keys.size === 0) return NONE
  const before = new Map([...keys].map((key) => [key, state.fitOf(key)]))
  const ways: Map<string, number>[] = []
  state.branch([
    () => {
      const start = fn.own === undefined ? 0 : 1
      fn.params.forEach((param, i) => {
        const label = param.target.k === 'name' ? param.target.name : undefined
        const value =
          i < start
            ? SELF
            : (given.find(({ name }) => name !== undefined && name === label)?.value ?? positional(given, i - start))
        if (value !== undefined) machine.assign(param.target, value, inner, NO_PLACE, true)
      })
      machine.nested(() =>
        machine.watched(fn.body, inner, (expr, at) => {
          const first = expr?.k === 'list' ? expr.items[0] : expr
          const last = expr?.k === 'list' ? expr.items.at(-1) : undefined
          if ((first !== undefined && saysNo(first)) || (last?.k === 'truth' && !last.value)) return
          const way = new Map([...keys].map((key) => [key, state.fitOf(key) & ~(before.get(key) ?? 0)]))
          for (const { key, fit } of first === undefined ? [] : guardsOf(machine, first, at).yes)
            way.set(key, (way.get(key) ?? 0) | fit)
          ways.push(way)
        }),
      )
      return true
    },
    () => false,
  ])
  const [one, ...others] = ways
  if (one === undefined) return NONE
  const marks = [...one].flatMap(([key, fit]): readonly Mark[] => {
    const bits = others.reduce((all, way) => all & (way.get(key) ?? 0), fit)
    return bits === 0 ? [] : [{ key, fit: bits }]
  })
  return yes(marks)
}

/** Whether a function has a test at all, remembered: most have none that says anything of their arguments. */
const CHECKS = new WeakMap<Func, boolean>()

function mayCheck(fn: Func): boolean {
  const known = CHECKS.get(fn)
  if (known !== undefined) return known
  const found = hasTest(fn.body)
  CHECKS.set(fn, found)
  return found
}

const hasTest = (body: readonly Stmt[]): boolean =>
  body.some((one) => {
    switch (one.k) {
      case 'if':
      case 'switch':
      case 'assert':
        return true
      case 'return':
        return one.value !== undefined && RETURNED.has(one.value.k)
      case 'loop':
      case 'block':
      case 'try':
        return hasTest(one.body)
      default:
        return false
    }
  })
const RETURNED: ReadonlySet<Expr['k']> = new Set(['compare', 'and', 'or', 'not', 'call', 'choice'])

const NO_PLACE: Expr = { k: 'nothing', at: 0, end: 0 }
const saysNo = (expr: Expr): boolean =>
  expr.k === 'nothing' || (expr.k === 'truth' && !expr.value) || (expr.k === 'text' && expr.value === '')
