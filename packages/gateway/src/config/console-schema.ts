import { z } from 'zod'
import { isLoopback } from './loopback.ts'
import { signInMembers } from './people-schema.ts'

const NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/

/** How a listener gets its certificate. */
export const tlsSchema = z.union([
  z.enum(['auto', 'off']),
  z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }),
])

/** Where people look at the gateway and decide (SEC-2.4). */
export const consoleSchema = z
  .strictObject({
    port: z.number().int().min(0).max(65_535).optional().describe('TCP port; absent = no console, 0 = any free one.'),
    bind: z
      .string()
      .default('127.0.0.1')
      .describe('Address; any other than loopback needs TLS and `gateway.allowPublicBind` (E-23, E-24).'),
    name: z
      .string()
      .regex(NAME, 'a host name in lower case; passkeys are bound to it, so an address will not do')
      .refine((name) => !/^[0-9.]+$/.test(name), 'a host name, not an address')
      .default('sallyport.localhost')
      .describe('The one host name the console answers to. Passkeys belong to it: a change makes them void.'),
    tls: tlsSchema
      .default('auto')
      .describe(
        '`auto`: a certificate of the gateway’s own authority, `<state>/tls/authority.pem`, which can sign for `name` only. Files (PEM): read again when they change. `off`: loopback only, and the console is `http://localhost`.',
      ),
    requireTls: z
      .boolean()
      .optional()
      .describe(
        'Plain HTTP gets 403 instead of a redirect of pages (`gateway.controlUi.requireTls` of the specification). Default: true where `bind` is not loopback, else false (E-21).',
      ),
    url: z
      .url({ protocol: /^https$/ })
      .optional()
      .describe(
        'Origin that people use where a proxy of `gateway.trustedProxies` ends TLS in front of `tls: off`, as https://gate.example.com.',
      ),
    ...signInMembers,
  })
  .prefault({})
  .describe('The web console.')

/** Whether plain HTTP is refused: as set, else wherever the console is exposed (E-21). */
export const requiresTls = ({
  requireTls,
  bind,
}: Pick<z.infer<typeof consoleSchema>, 'requireTls' | 'bind'>): boolean => requireTls ?? !isLoopback(bind)
