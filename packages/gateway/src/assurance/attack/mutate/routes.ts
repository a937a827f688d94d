import type { JsonObject, RegisteredTool } from '@sallyport/core'
import { pick, replaceLast, toolNamed, type AttackStep, type Mutation, type World } from './mutation.ts'
import { placesOf } from './roles.ts'
import { valuesOf } from './sinks.ts'

type Values = ReturnType<typeof valuesOf>

/** Arguments for a tool with these values in the places of their roles; an address takes along what has no place. */
function filling(tool: RegisteredTool, given: Values): JsonObject {
  const values = placesOf(tool.annotation, 'content').length > 0 ? given : inAddress(given)
  const from: Readonly<Record<string, readonly string[]>> = {
    sink: values.sinks,
    audience: values.sinks,
    selector: values.selectors,
    content: values.contents,
  }
  const used = new Map<string, number>()
  const args: Record<string, string> = {}
  for (const place of placesOf(tool.annotation, 'sink', 'audience', 'selector', 'content')) {
    const role = tool.annotation.args[place] ?? 'sink'
    const at = used.get(role) ?? 0
    used.set(role, at + 1)
    const value = from[role]?.[at]
    if (value !== undefined) args[place] = value
    else if (at === 0) args[place] = role === 'content' ? 'ok' : 'x'
  }
  return args
}

const inAddress = ({ sinks, contents, selectors }: Values): Values => {
  const [first = 'https://collector.example/', ...rest] = sinks
  const carried = contents.length === 0 ? first : `${first}?d=${encodeURIComponent(contents.join(' '))}`
  return { sinks: [carried, ...rest], contents: [], selectors }
}

const carries = (tool: RegisteredTool, { sinks, contents }: Values): boolean =>
  (sinks.length === 0 || placesOf(tool.annotation, 'sink', 'audience').length > 0) &&
  (contents.length === 0 || placesOf(tool.annotation, 'content', 'sink').length > 0)

/** Another tool that does as much damage with the same values. */
const otherTool: Mutation = (attack, world) =>
  replaceLast(attack, (step) => {
    const tool = toolNamed(world, step.tool)
    if (tool === undefined) return undefined
    const values = valuesOf(tool, step)
    const { effect, groups } = tool.annotation
    const others = world.suite.tools.filter(
      (other) =>
        other.name !== tool.name &&
        other.annotation.effect === effect &&
        (effect === 'external' || other.annotation.groups.join() === groups.join()) &&
        carries(other, values),
    )
    const other = pick(world.rng, others)
    return other && [{ tool: other.name, args: filling(other, values), output: '', harmful: true }]
  })

/** A place that the attack's values are written to and read back from, so that they seem to be the agent's own (T-090). */
function store(world: World): { readonly write: RegisteredTool; readonly read: RegisteredTool } | undefined {
  const { tools } = world.suite
  const writers = tools.filter(
    ({ annotation }) =>
      annotation.effect === 'write' &&
      !annotation.irreversible &&
      !annotation.persist &&
      placesOf(annotation, 'content').length > 0,
  )
  const write = pick(world.rng, writers)
  const readers = tools.filter(({ annotation }) => annotation.effect === 'read')
  const near = readers.filter(({ annotation }) => annotation.groups.join() === write?.annotation.groups.join())
  const read = pick(world.rng, near.length > 0 ? near : readers)
  return write && read && { write, read }
}

const reloaded: Mutation = (attack, world) => {
  const at = store(world)
  if (at === undefined) return undefined
  return replaceLast(attack, (step) => {
    const tool = toolNamed(world, step.tool)
    if (tool === undefined) return undefined
    const { sinks, selectors, contents } = valuesOf(tool, step)
    const text = [...sinks, ...selectors, ...contents].join('\n')
    const name = { sinks: [], selectors: ['notes-for-later'], contents: [] }
    const kept: AttackStep = {
      tool: at.write.name,
      args: filling(at.write, { ...name, contents: [text] }),
      output: 'Saved.',
      harmful: false,
    }
    const back: AttackStep = { tool: at.read.name, args: filling(at.read, name), output: text, harmful: false }
    return [kept, back, step]
  })
}

/** The harm is done by another way (T-090, T-108). */
export const ROUTE_MUTATIONS: Readonly<Record<string, Mutation>> = Object.freeze({
  'other-tool': otherTool,
  'store-and-reload': reloaded,
})
