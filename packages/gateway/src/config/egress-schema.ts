import { z } from 'zod'
import { acknowledgement } from './parts.ts'

/** `egress`: what may leave. */
export const egressSchema = z
  .strictObject({
    exceptions: z
      .record(z.string(), acknowledgement.extend({ addresses: z.array(z.string()).min(1).max(16) }))
      .default({})
      .describe(
        '`host`, `host:port` or `*.domain` → blocks of addresses inside that it may lead to, who answers for it, until when. Everything else that the gateway connects to by name has to be public; metadata services are never reached.',
      ),
    limits: z
      .strictObject({
        requestsPerMinute: z.number().positive().default(600),
        burst: z.number().int().positive().default(300),
      })
      .prefault({})
      .describe('Requests and tunnels that may leave, per agent or server (HB-89).'),
    authorities: z
      .array(z.string())
      .default([])
      .describe('PEM files with certificates of own authorities, besides those of Node.'),
  })
  .prefault({})
