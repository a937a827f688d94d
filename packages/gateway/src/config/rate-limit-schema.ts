import { z } from 'zod'
import { duration } from './parts.ts'
import { RATE_CLASSES, type Rate, type RateClass } from '../boundary/ports-limits.ts'

const rate = z.strictObject({
  requestsPerMinute: z.number().positive(),
  burstSize: z.number().int().positive(),
})

/**
 * Classes that are not `default`. What an agent host asks for each tool call (`agent`, `hooks`, `mcp`) is bounded by the
 * limit of tool calls behind it, so its requests are bounded only against floods.
 */
const BUILT_IN: Readonly<Partial<Record<RateClass, Rate>>> = Object.freeze({
  read: { requestsPerMinute: 1200, burstSize: 200 },
  agent: { requestsPerMinute: 6000, burstSize: 600 },
  hooks: { requestsPerMinute: 6000, burstSize: 600 },
  mcp: { requestsPerMinute: 6000, burstSize: 600 },
  local: { requestsPerMinute: 6000, burstSize: 600 },
  static: { requestsPerMinute: 1200, burstSize: 300 },
  live: { requestsPerMinute: 60, burstSize: 20 },
  messages: { requestsPerMinute: 120, burstSize: 40 },
  'sign-in': { requestsPerMinute: 30, burstSize: 10 },
  webhook: { requestsPerMinute: 60, burstSize: 10 },
})

export const rateLimitSchema = z
  .strictObject({
    enabled: z.boolean().default(true),
    defaults: z
      .strictObject({
        requestsPerMinute: z.number().positive().default(100),
        burstSize: z.number().int().positive().default(20),
      })
      .prefault({})
      .describe('Of every class that is not named below.'),
    categories: z
      .partialRecord(z.enum(RATE_CLASSES), rate)
      .default({})
      .describe(
        `Requests by class, each with a bucket for each person or agent, or network where nobody is known: ${Object.entries(
          BUILT_IN,
        )
          .map(([name, { requestsPerMinute, burstSize }]) => `${name} ${requestsPerMinute}/min burst ${burstSize}`)
          .join(', ')}. docs/reference/api.md says which entry is of which class.`,
      ),
    failuresPerMinute: z
      .number()
      .int()
      .positive()
      .default(5)
      .describe('Failed authentications, by name and by network; then a minute of pause, doubled each time (E-25).'),
    callsPerMinute: z.number().positive().default(6000).describe('Tool calls per agent.'),
    burst: z.number().int().positive().default(1000).describe('Tool calls of an agent at once.'),
    loops: z
      .strictObject({
        calls: z
          .number()
          .int()
          .min(4)
          .default(50)
          .describe('Calls in a row that repeat one to eight calls, with the same arguments.'),
        window: duration.default(600_000).describe('A silence that long ends a row.'),
        pause: duration.default(60_000).describe('How long the calls of a loop are refused; others go on.'),
      })
      .prefault({})
      .describe('When an agent goes round in circles.'),
  })
  .prefault({})
  .describe('How much may be asked of the gateway (SEC-2.2).')

type RateLimitSettings = z.infer<typeof rateLimitSchema>

/** The rate of every class: what the configuration names, else the built-in one, else the default. */
export const ratesOf = ({ defaults, categories }: Pick<RateLimitSettings, 'defaults' | 'categories'>) =>
  new Map<RateClass, Rate>(RATE_CLASSES.map((name) => [name, categories[name] ?? BUILT_IN[name] ?? defaults]))
