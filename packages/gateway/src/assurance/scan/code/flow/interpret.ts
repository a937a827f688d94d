import type { Expr, Func, Language, Member, Param, SourceUnit, Target } from '../syntax.ts'
import type { NameModel } from '../models/names.ts'
import { evaluate, nameValue } from './evaluate.ts'
import { positional, restOf } from './given.ts'
import type { Machine, Watcher } from './machine.ts'
import { element, keyed, memberOf } from './members.ts'
import { patternFit } from './pattern-fit.ts'
import { CONSTRUCTOR, runBody } from './run.ts'
import { ofObject } from './setup.ts'
import { Scope, State } from './scope.ts'
import {
  alternatives,
  changed,
  either,
  FIT,
  fitFor,
  holeOf,
  holesOf,
  LEVEL,
  NOTHING,
  numberValue,
  SELF,
  textValue,
  valueOf,
  withField,
  type Closure,
  type Given,
  type Level,
  type Value,
} from './value.ts'

const DEEPEST_CALL = 4
/** Statements that are run again for callers, by the size of the text: following a value through calls is not without end. */
const LEAST_ENTERED = 600
const UNITS_PER_STEP = 40
/** Statements that one file may run: the text once, and functions for their callers. */
const STEPS_PER_FILE = 400_000
const PROVIDES = /(?:^|\.)(?:Depends|Security|Provide)$/
const HARMLESS_TYPE =
  /^(?:u?int\d*|long|Long|short|byte|double|float\d*|Integer|Double|Float|number|bool|boolean|Boolean|bigint|UUID|uuid\.UUID|literal|Literal|Enum|Date|datetime|date|Decimal|size_t|rune|time\.\w+|IPv4Address|Instant|LocalDate)$/
/** Decorators by which strangers call a function. */
const ENTRY =
  /(?:tool|route|get|post|put|patch|delete|websocket|command|resource|prompt|mapping|handler|view|action|task|on|event)\b/i

export interface Interpretation {
  /** False: the file was too much to follow to its end. */
  readonly complete: boolean
  readonly escaped: ReadonlySet<Func>
  readonly called: ReadonlySet<Func>
  /** What a source has been checked for, anywhere. */
  readonly checkedFor: (key: string) => number
}

