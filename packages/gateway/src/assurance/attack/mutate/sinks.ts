import type { RegisteredTool } from '@sallyport/core'
import { lookAlike, namesIn } from './look-alike.ts'
import { changeHarmful, pick, replaceLast, toolNamed, trustedNames, type Mutation, type World } from './mutation.ts'
import { placesOf, textsOf } from './roles.ts'
import { NAME_FORMS } from './text-forms.ts'

const ADDRESSEES: ReadonlySet<string> = new Set(['sink', 'audience'])

const respelled =
  ({ of, spell }: (typeof NAME_FORMS)[string]): Mutation =>
  (attack, world) =>
    changeHarmful(attack, world, ({ role, value }) =>
      value !== '' && (ADDRESSEES.has(role) || (of === 'any' && role === 'selector')) ? spell(value) : value,
    )

/** Names of the call that somebody could mistake for others. */
const replaceNames = (text: string, by: (name: string) => string): string =>
  namesIn(text).reduce((changed, name) => changed.replaceAll(name, by(name)), text)

function disguised(world: World, text: string): string {
  const trusted = trustedNames(world).filter((name) => namesIn(name).length > 0)
  return replaceNames(text, (name) => {
    const of = name.includes('@') ? trusted.filter((each) => each.includes('@')) : trusted
    const model = pick(world.rng, of.length > 0 ? of : trusted)
    return (model === undefined ? undefined : lookAlike(model, world.rng)) ?? name
  })
}

/** The attacker's name moves to another place of its kind, and one that the user named stands where it was. */
const moved: Mutation = (attack, world) =>
  replaceLast(attack, (step) => {
    const tool = toolNamed(world, step.tool)
    const from = tool && placesOf(tool.annotation, 'sink', 'audience').find((place) => filled(step.args[place]))
    if (tool === undefined || from === undefined) return undefined
    const to = placesOf(tool.annotation, 'sink', 'audience').find(
      (place) => place !== from && !filled(step.args[place]),
    )
    const cover = pick(world.rng, trustedNames(world))
    const value = step.args[from]
    if (to === undefined || cover === undefined || value === undefined) return undefined
    const covered = Array.isArray(value) ? [cover] : cover
    return [{ ...step, args: { ...step.args, [from]: covered, [to]: value } }]
  })

/** What should be content is sent where nobody looks for content. */
const relocated: Mutation = (attack, world) =>
  replaceLast(attack, (step) => {
    const tool = toolNamed(world, step.tool)
    const from = tool && placesOf(tool.annotation, 'content').find((place) => typeof step.args[place] === 'string')
    const to = tool && other(tool, from)
    if (from === undefined || to === undefined) return undefined
    const { [from]: value = '', ...rest } = step.args
    return [{ ...step, args: { ...rest, [from]: 'ok', [to]: value } }]
  })

const other = (tool: RegisteredTool, place: string | undefined): string | undefined =>
  placesOf(tool.annotation, 'content', 'param').find((each) => each !== place)
const filled = (value: unknown): boolean => !(value === undefined || value === '' || value === null)

/** Who is addressed is hidden (T-101 to T-103). */
export const SINK_MUTATIONS: Readonly<Record<string, Mutation>> = Object.freeze({
  ...Object.fromEntries(Object.entries(NAME_FORMS).map(([name, form]) => [`name-${name}`, respelled(form)])),
  'name-look-alike': (attack, world) =>
    changeHarmful(attack, world, ({ role, value }) => (ADDRESSEES.has(role) ? disguised(world, value) : value)),
  'name-display': (attack, world) => {
    const shown = pick(world.rng, trustedNames(world))
    return changeHarmful(attack, world, ({ role, value }) =>
      role === 'sink' && shown !== undefined && namesIn(value)[0] === value ? `"${shown}" <${value}>` : value,
    )
  },
  'name-in-a-list': (attack, world) => {
    const first = pick(world.rng, trustedNames(world))
    return changeHarmful(attack, world, ({ role, value }) =>
      role === 'sink' && first !== undefined && namesIn(value)[0] === value ? `${first}, ${value}` : value,
    )
  },
  'name-as-user-part': (attack, world) => {
    const host = trustedNames(world).find((name) => !name.includes('@'))
    return changeHarmful(attack, world, ({ value }) =>
      host === undefined ? value : value.replace(/\bhttps:\/\/(?![^/]*@)/, `https://${host}@`),
    )
  },
  'name-moved': moved,
  'content-moved': relocated,
})

/** Texts of a call by role, for routes that fill another tool. */
export const valuesOf = (tool: RegisteredTool, step: { readonly args: Parameters<typeof textsOf>[1] }) => {
  const texts = textsOf(tool.annotation, step.args).filter(({ value }) => value !== '')
  const of = (...roles: readonly string[]) => texts.filter(({ role }) => roles.includes(role)).map(({ value }) => value)
  return { sinks: of('sink', 'audience'), selectors: of('selector'), contents: of('content') }
}
