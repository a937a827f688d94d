import type { EstPolicy } from '@sallyport/core'
import type { LocatedPolicy } from './read-policies.ts'

/**
 * The first of all policies that differ only in numbers, plain strings and patterns. Types do not depend on those, so what the
 * type checker says of one holds for all. Generated policies come by the hundred from a few shapes.
 */
export function oneOfEachShape(policies: readonly LocatedPolicy[]): readonly LocatedPolicy[] {
  const shapes = new Map<string, LocatedPolicy>()
  for (const policy of policies) {
    // the checker warns of letters that look like others: such a text stands for itself
    const key = ASCII.test(policy.text) ? shapeOf(policy.est) : policy.id
    if (!shapes.has(key)) shapes.set(key, policy)
  }
  return [...shapes.values()]
}

// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/

const shapeOf = ({ effect, principal, action, resource, conditions }: EstPolicy): string =>
  JSON.stringify([effect, principal, action, resource, shape(conditions)])

function shape(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shape)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([name, part]) => {
      if (name === 'Value' && typeof part === 'string') return [name, 'String']
      if (name === 'Value' && typeof part === 'number') return [name, 'Long']
      if (name === 'pattern') return [name, 'Pattern']
      // arguments of an extension function are read by the checker: `ip("…")`
      if (Array.isArray(part) && name !== 'Set') return [name, part]
      return [name, shape(part)]
    }),
  )
}