/** Follows the values of a file and shows the watcher each call and each named value. Bounded in steps and depth. */
export function interpret(unit: SourceUnit, language: Language, names: NameModel, watcher: Watcher): Interpretation {
  const root = new Scope()
  const waiting: Closure[] = []
  const seen = new Set<Func>()
  const done = new Set<Func>()
  const active: Func[] = []
  /** A call is looked at more than once: for its value, and for what it shows. */
  const values = new Map<Expr, { readonly scope: Scope; readonly version: number; readonly value: Value }>()
  let steps = 0
  let entered = 0
  const budget = LEAST_ENTERED + unit.size / UNITS_PER_STEP
  let complete = true
  /** Whose parameter a function is given where its caller is not followed into it; undefined: what strangers choose. */
  const passedOn = new Map<Func | undefined, Set<Func>>()
  const machine: Machine = {
    language,
    names,
    state: new State(),
    root,
    watcher,
    purposes: [],
    escaped: new Set(),
    called: new Set(),
    enums: new Set(),
    shapes: new Map(),
    classes: new Map(),
    tests: new Map(),
    evaluate: (expr, scope) => {
      if (expr.k !== 'call') return evaluate(machine, expr, scope)
      const { state } = machine
      const known = values.get(expr)
      if (known !== undefined && known.scope === scope && known.version === state.version) return known.value
      const value = evaluate(machine, expr, scope)
      values.set(expr, { scope, version: state.version, value })
      return value
    },
    run: (body, scope) => runBody(machine, body, scope, () => undefined),
    sees: undefined,
    labels: new Map(),
    watched: (body, scope, sees) => {
      if (entered > budget) return
      const [before, start] = [machine.sees, steps]
      machine.sees = sees
      if (!runBody(machine, body, scope, () => undefined)) sees(undefined, scope)
      machine.sees = before
      entered += steps - start
    },
    step: () => {
      if (++steps <= STEPS_PER_FILE) return true
      complete = false
      return false
    },
    get depth() {
      return active.length
    },
    nested: (run) => {
      active.push(NO_FUNCTION)
      run()
      active.pop()
    },
    later: (closure) => {
      if (seen.has(closure.fn)) return
      seen.add(closure.fn)
      waiting.push(closure)
    },
    enter,
    assign,
    typed,
    functionOf: (expr, scope) =>
      expr.k === 'name'
        ? scope.find(expr.name)?.closure
        : expr.k === 'member' && expr.object.k === 'name'
          ? memberOf(machine, evaluate(machine, expr.object, scope), expr.name).closure
          : undefined,
    calleeValue: (name, scope) => {
      const value = scope.find(name)
      return value?.closure === undefined ? nameValue(machine, name, scope) : value
    },
    evaluatedPath: (callee, scope) => {
      if (callee.k === 'name') return machine.calleeValue(callee.name, scope).path ?? `=${callee.name}`
      if (callee.k !== 'member') return '?'
      return memberOf(machine, evaluate(machine, callee.object, scope), callee.name).path ?? `?.${callee.name}`
    },
  }

  function enter(closure: Closure, given: readonly Given[], _at: number): Value | undefined {
    const { fn, scope } = closure
    if (active.includes(fn)) return undefined
    if (active.length >= DEEPEST_CALL || entered > budget) {
      for (const { value } of given)
        for (const { level, of } of holesOf(value)) if (level >= LEVEL.param) passOn(of, fn)
      return undefined
    }
    const before = steps
    done.add(fn)
    const inner = new Scope(scope, true)
    const start = fn.own === undefined ? 0 : 1
    fn.params.forEach((param, i) => {
      const name = param.target.k === 'name' ? param.target.name : undefined
      const passed =
        param.rest === true
          ? restOf(given, i - start)
          : (given.find((one) => one.name !== undefined && one.name === name)?.value ?? positional(given, i - start))
      const fallback = param.fallback === undefined ? undefined : evaluate(machine, param.fallback, scope)
      const value = passed ?? fallback ?? (i < start ? SELF : NOTHING)
      assign(param.target, typed(param.type ?? '', value) ?? withMembers(value, param.members ?? []), inner, HERE, true)
    })
    const result = runFunction(fn, inner)
    if (active.length === 0 || fn.name !== undefined) entered += steps - before
    return result
  }

  function runFunction(fn: Func, scope: Scope): Value {
    const returned: Value[] = []
    const outer = machine.purposes.splice(
      0,
      machine.purposes.length,
      ...(fn.name === undefined
        ? [...machine.purposes, ...labelOf(fn)]
        : namesOf(fn, machine.classes.get(fn) ?? root.find('#package')?.path)),
    )
    active.push(fn)
    const { sees } = machine
    machine.sees = undefined
    runBody(machine, fn.body, scope, (value) => {
      if (returned.length < 12) returned.push(value)
    })
    active.pop()
    machine.sees = sees
    machine.purposes.splice(0, machine.purposes.length, ...outer)
    return either(returned)
  }

  function labelOf(fn: Func): readonly string[] {
    const label = machine.labels.get(fn)
    return label === undefined ? [] : [label]
  }

  /** A function by itself, called by somebody else. */
  function alone({ fn, scope }: Closure): void {
    const inner = new Scope(scope, true)
    const entry = fn.decorators.some((decorator) => ENTRY.test(nameIn(decorator)))
    fn.params.forEach((param, i) => {
      const name = param.target.k === 'name' ? param.target.name : `${i}`
      const level: Level = entry ? LEVEL.input : LEVEL.param
      const own = fn.own === name
      const made: Value = own
        ? SELF
        : (provided(param, scope) ?? withDefault(param, paramValue(fn, name, level, machine), scope))
      assign(param.target, typed(param.type ?? '', made) ?? withMembers(made, param.members ?? []), inner, HERE, true)
    })
    // what a constructor refuses no method of its object sees
    if (CONSTRUCTOR.test(fn.name ?? '') || machine.classes.get(fn) === fn.name) runFunction(fn, inner)
    else machine.state.apart(() => runFunction(fn, inner))
  }

  /** What a caller passes, or what stands in for it. */
  function withDefault({ fallback }: Param, value: Value, scope: Scope): Value {
    if (fallback === undefined || fallback.k !== 'text') return value
    return either([value, evaluate(machine, fallback, scope)])
  }

  /** What a framework calls another function for: `path: str = Depends(checked_path)`. */
  function provided({ fallback }: Param, scope: Scope): Value | undefined {
    const fit = fallback?.k === 'call' ? constrained(fallback) : 0
    if (fit !== 0) return valueOf([holeOf(LEVEL.input, `provided@${fallback?.at ?? 0}`, [], fit)])
    if (fallback?.k !== 'call' || !PROVIDES.test(nameIn(fallback.callee))) return undefined
    const [argument] = fallback.args
    const closure = argument === undefined ? undefined : machine.functionOf(argument.value, scope)
    if (closure === undefined) return valueOf([holeOf(LEVEL.opaque, `provided@${fallback.at}`)])
    const given = closure.fn.params.map((param, i): Given => {
      const name = param.target.k === 'name' ? param.target.name : `${i}`
      const made = provided(param, closure.scope) ?? paramValue(closure.fn, name, LEVEL.input, machine)
      return { name, value: typed(param.type ?? '', made) ?? made }
    })
    return enter(closure, given, fallback.at)
  }

  /** `name: str = Path(pattern="^[a-z]+$")` */
  function constrained({ callee, args }: Expr & { readonly k: 'call' }): number {
    if (!/(?:^|\.)(?:Path|Query|Body|Form|Header|Cookie|Field)$/.test(nameIn(callee))) return 0
    const pattern = args.find(({ name }) => name === 'pattern' || name === 'regex')?.value
    return pattern?.k === 'text' ? patternFit(pattern.value, language) : 0
  }

  function typed(type: string, value: Value): Value | undefined {
    if (type === '') return undefined
    if (HARMLESS_TYPE.test(type)) return fitFor(value, FIT.all)
    if (value.fields !== undefined || value.items !== undefined || value.closure !== undefined) return undefined
    if (value.path !== undefined && value.path.endsWith('()')) return undefined
    const [first = '', ...rest] = type.split('.')
    const declared = root.find(first)
    if (declared?.path !== undefined && machine.enums.has(declared.path)) {
      const members = [...(declared.fields?.values() ?? [])]
      return members.length === 0 ? fitFor(value, FIT.all) : either(members)
    }
    if (machine.enums.has(`=${first}`)) return fitFor(value, FIT.all)
    const known = declared?.path ?? machine.names.undeclared(first).path
    const made: Value = changed(value, { path: `${machine.names.canonical([known, ...rest].join('.'))}()` })
    return withMembers(made, machine.shapes.get(type) ?? [])
  }

  /** The same, with the members that are numbers or fixed words. */
  function withMembers(value: Value, members: readonly Member[]): Value {
    const harmless = members.filter(([, type]) => HARMLESS_TYPE.test(type) || machine.enums.has(`=${type}`))
    if (harmless.length === 0) return value
    const fields = harmless.map(([name]) => [name, fitFor(memberOf(machine, value, name), FIT.all)] as const)
    return changed(value, { fields: new Map(fields) })
  }

  function assign(target: Target, value: Value, scope: Scope, expr: Expr, declares: boolean): void {
    switch (target.k) {
      case 'name': {
        const holder = declares ? scope : (scope.holder(target.name) ?? scope.own)
        machine.state.set(holder, target.name, value)
        return
      }
      case 'parts': {
        for (const { key, target: inner, fallback } of target.parts) {
          const part =
            key === undefined
              ? element(value, expr.at)
              : typeof key === 'number'
                ? value.others === undefined
                  ? itemAt(value, key)
                  : either(alternatives(value).map((one) => itemAt(one, key)))
                : memberOf(machine, value, key)
          const other = fallback === undefined ? undefined : evaluate(machine, fallback, scope)
          if (fallback !== undefined && other !== undefined && inner.k === 'name')
            watcher.named({ name: inner.name, value: other, how: 'bind', expr: fallback })
          assign(inner, other === undefined ? part : either([part, other]), scope, expr, declares)
        }
        return
      }
      case 'place':
        assignPlace(target.place, value, scope)
    }
  }

  function assignPlace(place: Expr, value: Value, scope: Scope): void {
    if (place.k !== 'member' && place.k !== 'index') return
    const key = place.k === 'member' ? textValue(place.name) : evaluate(machine, place.key, scope)
    const name = key.pieces.length === 1 && typeof key.pieces[0] === 'string' ? key.pieces[0] : undefined
    if (name === undefined) return
    const { object } = place
    if (object.k !== 'name') return
    if (evaluate(machine, object, scope).path === 'this') {
      const kept = ofObject(value)
      machine.state.set(root, `this.${name}`, kept)
      // fields that are named without their object
      const owner = scope.own.outer
      if (language === 'java' && owner?.names.has(name) === true) machine.state.set(owner, name, kept)
      return
    }
    if (value.closure !== undefined) machine.escaped.add(value.closure.fn)
    const before = scope.find(object.name)
    if (before === undefined) return
    machine.state.set(scope.holder(object.name) ?? scope, object.name, withField(before, name, value))
  }

  runBody(machine, unit.body, root, () => undefined)
  for (let next = waiting.shift(); next !== undefined && complete; next = waiting.shift()) {
    if (done.has(next.fn) && next.fn.name === undefined) continue
    alone(next)
  }
  openPassedOn()
  return {
    complete,
    escaped: machine.escaped,
    called: machine.called,
    checkedFor: (key) => machine.state.everFitOf(key),
  }

  function passOn(from: Func | undefined, to: Func): void {
    const known = passedOn.get(from)
    if (known === undefined) passedOn.set(from, new Set([to]))
    else known.add(to)
  }

  /** What strangers reach by calls that were not followed is called by strangers. */
  function openPassedOn(): void {
    const { escaped, called } = machine
    const open = [...passedOn.keys()].filter((from) => from === undefined || escaped.has(from) || !called.has(from))
    while (open.length > 0) {
      const from = open.pop()
      for (const to of passedOn.get(from) ?? []) {
        escaped.add(to)
        open.push(to)
      }
      passedOn.delete(from)
    }
  }

  function itemAt(value: Value, index: number): Value {
    return value.items === undefined ? indexed(value, index) : (value.items[index] ?? NOTHING)
  }

  /** The first of several results is the value, the others are its error or its truth. */
  function indexed(value: Value, index: number): Value {
    return value.made !== undefined && language === 'go'
      ? index === 0 || (index === 1 && GIVES_TWO.test(value.path ?? ''))
        ? value
        : NOTHING
      : keyed(machine, value, numberValue(index), index)
  }
}

/** What a function is for: its name, and that of its class where its own says little. */
const namesOf = ({ name = '' }: Func, owner: string | undefined): readonly string[] =>
  owner !== undefined && MAKES.test(name) ? [owner, name] : [name]
const MAKES = /^(?:next|generate|create|make|new|get|build|issue|random|call|value|fresh|of|produce|mint)\w*$/i

/** Functions of Go whose second result is of use too. */
const GIVES_TWO = /(?:FormFile|Cut|CutPrefix|CutSuffix|SplitHostPort|Split|BasicAuth)\(\)$/

const HERE: Expr = { k: 'nothing', at: 0, end: 0 }
const NO_FUNCTION: Func = { params: [], body: [], decorators: [], open: false, at: -1, end: -1 }

function paramValue(fn: Func, name: string, level: Level, machine: Machine): Value {
  const key = `${name}@${fn.at}`
  const source = machine.names.sourceLevel(name)
  return valueOf([holeOf(source ?? level, key, [], FIT.nothing, fn)], name)
}

function nameIn(expr: Expr): string {
  if (expr.k === 'name') return expr.name
  if (expr.k === 'member') return `${nameIn(expr.object)}.${expr.name}`
  return expr.k === 'call' ? nameIn(expr.callee) : ''
}
