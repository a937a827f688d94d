import type { Json, JsonObject } from '../json/types.ts'
import type { ArgRole, ToolAnnotation } from './tool.ts'

/** A scalar of the arguments with the role of its place. `key` is the last member name on the way to it. */
export interface ArgumentScalar {
  /** `to`, `files[].path`: array positions are not part of a path. */
  readonly path: string
  readonly key: string
  readonly role: ArgRole
  readonly value: string | number | boolean
}

/**
 * Every scalar of the arguments and every member name that the annotation does not know (names can carry data, T-103).
 * Unnamed places of an annotated tool take the role of their nearest named ancestor, else `sink`.
 */
export function argumentLeaves(annotation: ToolAnnotation, args: JsonObject): readonly ArgumentScalar[] {
  const leaves: ArgumentScalar[] = []
  const walk = (value: Json, path: string, key: string, role: ArgRole): void => {
    const here = annotation.args[path] ?? role
    if (Array.isArray(value)) {
      for (const item of value as readonly Json[]) walk(item, `${path}[]`, key, annotation.args[`${path}[]`] ?? here)
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value as JsonObject)) {
        walk(member, path === '' ? name : `${path}.${name}`, name, here)
      }
    } else if (value !== null) {
      leaves.push({ path, key, role: here, value: value as string | number | boolean })
    }
  }
  walk(args, '', '', 'sink')
  return leaves
}
