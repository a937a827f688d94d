import type { Expr, Member, Stmt, Target } from '../syntax.ts'
import { seeAs } from './calls.ts'
import { isFedShell } from './fed-shell.ts'
import { argumentsOf } from './given.ts'
import { applyMarks, guardsOf, type Guards } from './guards.ts'
import type { Machine } from './machine.ts'
import { element } from './members.ts'
import { Scope } from './scope.ts'
import { ofObject } from './setup.ts'
import {
  acceptsAll,
  changed,
  constantText,
  FIT,
  holeOf,
  holesOf,
  join,
  LEVEL,
  MEASURE,
  SELF,
  valueOf,
  withField,
  type Value,
} from './value.ts'

/** Calls that do not come back. */
const ENDS =
  /^(?:sys\.exit|os\._exit|exit|quit|process\.exit|process\.abort|os\.Exit|log\.Fatal\w*|log\.Panic\w*|panic|abort|die|raise|System\.exit|notFound|redirect|flask\.abort|\?\.(?:Fatal\w*|AbortWithStatus\w*|sendError)|Deno\.exit|(?:ctx|c|context|\?|koa|it|self|this|http_?[eE]rrors?|[\w./@-]*Context\(\))\.throw|(?:bottle|quart|werkzeug|werkzeug\.exceptions|flask_restful|flask_restx|flask_smorest)\.abort|@sveltejs\/kit\.error|fail|halt|http\.Error0)$/
/** The last part of one of them. */
const MAY_END =
  /^(?:_?[eE]xit|throw|quit|abort|Abort\w*|Fatal\w*|Panic\w*|panic|die|raise|notFound|redirect|sendError|fail|halt|error)$/
/** What may be a test. */
const TESTS: ReadonlySet<Expr['k']> = new Set(['call', 'compare', 'not', 'and', 'or'])
const NO_GUARDS: Guards = { yes: [], no: [] }
const MUTATORS =
  /^(?:append|push|add|extend|insert|unshift|addAll|concat!|WriteString|write|prepend|<<|push_back|appendleft|update)$/

/** Goes on only where its argument holds. */
const ASSERTS = /^(?:assert|ok|invariant|checkArgument|checkState|isTrue|require|precondition|ensure|True|strictEqual)$/
/** Says which classes a loader may make. */
const HARDENS =
  /^(?:setObjectInputFilter|accept|setRegistrationRequired|allowTypes|allowTypesByWildcard|allowTypeHierarchy|addPermission)$/

/** Runs statements; true when what follows them is not reached. */
export function runBody(
  machine: Machine,
  body: readonly Stmt[],
  scope: Scope,
  returns: (value: Value) => void,
): boolean {
  hoist(machine, body, scope)
  for (const statement of body) {
    if (!machine.step()) return true
    if (runOne(machine, statement, scope, returns)) return true
  }
  return false
}

/** Functions may be called before the place where they are written. */
function hoist(machine: Machine, body: readonly Stmt[], scope: Scope): void {
  for (const statement of body) {
    if (statement.k !== 'define' || scope.names.has(statement.name)) continue
    const closure = { fn: statement.fn, scope }
    machine.state.declare(scope, statement.name, valueOf([], `=${statement.name}`, { closure }))
    noteEmpty(machine, statement)
    if (statement.fn.open && !CONSTRUCTOR.test(statement.name)) machine.escaped.add(statement.fn)
    machine.later(closure)
  }
}

/** Called by making an object of its class. */
export const CONSTRUCTOR = /^(?:__init__|constructor|initialize)$/

/** A function that does nothing, or says yes to all: of some names that is a finding. */
function noteEmpty(machine: Machine, { name, fn, at, end }: Stmt & { readonly k: 'define' }): void {
  const path = `${acceptsAll(fn) ? '!yes' : fn.body.length === 0 ? '!nothing' : ''}.${name}`
  if (!path.startsWith('.'))
    machine.watcher.call({ language: machine.language, path, name, given: [], at, end, purposes: machine.purposes })
}

