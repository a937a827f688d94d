import { z } from 'zod'

const role = z.enum(['sink', 'selector', 'content', 'param', 'secret', 'audience', 'quantity'])
const level = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])
const label = z.strictObject({ integrity: level, confidentiality: level })
/** `tickets[].id`: member names and array steps. */
const FIELD = /^[^.[\]]+(?:\[\])*(?:\.[^.[\]]+(?:\[\])*)*$/

/** What may be said about one tool: in `rules/catalogue/*.yaml` and under `servers.NAME.tools` of the configuration. */
export const toolNote = z.strictObject({
  effect: z.enum(['read', 'write', 'external']).describe('What the tool does to the world.'),
  groups: z.array(z.string().regex(/^group:[a-z][a-z0-9-]*$/)).default([]),
  args: z.record(z.string(), role).default({}).describe('Argument path → role; paths that are not named are sinks.'),
  irreversible: z.boolean().default(false),
  persist: z.boolean().default(false).describe('The effect acts again later by itself: a rule, a hook, a schedule.'),
  sensitive: z.boolean().optional().describe('Changes credentials, access or account data.'),
  narrower: z
    .array(z.strictObject({ absent: z.string(), effect: z.enum(['read', 'write', 'external']) }))
    .optional()
    .describe('A smaller effect of calls that leave an argument out or empty.'),
  result: label.optional().describe('Label of what comes back; absent = untrusted and internal.'),
  cameFrom: z
    .string()
    .regex(FIELD)
    .optional()
    .describe('Field of a structured result that names the hosts it came from; they become sources of its label.'),
  fields: z
    .record(z.string().regex(FIELD), label)
    .optional()
    .describe('Field of a structured result → its label; what is not named has the worst of all labels.'),
})
export type ToolNote = z.infer<typeof toolNote>
