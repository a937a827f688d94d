import { z } from 'zod'

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const

/** `500ms`, `30s`, `5m`, `24h`, `90d` or a number of seconds → milliseconds. */
export const duration = z
  .union([
    z.number().nonnegative(),
    z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'write a duration like 500ms, 30s, 5m, 24h or 90d'),
  ])
  .transform((value) => {
    if (typeof value === 'number') return value * 1000
    const unit = (/[a-z]+$/.exec(value)?.[0] ?? 's') as keyof typeof SECONDS
    return Number.parseFloat(value) * SECONDS[unit] * 1000
  })

/** Who answers for a setting, why, until when. */
export const acknowledgement = z.strictObject({
  reason: z.string().min(3),
  by: z.string().min(1),
  expires: z.iso.date().describe('Day after which the setting is refused again.'),
})

/** Name of an environment variable. */
export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/)
