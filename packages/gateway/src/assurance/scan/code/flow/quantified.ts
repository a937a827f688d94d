import type { Expr } from '../syntax.ts'
import type { Guards, Mark } from './guards.ts'
import type { Machine } from './machine.ts'
import { element } from './members.ts'
import { Scope } from './scope.ts'
import { holesOf, type Value } from './value.ts'

type GuardsOf = (machine: Machine, test: Expr, scope: Scope) => Guards

const ALL = /^(?:all|every|all\?|allMatch)$/
const ANY = /^(?:any|some|any\?|anyMatch|ContainsFunc|IndexFunc|find|detect)$/

/**
 * A test of each: `all(c.isalnum() for c in x)`, `ALLOWED.some((one) => one === x)`. What is shown for any of a list is
 * shown of what the list is compared with; of what the list is made of only a test of all of it shows something.
 */
export function quantified(
  machine: Machine,
  test: Expr & { readonly k: 'call' },
  scope: Scope,
  guardsOf: GuardsOf,
): readonly Mark[] | undefined {
  const { callee, args } = test
  const name = callee.k === 'name' || callee.k === 'member' ? callee.name : ''
  const isAll = ALL.test(name)
  if (!isAll && !ANY.test(name)) return undefined
  const marks: Mark[] = []
  const overs: Value[] = []
  const see = (body: Expr, inner: Scope): void => {
    marks.push(...guardsOf(machine, body, inner).yes)
  }
  const [first, second] = args
  if (first?.value.k === 'each') {
    const inner = new Scope(scope)
    for (const { target, over } of first.value.loops) {
      const list = machine.evaluate(over, inner)
      overs.push(list)
      machine.assign(target, element(list, over.at), inner, over, true)
    }
    see(first.value.body, inner)
  } else {
    // `slices.ContainsFunc(list, f)`
    const [list, f] = second?.value.k === 'function' ? [first?.value, second.value] : [undefined, first?.value]
    const over = list ?? (callee.k === 'member' ? callee.object : undefined)
    if (f?.k !== 'function' || over === undefined) return undefined
    const held = machine.evaluate(over, scope)
    const inner = new Scope(scope, true)
    overs.push(held)
    const [param] = f.fn.params
    if (param !== undefined) machine.assign(param.target, element(held, over.at), inner, over, true)
    const last = f.fn.body.at(-1)
    if (f.fn.body.length !== 1 || last?.k !== 'return' || last.value === undefined) return undefined
    see(last.value, inner)
  }
  if (isAll) return marks
  const own = new Set(overs.flatMap((over) => holesOf(over).flatMap(({ key, from }) => [key, `${key}[]`, ...from])))
  return marks.filter(({ key }) => !own.has(key))
}