function runOne(machine: Machine, statement: Stmt, scope: Scope, returns: (value: Value) => void): boolean {
  const run = (body: readonly Stmt[], inner: Scope): boolean => runBody(machine, body, inner, returns)
  switch (statement.k) {
    case 'import':
      machine.state.set(scope.own, statement.name, imported(machine, statement.path))
      return false
    case 'define':
      for (const decorator of statement.fn.decorators) machine.evaluate(decorator, scope)
      for (const { fallback, target } of statement.fn.params) {
        if (fallback === undefined || target.k !== 'name') continue
        const value = machine.evaluate(fallback, scope)
        machine.watcher.named({ name: target.name, value, how: 'bind', expr: fallback })
      }
      return false
    case 'shape':
      machine.shapes.set(statement.name, statement.members)
      return false
    case 'class': {
      machine.shapes.set(statement.name, membersOf(statement.body))
      const bases = statement.bases.map((base) => ({ value: machine.evaluate(base, scope) }))
      const inner = new Scope(scope, true)
      run(statement.body, inner)
      const value = valueOf([holeOf(LEVEL.config, `~${statement.name}`)], `=${statement.name}`, {
        made: bases.length === 0 ? undefined : bases,
        fields: new Map([...inner.names].filter(([, held]) => held.closure === undefined)),
      })
      machine.state.set(scope.own, statement.name, value)
      noteMembers(machine, statement, inner)
      return false
    }
    case 'bind':
      bind(machine, statement, scope)
      return false
    case 'do':
      return runCall(machine, statement.value, scope)
    case 'return': {
      if (statement.value !== undefined) {
        const value = machine.evaluate(statement.value, scope)
        const name = machine.purposes.at(-1)
        if (name !== undefined && statement.value.k === 'text')
          machine.watcher.named({ name, value, how: 'bind', expr: statement.value })
        returns(value)
      }
      machine.sees?.(statement.value, scope)
      return true
    }
    case 'leave':
      if (statement.value !== undefined) machine.evaluate(statement.value, scope)
      return true
    case 'assert':
      machine.evaluate(statement.test, scope)
      applyMarks(machine, guardsOf(machine, statement.test, scope).yes)
      return false
    case 'block':
      return run(statement.body, new Scope(scope))
    case 'if': {
      machine.evaluate(statement.test, scope)
      const { yes, no } = guardsOf(machine, statement.test, scope)
      let all = true
      machine.state.branch([
        () => {
          applyMarks(machine, yes)
          const leaves = run(statement.body, new Scope(scope))
          all &&= leaves
          return leaves
        },
        () => {
          applyMarks(machine, no)
          const leaves = run(statement.otherwise, new Scope(scope))
          all &&= leaves
          return leaves
        },
      ])
      return all
    }
    case 'loop': {
      const inner = new Scope(scope)
      if (statement.target !== undefined && statement.over !== undefined) {
        const over = machine.evaluate(statement.over, scope)
        machine.assign(statement.target, element(over, statement.at), inner, statement.over, true)
      } else if (statement.over !== undefined) machine.evaluate(statement.over, scope)
      if (statement.test !== undefined) {
        machine.evaluate(statement.test, inner)
        applyMarks(machine, guardsOf(machine, statement.test, inner).yes)
      }
      // what a loop checks of each is known of all afterwards
      run(statement.body, inner)
      return false
    }
    case 'switch':
      return runSwitch(machine, statement, scope, run)
    case 'try': {
      const ended = run(statement.body, new Scope(scope))
      let all = ended
      const handled = statement.handlers.map((handler) => (): boolean => {
        const leaves = run(handler, new Scope(scope))
        all &&= leaves
        return leaves
      })
      if (handled.length > 0) machine.state.branch([...handled, () => false])
      return all
    }
  }
}

