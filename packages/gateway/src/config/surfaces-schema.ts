import { TOOL_SCOPES } from '@sallyport/core/surface'
import { z } from 'zod'

const tool = z.strictObject({
  scope: z
    .enum(TOOL_SCOPES)
    .default('internal')
    .describe('`internal` agents of the house · `external` agents that strangers talk to · `both`.'),
  effect: z
    .enum(['read', 'create'])
    .optional()
    .describe('For strangers: `read` what is declared public, or `create` something new and nothing else (E-91).'),
  perHour: z
    .number()
    .int()
    .positive()
    .max(100_000)
    .optional()
    .describe('Calls of a `create` tool by one public agent.'),
})

export const surfacesSchema = z
  .strictObject({
    tools: z
      .record(z.string().regex(/^[a-z0-9](?:-?[a-z0-9])*\.[A-Za-z0-9_.:/-]{1,64}$/, 'not `<server>.<tool>`'), tool)
      .default({})
      .describe('`<server>.<tool>` → whom it serves. What is not here is internal.'),
  })
  .prefault({})
  .describe(
    'What agents of `agents add --surface public` may reach at all, whatever policy says (docs/guides/surfaces.md).',
  )
