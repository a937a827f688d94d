import { z } from 'zod'
import { duration } from './parts.ts'

const severity = z.enum(['critical', 'high', 'medium', 'low', 'info'])

export const securitySchema = z
  .strictObject({
    ci: z
      .strictObject({
        audit: z
          .strictObject({
            failOn: severity.default('critical').describe('Exit code 2 from here on; `--fail-on` says otherwise.'),
            warnOn: severity.default('medium').describe('Exit code 1 from here on; `--warn-on` says otherwise.'),
          })
          .prefault({}),
      })
      .prefault({})
      .describe('What `sallyport security audit` stops a pipeline for.'),
    monitoring: z
      .strictObject({
        enabled: z.boolean().default(true).describe('The gateway audits its own posture while it runs.'),
        interval: duration
          .default(21_600_000)
          .refine((ms) => ms >= 60_000, 'a minute or longer')
          .describe('How often.'),
        alertThreshold: severity
          .default('medium')
          .describe('A finding at or above this that was not there before raises an alert.'),
      })
      .prefault({}),
  })
  .prefault({})
  .describe('The posture of this installation (`sallyport security audit`, ND-7.1.a).')
