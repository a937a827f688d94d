import type { Expr } from '../syntax.ts'
import { evaluateCall } from './calls.ts'
import { argumentsOf } from './given.ts'
import { fill } from './fill.ts'
import { element, keyed, memberOf } from './members.ts'
import { patternFit } from './pattern-fit.ts'
import { withChecks } from './checks.ts'
import { guardsOf, applyMarks } from './guards.ts'
import type { Machine } from './machine.ts'
import { Scope } from './scope.ts'
import {
  asText,
  changed,
  constantText,
  derived,
  either,
  FIT,
  fitFor,
  holeOf,
  join,
  LEVEL,
  listValue,
  MEASURE,
  MOST_FIELDS,
  NOTHING,
  numberValue,
  SELF,
  textValue,
  truthValue,
  valueOf,
  type Value,
} from './value.ts'

/** The value of an expression, as far as the text tells. */
export function evaluate(machine: Machine, expr: Expr, scope: Scope): Value {
  switch (expr.k) {
    case 'text':
      return textValue(expr.value)
    case 'number':
      return numberValue(expr.value)
    case 'truth':
      return truthValue(expr.value)
    case 'nothing':
      return NOTHING
    case 'pattern':
      return valueOf([''], 'RegExp()', { pattern: expr.source })
    case 'name':
      return nameValue(machine, expr.name, scope)
    case 'member':
      return memberOf(machine, machine.evaluate(expr.object, scope), expr.name)
    case 'index':
      return indexedValue(machine, expr, scope)
    case 'call':
      return evaluateCall(machine, expr, scope)
    case 'join':
      return join(expr.parts.map((part) => machine.evaluate(part, scope)))
    case 'tagged':
      return tagged(machine, expr, scope)
    case 'fill':
      return fill(machine.evaluate(expr.template, scope), argumentsOf(machine, expr.args, scope))
    case 'list':
      return listValue(expr.items.map((item) => machine.evaluate(item, scope)))
    case 'map':
      return mapValue(machine, expr, scope)
    case 'choice':
      return choice(machine, expr, scope)
    case 'and': {
      machine.evaluate(expr.left, scope)
      return underGuard(machine, expr.left, true, expr.right, scope)
    }
    case 'or': {
      const left = machine.evaluate(expr.left, scope)
      return either([left, underGuard(machine, expr.left, false, expr.right, scope)])
    }
    case 'not': {
      const { atom } = machine.evaluate(expr.operand, scope)
      return typeof atom === 'number' || typeof atom === 'boolean' ? truthValue(!atom) : MEASURE
    }
    case 'compare': {
      const [left, right] = [machine.evaluate(expr.left, scope), machine.evaluate(expr.right, scope)]
      noteComparison(machine, expr.left, right, expr)
      noteComparison(machine, expr.right, left, expr)
      return MEASURE
    }
    case 'measure':
      for (const part of expr.parts) machine.evaluate(part, scope)
      return MEASURE
    case 'function': {
      const closure = { fn: expr.fn, scope }
      machine.escaped.add(expr.fn)
      machine.later(closure)
      return valueOf([], undefined, { closure })
    }
    case 'set': {
      const value = machine.evaluate(expr.value, scope)
      machine.assign(expr.target, value, scope, expr.value, false)
      return value
    }
    case 'each': {
      const inner = new Scope(scope)
      let result: Value = NOTHING
      machine.state.branch([
        () => {
          for (const { target, over, tests } of expr.loops) {
            machine.assign(target, element(machine.evaluate(over, inner), over.at), inner, over, true)
            for (const test of tests) {
              machine.evaluate(test, inner)
              applyMarks(machine, guardsOf(machine, test, inner).yes)
            }
          }
          result = machine.evaluate(expr.body, inner)
          return true
        },
        () => false,
      ])
      return listValue([result])
    }
    case 'other':
      return derived(
        expr.parts.map((part) => machine.evaluate(part, scope)),
        `other@${expr.at}`,
        LEVEL.config,
      )
  }
}

function indexedValue(machine: Machine, expr: Expr & { readonly k: 'index' }, scope: Scope): Value {
  const [object, key] = [machine.evaluate(expr.object, scope), machine.evaluate(expr.key, scope)]
  // `text[/pattern/]` is what matches
  if (key.pattern !== undefined) return fitFor(asText(object), patternFit(key.pattern, machine.language))
  // `DB["SELECT …"]`
  if (machine.language === 'ruby' && key.pieces.length > 1 && object.path !== undefined) {
    const path = `${object.path}.fetch`
    const { at, end } = expr
    const site = { language: machine.language, path, name: 'fetch', given: [{ value: key }], receiver: object, at, end }
    machine.watcher.call({ ...site, purposes: machine.purposes })
  }
  return keyed(machine, object, key, expr.at)
}