/** Members that a class declares with a type. */
const membersOf = (body: readonly Stmt[]): readonly Member[] =>
  body.flatMap((one): readonly Member[] =>
    one.k === 'bind' && one.target.k === 'name' && one.type !== undefined ? [[one.target.name, one.type]] : [],
  )

/** What the object of a class has: fields and methods, by the class and, where no other class has the same, by `this`. */
function noteMembers(machine: Machine, { name: owner, bases }: Stmt & { readonly k: 'class' }, inner: Scope): void {
  const { root, state } = machine
  const named = bases.map((base) => (base.k === 'name' || base.k === 'member' ? base.name : ''))
  if (named.some((base) => ENUM_BASE.test(base))) {
    machine.enums.add(`=${owner}`)
    // its objects are made here and nowhere else
    const { closure } = inner.names.get(owner) ?? {}
    if (closure !== undefined) {
      machine.called.add(closure.fn)
      machine.escaped.delete(closure.fn)
    }
  }
  if (named.some((base) => base.endsWith('RequestHandler'))) {
    state.declare(root, 'this.path', valueOf([holeOf(LEVEL.input, 'self.path')], 'self.path'))
  }
  for (const [name, held] of inner.names) {
    const value = held.free ? ofObject(held) : held
    if (value.closure !== undefined) {
      state.declare(root, `#${owner}.${name}`, value)
      machine.classes.set(value.closure.fn, owner)
    }
    const before = root.names.get(`this.${name}`)
    if (before === undefined) state.declare(root, `this.${name}`, value)
    else if (value.closure !== undefined && before.closure?.fn !== value.closure.fn)
      state.declare(root, `this.${name}`, changed(SELF, { path: `this.${name}` }))
  }
}

const ENUM_BASE = /^(?:Str|Int)?(?:Enum|Flag|Choices|TextChoices|IntegerChoices)$/

function imported(machine: Machine, path: string): Value {
  const full = machine.names.canonical(path)
  return valueOf([holeOf(LEVEL.config, `~${full}`)], full)
}

function bind(machine: Machine, statement: Stmt & { readonly k: 'bind' }, scope: Scope): void {
  const { target, how } = statement
  const name = target.k === 'name' ? target.name : target.k === 'place' ? placeName(target.place) : undefined
  const depth = machine.purposes.length
  if (name !== undefined) machine.purposes.push(name)
  if (name !== undefined && statement.value.k === 'function') machine.labels.set(statement.value.fn, name)
  let value = machine.evaluate(statement.value, scope)
  machine.purposes.length = depth
  if (name !== undefined) {
    machine.watcher.named({ name, value, how: 'bind', expr: statement.value })
    const guards = TESTS.has(statement.value.k) ? guardsOf(machine, statement.value, scope) : NO_GUARDS
    if (guards.yes.length + guards.no.length > 0) machine.tests.set(name, guards)
  } else if (target.k === 'parts' && statement.value.k === 'index') {
    // `_, ok := allowed[x]`
    const second = target.parts[1]?.target
    if (second?.k === 'name') machine.tests.set(second.name, guardsOf(machine, statement.value, scope))
  }
  if (target.k === 'place' && target.place.k === 'member') {
    seeMember(machine, target.place, value, scope)
    if (SAFE_SETTING.test(`${target.place.name}=${value.path ?? ''}`)) harden(machine, target.place.object, scope)
  }
  const kept = keptDefault(value)
  if (name !== undefined && kept !== undefined)
    machine.watcher.named({ name, value: kept, how: 'bind', expr: statement.value })
  if (how !== 'set') value = afterwards(machine, target, value, how, scope)
  const type = statement.type === undefined ? undefined : machine.typed(statement.type, value)
  const declares = statement.declares !== undefined
  machine.assign(target, type ?? value, scope, statement.value, declares)
}

