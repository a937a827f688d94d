import { z } from 'zod'
import { duration } from './parts.ts'

export const metricsSchema = z
  .strictObject({
    otlp: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/ })
          .describe('Where metrics are sent, e.g. `https://collector.example/v1/metrics`: OTLP over HTTP, as JSON.'),
        headers: z
          .record(z.string().regex(/^[a-z0-9-]{1,64}$/), z.string())
          .default({})
          .describe('What the receiver wants to see, as ${env:NAME} where it is secret.'),
        every: duration.default(60_000),
        attributes: z
          .record(z.string().min(1).max(64), z.string().max(256))
          .default({})
          .describe('Attributes of the resource, beside `service.name`, `service.version` and `service.instance.id`.'),
      })
      .optional()
      .describe(
        'Sends metrics to an OpenTelemetry collector. One inside, other than `localhost`, needs an entry under `egress.exceptions`.',
      ),
  })
  .prefault({})
  .describe('Metrics beside `/metrics` ([guide](../guides/metrics.md)).')

export const healthSchema = z
  .strictObject({
    every: duration
      .default(1_800_000)
      .describe('How often the gateway checks itself; the score of each day is kept for 90 days.'),
    alertBelow: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(70)
      .describe('A score that falls below this raises an alert, once, until it has been above again.'),
  })
  .prefault({})
  .describe('The security score (`sallyport health`).')
