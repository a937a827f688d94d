import { parseHostRule, readRequestUrl } from '@sallyport/core'
import { z } from 'zod'
import { duration } from './parts.ts'

const MIB = 1 << 20

const host = z.string().refine(isHost, 'a host, host:port or *.domain')
const hosts = z
  .array(host)
  .min(1)
  .describe('Hosts that may be asked; nothing else is, redirects included. Without a port: 443. `host:*`: any port.')
const limits = {
  bytes: z
    .number()
    .int()
    .min(1_024)
    .max(10_000_000)
    .default(2 * MIB)
    .describe('Bytes of an answer, unpacked; the rest is cut.'),
  characters: z
    .number()
    .int()
    .min(1_000)
    .max(2_000_000)
    .default(200_000)
    .describe('Characters of text that are handed on.'),
  time: duration.default(20_000).describe('Time for a request, redirects and answer included.'),
}

const target = z.strictObject({
  url: z
    .string()
    .refine((text) => readRequestUrl(text).ok, 'an http or https URL without user name')
    .describe('Where it goes. Callers never see it.'),
  secret: z
    .string()
    .regex(/^(?:[a-z0-9][a-z0-9._-]{0,63}|(?:env|hashicorp|aws):[^\s]{1,512})$/)
    .optional()
    .describe('Name of a value in the vault, or of another store as in `credentials`: signs what is sent.'),
})

/** `servers.NAME.requests`: tools by which the gateway itself asks other hosts. */
export const requestsSchema = z
  .strictObject({
    web_fetch: z
      .strictObject({ hosts, ...limits })
      .optional()
      .describe('Reads a page, as text.'),
    http: z
      .strictObject({
        hosts,
        methods: z
          .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']))
          .min(1)
          .default(['GET', 'HEAD']),
        ...limits,
      })
      .optional()
      .describe('Sends one request, with a credential where one is for this server; redirects are not followed.'),
    webhook: z
      .strictObject({
        targets: z
          .record(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/), target)
          .refine((targets) => Object.keys(targets).length > 0, 'name a target'),
        time: limits.time,
      })
      .optional()
      .describe('Posts JSON to a target that is named here.'),
  })
  .refine((tools) => Object.values(tools).some((one) => one !== undefined), 'name one of its tools')

export type RequestsConfig = z.infer<typeof requestsSchema>

function isHost(text: string): boolean {
  try {
    parseHostRule(text)
    return true
  } catch {
    return false
  }
}
