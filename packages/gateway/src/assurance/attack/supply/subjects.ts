import { readFileSync } from 'node:fs'
import { SallyportError, toSallyportError } from '@sallyport/core'
import { parse } from 'yaml'
import { z } from 'zod'

const content = z
  .union([z.string(), z.strictObject({ base64: z.base64() })])
  .transform((value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.base64, 'base64')))

/** One subject of `rules/supply`: files of a skill, or what MCP servers list and how they are started. */
const subject = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  category: z.string().regex(/^[a-z][a-z-]*$/),
  kind: z.enum(['skill', 'tools', 'multi', 'config']).default('skill'),
  files: z.record(z.string(), content),
})
export type SupplySubject = z.infer<typeof subject>

/**
 * Reads a file of subjects.
 * @throws SallyportError SP_ATTACK_DATA naming the file
 */
export function readSubjects(path: string): readonly SupplySubject[] {
  try {
    const subjects = z
      .array(subject)
      .min(1)
      .parse(parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 }))
    const twice = subjects.find(({ id }, at) => subjects.findIndex((other) => other.id === id) !== at)
    if (twice !== undefined) throw new SallyportError('SP_ATTACK_DATA', `${twice.id} stands there twice.`)
    return subjects
  } catch (cause) {
    throw new SallyportError('SP_ATTACK_DATA', `${path}: ${toSallyportError(cause).detail.slice(0, 300)}`, { cause })
  }
}
