import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import type { ArgRole, ToolAnnotation } from './tool.ts'

/** A scalar of the arguments with the role of its place. `key` is the last member name on the way to it. */
export interface ArgumentScalar {
  /** `to`, `files[].path`: array positions are not part of a path. A member name has the path of its object and `{}`. */
  readonly path: string
  readonly key: string
  readonly role: ArgRole
  readonly value: string | number | boolean
  /** The value is the name of a member. */
  readonly isName?: true
}

/**
 * Every scalar of the arguments, and every member name that neither the annotation nor the schema of the tool knows (names
 * can carry data, T-103). Places that the annotation does not name take the role of their nearest named ancestor, else
 * `sink`; a member name takes the role of its object.
 */
export function argumentLeaves(
  annotation: ToolAnnotation,
  args: JsonObject,
  schema: JsonObject = {},
): readonly ArgumentScalar[] {
  const leaves: ArgumentScalar[] = []
  const known = knownPlaces(annotation)
  const walk = (value: Json, path: string, key: string, role: ArgRole, shape: Json | undefined): void => {
    const here = annotation.args[path] ?? role
    if (Array.isArray(value)) {
      const inner = isJsonObject(shape) ? shape['items'] : undefined
      for (const item of value as readonly Json[]) {
        walk(item, `${path}[]`, key, annotation.args[`${path}[]`] ?? here, inner)
      }
    } else if (typeof value === 'object' && value !== null) {
      const declared = isJsonObject(shape) && isJsonObject(shape['properties']) ? shape['properties'] : {}
      for (const name of Object.keys(value)) {
        const member = (value as JsonObject)[name] as Json
        const at = path === '' ? name : `${path}.${name}`
        const isDeclared = Object.hasOwn(declared, name)
        if (!isDeclared && !known.has(at))
          leaves.push({ path: `${path}{}`, key, role: here, value: name, isName: true })
        walk(member, at, name, here, isDeclared ? declared[name] : undefined)
      }
    } else if (value !== null) {
      leaves.push({ path, key, role: here, value: value as string | number | boolean })
    }
  }
  walk(args, '', '', 'sink', schema)
  return leaves
}

const places = new WeakMap<ToolAnnotation, ReadonlySet<string>>()

/** Every place that an annotation names or goes through; read once for each annotation. */
function knownPlaces(annotation: ToolAnnotation): ReadonlySet<string> {
  const known = places.get(annotation) ?? new Set(Object.keys(annotation.args).flatMap(prefixes))
  places.set(annotation, known)
  return known
}

/** `files[].path` → `files[].path`, `files[]`, `files`. */
function prefixes(path: string): readonly string[] {
  const found = [path]
  for (let at = path.length - 1; at > 0; at--) if (path[at] === '.' || path[at] === '[') found.push(path.slice(0, at))
  return found
}
