import { isJsonObject, type ArgRole, type Json, type JsonObject, type ToolAnnotation } from '@sallyport/core'

/** A text in arguments, with the role of its place. */
export interface RoleText {
  readonly path: string
  readonly role: ArgRole
  readonly value: string
}

/** Arguments with every text changed by `change`; places without a role of their own inherit one, else they are sinks. */
export function mapTexts(
  { args: roles }: ToolAnnotation,
  args: JsonObject,
  change: (text: RoleText) => string,
): JsonObject {
  const walk = (value: Json, path: string, inherited: ArgRole): Json => {
    const role = roles[path] ?? inherited
    if (typeof value === 'string') return change({ path, role, value })
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => walk(item, `${path}[]`, role))
    if (!isJsonObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, walk(item, path === '' ? name : `${path}.${name}`, role)]),
    )
  }
  return walk(args, '', 'sink') as JsonObject
}

export function textsOf(annotation: ToolAnnotation, args: JsonObject): readonly RoleText[] {
  const texts: RoleText[] = []
  mapTexts(annotation, args, (text) => {
    texts.push(text)
    return text.value
  })
  return texts
}

/** Top-level arguments of a role, in the order of the annotation. */
export const placesOf = ({ args }: ToolAnnotation, ...roles: readonly ArgRole[]): readonly string[] =>
  Object.entries(args).flatMap(([path, role]) => (!/[.[{]/.test(path) && roles.includes(role) ? [path] : []))