export function nameValue(machine: Machine, name: string, scope: Scope): Value {
  const value = scope.find(name)
  if (value !== undefined) {
    if (value.closure !== undefined) machine.escaped.add(value.closure.fn)
    return withChecks(machine, value)
  }
  if (name === 'this') return SELF
  const { path, level, known } = machine.names.undeclared(name)
  const key = `~${path}`
  return valueOf([holeOf(level, key, [], machine.state.fitOf(key))], path, { free: !known })
}

/** Tags whose holes become bound parameters or single arguments. */
const BINDING_TAG =
  /(?:^|[.?])(?:sql|SQL|queryRaw|executeRaw|\$queryRaw|\$executeRaw|\$|execa|\$`|cypher|aql|gql|graphql|css|keyframes|styled|postgres)(?:\(\))?$/
const UNBINDING_TAG = /(?<!slonik\.sql\.)(?:unsafe|raw)$/i

function tagged(machine: Machine, expr: Expr & { readonly k: 'tagged' }, scope: Scope): Value {
  const tag = machine.evaluate(expr.tag, scope)
  const whole = join(expr.parts.map((part) => machine.evaluate(part, scope)))
  const path = tag.path ?? (expr.tag.k === 'name' ? expr.tag.name : '?')
  const name = path.slice(path.lastIndexOf('.') + 1)
  if (path === 'String.raw') return whole
  const binds = (BINDING_TAG.test(path) || path.startsWith('slonik.sql.')) && !UNBINDING_TAG.test(path)
  const text = binds ? fitFor(whole, FIT.sql | FIT.shell) : whole
  machine.watcher.call({
    language: machine.language,
    path,
    name,
    given: [{ value: text }],
    at: expr.at,
    end: expr.end,
    tagged: true,
    purposes: machine.purposes,
  })
  return binds ? changed(text, { path: `${path}()` }) : text
}

function mapValue(machine: Machine, expr: Expr & { readonly k: 'map' }, scope: Scope): Value {
  const fields = new Map<string, Value>()
  for (const { key, value } of expr.entries) {
    const name = key === undefined ? undefined : constantText(machine.evaluate(key, scope))
    if (name !== undefined) {
      machine.purposes.push(name)
      if (value.k === 'function') machine.labels.set(value.fn, name)
    }
    const result = machine.evaluate(value, scope)
    if (name !== undefined) {
      machine.purposes.pop()
      machine.watcher.named({ name, value: result, how: 'entry', expr: value })
      fields.set(name, result)
    } else if (key === undefined && result.fields !== undefined) {
      for (const [inner, field] of result.fields) {
        if (fields.size >= MOST_FIELDS) break
        fields.set(inner, field)
      }
    } else if (key === undefined) fields.set(`...${fields.size}`, result)
    else fields.set(`*${fields.size}`, result)
  }
  const path = expr.type === undefined ? undefined : typePath(machine, expr.type, scope)
  return valueOf([], path === undefined ? undefined : `${machine.names.canonical(path)}()`, { fields })
}

/** `http.Client` of a literal: the package is the one that was imported. */
function typePath(machine: Machine, type: string, scope: Scope): string {
  const [first = '', ...rest] = type.split('.')
  const known = scope.find(first)?.path ?? machine.names.undeclared(first).path
  return [known, ...rest].join('.')
}

function choice(machine: Machine, expr: Expr & { readonly k: 'choice' }, scope: Scope): Value {
  const { test } = expr
  if (test === undefined) return either(expr.options.map((option) => machine.evaluate(option, scope)))
  machine.evaluate(test, scope)
  const [first, second] = expr.options
  return either([
    ...(first === undefined ? [] : [underGuard(machine, test, true, first, scope)]),
    ...(second === undefined ? [] : [underGuard(machine, test, false, second, scope)]),
  ])
}

/** Evaluates where a test is known to hold, or not to. */
function underGuard(machine: Machine, test: Expr, holds: boolean, expr: Expr, scope: Scope): Value {
  const { yes, no } = guardsOf(machine, test, scope)
  const marks = holds ? yes : no
  if (marks.length === 0) return machine.evaluate(expr, scope)
  let result: Value = NOTHING
  machine.state.branch([
    () => {
      applyMarks(machine, marks)
      result = machine.evaluate(expr, scope)
      return true
    },
    () => false,
  ])
  return result
}

function noteComparison(machine: Machine, side: Expr, value: Value, expr: Expr & { readonly k: 'compare' }): void {
  if (expr.op !== 'equal' && expr.op !== 'unequal') return
  const name =
    side.k === 'name' || side.k === 'member'
      ? side.name
      : side.k === 'index' && side.key.k === 'text'
        ? side.key.value
        : undefined
  const text = constantText(value)
  if (name === undefined || text === undefined) return
  const literal = expr.left === side ? expr.right : expr.left
  // what a stranger sends is compared with what only a secret looks like
  machine.watcher.named({
    name: CHOSEN.test(text) ? 'secret' : name,
    value: asText(value),
    how: 'compare',
    expr: literal,
  })
}

const CHOSEN = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[!@#$%^&*])\S{8,64}$/
