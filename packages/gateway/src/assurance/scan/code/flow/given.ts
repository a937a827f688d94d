import type { Argument } from '../syntax.ts'
import type { Machine } from './machine.ts'
import type { Scope } from './scope.ts'
import { alternatives, listValue, valueOf, type Given, type Value } from './value.ts'

export const argumentsOf = (machine: Machine, args: readonly Argument[], scope: Scope): readonly Given[] =>
  args.map((argument) => {
    const value = machine.evaluate(argument.value, scope)
    return argument.name === undefined && argument.spread === undefined ? { value } : { ...argument, value }
  })

/** A positional argument; one that was spread gives its items. */
export function positional(given: readonly Given[], index: number): Value | undefined {
  let at = 0
  for (const { name, value, spread } of given) {
    if (name !== undefined) continue
    const items = spread === true ? value.items : undefined
    if (items !== undefined && items.length > 0) {
      const item = items[index - at]
      if (item !== undefined) return item
      at += items.length
      continue
    }
    if (at === index || spread === true) return value
    at++
  }
  return undefined
}

/** The positional arguments from one on, as a list. */
export function restOf(given: readonly Given[], index: number): Value {
  const all = given
    .filter(({ name }) => name === undefined)
    .flatMap(({ value, spread }) => (spread === true ? (value.items ?? [value]) : [value]))
  return listValue(all.slice(index))
}

/** A keyword argument, or a member of an object among the arguments. */
export function named(given: readonly Given[], name: string): Value | undefined {
  for (const one of given) if (one.name === name) return one.value
  for (const { value } of given) {
    for (const option of alternatives(value)) {
      const field = option.fields?.get(name)
      if (field !== undefined) return field
    }
  }
  return undefined
}

/** What a program in a shell script works on: its words that are no options. */
export const operandsOf = (given: readonly Given[]): readonly Value[] =>
  given.map(({ value }) => value).filter((value) => !/^-./.test(headOf(value)))

const headOf = ({ pieces: [head] }: Value): string => (typeof head === 'string' ? head : '')

/** Options that take the next word. */
const WITH_VALUE =
  /^(?:-[oHduXAbcFTeEmrwxyUPKCz]|--(?:output|header|data\S*|user|request|user-agent|cookie|cookie-jar|form\S*|upload-file|max-time|connect-timeout|retry\S*|referer|cacert|cert|key|proxy|post-data|post-file|output-document|directory-prefix|timeout|tries|json|write-out|resolve|range|limit-rate|aws-sigv4|cert-type|method|body-data|body-file|quote|ca-certificate))$/

/** The words of a program that fetches, without what its options take. */
export function addressesOf(given: readonly Given[]): readonly Value[] {
  const found: Value[] = []
  let skip = false
  for (const { value } of given) {
    const head = headOf(value)
    if (skip) {
      skip = false
      continue
    }
    if (head === '--url') continue
    if (head.startsWith('--url=')) found.push(valueOf([head.slice(6), ...value.pieces.slice(1)]))
    else if (WITH_VALUE.test(head)) skip = true
    else if (!/^-./.test(head)) found.push(value)
  }
  return found
}
