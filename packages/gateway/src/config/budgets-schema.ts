import { parseHostRule } from '@sallyport/core'
import { BUDGET_CYCLES } from '@sallyport/core/budget'
import { z } from 'zod'

/** More than this cannot be summed up exactly. */
const units = z.number().int().positive().max(1e12)

const tool = z
  .string()
  .regex(/^[^\s]{1,200}$/)
  .describe('`server.tool`, with `*` for any characters; tools of a host are `claude-code.Bash` and so on.')

const cost = z.union([
  z.strictObject({ tool, units: units.describe('What each call costs.') }),
  z.strictObject({
    tool,
    reserve: units.describe('Set aside before the call; charged when the result says nothing.'),
    reported: z
      .string()
      .regex(/^[^.\s]{1,100}(?:\.[^.\s]{1,100}){0,9}$/)
      .describe('Where the result says what it came to, as names joined by dots: `usage.total_tokens`.'),
  }),
])

const model = z.strictObject({
  host: z
    .string()
    .min(1)
    .max(300)
    .refine(isHost, 'a host, host:port or *.domain')
    .describe('`host`, `host:port` or `*.domain`; port 443 by itself.'),
  reserve: units.describe('Most tokens of an answer that are set aside, when the request does not ask for fewer.'),
})

function isHost(text: string): boolean {
  try {
    parseHostRule(text)
    return true
  } catch {
    return false
  }
}

const budget = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
    agents: z
      .array(z.string().regex(/^(?:server:)?[a-z0-9*][a-z0-9.*_-]{0,63}$/))
      .min(1)
      .optional()
      .describe('Whose it is: agents, and servers as `server:NAME`, with `*` for any characters; absent: everyone.'),
    shared: z.boolean().default(false).describe('One amount for all of them; otherwise one for each.'),
    cycle: z
      .enum(BUDGET_CYCLES)
      .default('day')
      .describe('When it is full again, in UTC; weeks begin on Monday. `session`: once for each agent instance.'),
    limit: units.describe('Units a cycle. A unit is what the costs say: a token, a cent, a call.'),
    alertAt: z.number().gt(0).max(1).default(0.8).describe('Part of the limit that is worth an alert.'),
    costs: z
      .array(cost)
      .default([])
      .describe('What calls cost: the first that names the tool. A tool without a cost is free.'),
    models: z
      .array(model)
      .default([])
      .describe('APIs of models: tokens of requests to them that the gateway looks into count as units.'),
  })
  .refine(({ costs, models }) => costs.length + models.length > 0, 'say what it is spent on: `costs` or `models`')
  .refine(({ cycle, shared }) => cycle !== 'session' || !shared, 'sessions share no budget')

/** `budgets`: what agents may spend. */
export const budgetsSchema = z
  .array(budget)
  .max(100)
  .default([])
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'each budget has a name of its own')
  .describe(
    'What may be spent in a while; a call that would go over is denied (docs/guides/budgets.md). Several may count one call: then all of them have to have room.',
  )

export type BudgetConfig = z.infer<typeof budget>
