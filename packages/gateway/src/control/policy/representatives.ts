import type { ActionModel } from '@sallyport/core'
import type { LocatedPolicy } from './read-policies.ts'

/**
 * The actions that policies have to be type-checked against. Tools that no policy names, with the same groups and the same types
 * of the arguments that any policy mentions, are all the same to the type checker: one of each kind is enough. A hundred tools
 * of usual servers are a dozen kinds.
 */
export function representatives(
  actions: readonly ActionModel[],
  policies: readonly LocatedPolicy[],
  named: ReadonlySet<string>,
): readonly ActionModel[] {
  const mentioned = new Set(policies.flatMap(({ est }) => attributeNames(est)))
  const kinds = new Map<string, ActionModel>()
  for (const action of actions) {
    const key = named.has(action.id) ? `named:${action.id}` : kind(action, mentioned)
    if (!kinds.has(key)) kinds.set(key, action)
  }
  return [...kinds.values()]
}

function kind({ server, ancestors, args }: ActionModel, mentioned: ReadonlySet<string>): string {
  const relevant = [...(args?.attributes ?? [])].filter(([name]) => mentioned.has(name))
  const plain = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value)
  return JSON.stringify([server === '#sample', [...ancestors].sort(), args === undefined, relevant], plain)
}

/** Every attribute name in a policy, wherever it stands. */
function attributeNames(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(attributeNames)
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'attr' ? [value].flat().map(String) : attributeNames(value),
  )
}