/** Declares a field of a class by a call: `token: str = field(default="…")`. */
const FIELDS = /(?:^|[._])(?:field|Field|attrib|ib|mapped_column|Column|Factory)\(\)$/

/** The value that such a field has by itself. */
function keptDefault({ path, made }: Value): Value | undefined {
  if (made === undefined || path === undefined || !FIELDS.test(path)) return undefined
  return made.find(({ name }) => name === 'default')?.value
}

/** What a client of a proxy says. */
const SENT = /\b(?:Header|Query|FormValue|PathValue|Cookie|PostFormValue)\b/

/** What is given to a member decides what a shell reads, or where a proxy sends to. */
function seeMember(machine: Machine, place: Expr & { readonly k: 'member' }, value: Value, scope: Scope): void {
  if (machine.language !== 'go') return
  if (place.name === 'Stdin' && isFedShell(machine.evaluate(place.object, scope))) seeAs(machine, '|sh', value, place)
  // `r.URL.Host = r.Header.Get("…")`
  if (place.name === 'Host' && place.object.k === 'member' && place.object.name === 'URL')
    if (holesOf(value).some(({ level, key }) => level >= LEVEL.param && SENT.test(key)))
      seeAs(machine, '|host', value, place)
}

const placeName = (place: Expr): string | undefined =>
  place.k === 'member' ? place.name : place.k === 'index' && place.key.k === 'text' ? place.key.value : undefined

function afterwards(machine: Machine, target: Target, value: Value, how: 'append' | 'change', scope: Scope): Value {
  if (how === 'change') return MEASURE
  const before =
    target.k === 'name'
      ? scope.find(target.name)
      : target.k === 'place'
        ? machine.evaluate(target.place, scope)
        : undefined
  if (before === undefined) return value
  if (before.items !== undefined)
    return changed(before, { items: [...before.items, ...(value.items ?? [value])].slice(0, 64) })
  return join([before, value])
}

/** A call for its effect: it may check, end the function or change what it is called on. */
function runCall(machine: Machine, expr: Expr, scope: Scope): boolean {
  machine.evaluate(expr, scope)
  // `ok || return`, `check(x) && go()`: what comes after the sign may leave
  if (expr.k !== 'call') {
    if ((expr.k === 'or' || expr.k === 'and') && leaves(machine, expr.right)) {
      const guards = guardsOf(machine, expr.left, scope)
      applyMarks(machine, expr.k === 'or' ? guards.yes : guards.no)
    }
    return false
  }
  const name = expr.callee.k === 'name' || expr.callee.k === 'member' ? expr.callee.name : ''
  applyMarks(machine, guardsOf(machine, expr, scope).yes)
  const [claim] = expr.args
  if (claim !== undefined && ASSERTS.test(name) && TESTS.has(claim.value.k))
    applyMarks(machine, guardsOf(machine, claim.value, scope).yes)
  const off = claim?.value.k === 'truth' && !claim.value.value
  if (!off && HARDENS.test(name) && expr.callee.k === 'member') harden(machine, expr.callee.object, scope)
  if (expr.callee.k === 'member' && /^(?:set|put)$/.test(name)) putInto(machine, expr, scope)
  if (expr.callee.k === 'member' && MUTATORS.test(name)) mutate(machine, expr, scope)
  return MAY_END.test(name) && ENDS.test(machine.evaluatedPath(expr.callee, scope))
}

/** `tar.extraction_filter = tarfile.data_filter` */
const SAFE_SETTING = /^extraction_filter=.*(?:data|tar)_filter$/

/** From here on the object does nothing that its rule is about. */
function harden(machine: Machine, object: Expr, scope: Scope): void {
  if (object.k !== 'name') return
  const before = scope.find(object.name)
  if (before === undefined) return
  machine.state.set(scope.holder(object.name) ?? scope, object.name, changed(before, { path: '$hardened' }))
}

