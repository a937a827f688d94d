import type { Json, JsonObject, ToolDefinition } from '@sallyport/core'

type Scalar = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'
/** `!` marks a required member. */
export type Members = Readonly<Record<string, Scalar | `${Scalar}!`>>

/**
 * Definition of a host's built-in tool. Hosts do not tell hooks their schemas, so these are ours: members that matter are
 * typed, others are let through (and show up in `facts.undeclared`), because hosts add members with every release.
 */
export function hostTool(name: string, description: string, members: Members): ToolDefinition {
  const properties: Record<string, Json> = {}
  const required: string[] = []
  for (const [key, type] of Object.entries(members)) {
    properties[key] = { type: type.replace('!', '') }
    if (type.endsWith('!')) required.push(key)
  }
  const inputSchema: JsonObject = { type: 'object', properties, required, additionalProperties: true }
  return Object.freeze({ name, description, inputSchema })
}

/** A tool nobody has described: any object, unannotated, and therefore `unclassified` for policy (E-18). */
export const unknownHostTool = (name: string): ToolDefinition =>
  Object.freeze({ name, description: 'Seen by a hook; not known to Sallyport.', inputSchema: { type: 'object' } })