const leaves = (machine: Machine, expr: Expr): boolean =>
  expr.k === 'call' &&
  MAY_END.test(expr.callee.k === 'name' || expr.callee.k === 'member' ? expr.callee.name : '') &&
  ENDS.test(machine.evaluatedPath(expr.callee, machine.root))

const TABLE = /(?:^|\.)\w*Map\(\)$/

/** `table.set(key, value)` */
function putInto(machine: Machine, { callee, args }: Expr & { readonly k: 'call' }, scope: Scope): void {
  if (callee.k !== 'member' || callee.object.k !== 'name' || args.length !== 2) return
  const { name } = callee.object
  const before = scope.find(name)
  if (before === undefined || (before.fields === undefined && !TABLE.test(before.path ?? ''))) return
  const [key, value] = argumentsOf(machine, args, scope)
  if (key === undefined || value === undefined) return
  const field = constantText(key.value) ?? `*${before.fields?.size ?? 0}`
  const filled = withField(changed(before, { pieces: [] }), field, value.value)
  machine.state.set(scope.holder(name) ?? scope, name, filled)
}

/** `list.append(x)`, `sb.append("…").append(x)`. */
function mutate(machine: Machine, expr: Expr, scope: Scope): void {
  const added: Value[] = []
  let at: Expr = expr
  while (at.k === 'call' && at.callee.k === 'member') {
    const values = argumentsOf(machine, at.args, scope).map((given) => given.value)
    added.unshift(...values)
    at = at.callee.object
  }
  if (at.k !== 'name' && at.k !== 'member') return
  const before = at.k === 'name' ? scope.find(at.name) : machine.root.find(`this.${at.name}`)
  if (before === undefined) return
  const now =
    before.items !== undefined ||
    before.path?.match(/(?:List|Set|list|set|Array)\(\)$|^(?:Set|Array)\.new(?:\(\))?$/) != null
      ? changed(before, {
          items: [...(before.items ?? []), ...added.flatMap((one) => one.items ?? [one])].slice(0, 64),
        })
      : changed(before, {
          pieces: join([
            before.made === undefined ? before : join((before.made ?? []).map((one) => one.value)),
            ...added,
          ]).pieces,
        })
  if (at.k === 'name') machine.state.set(scope.holder(at.name) ?? scope, at.name, now)
  else if (machine.evaluate(at.object, scope).path === 'this')
    machine.state.set(machine.root, `this.${at.name}`, ofObject(now))
}

function runSwitch(
  machine: Machine,
  { subject, cases }: Stmt & { readonly k: 'switch' },
  scope: Scope,
  run: (body: readonly Stmt[], scope: Scope) => boolean,
): boolean {
  const value = subject === undefined ? undefined : machine.evaluate(subject, scope)
  let all = true
  const branches = cases.map(({ labels, body }) => (): boolean => {
    if (subject === undefined) {
      for (const label of labels) {
        machine.evaluate(label, scope)
        applyMarks(machine, guardsOf(machine, label, scope).yes)
      }
    } else if (
      value !== undefined &&
      labels.length > 0 &&
      labels.every((label) => isFixedLabel(machine, label, scope))
    ) {
      for (const hole of holesOf(value)) {
        const keys = hole.aspect === 'member' || hole.aspect === 'part' ? [hole.key] : [hole.key, ...hole.from]
        for (const key of keys) machine.state.mark(key, hole.aspect === 'host' ? FIT.host : FIT.all)
      }
    }
    const leaves = run(body, new Scope(scope))
    all &&= leaves
    return leaves
  })
  const hasDefault = cases.some(({ labels }) => labels.length === 0)
  if (!hasDefault) all = false
  machine.state.branch(hasDefault ? branches : [...branches, () => false])
  return all
}

/** A word, not a pattern that lets anything through. */
function isFixedLabel(machine: Machine, label: Expr, scope: Scope): boolean {
  const text = constantText(machine.evaluate(label, scope))
  return text !== undefined && !/[*?]/.test(machine.language === 'bash' ? text : '')
}
