import { parseHostRule, type Json, type JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

/** A host that an operator allowed for a time. */
interface AllowedView {
  readonly id: string
  readonly host: string
  readonly agent?: string
  /** ms since 1970. */
  readonly until: number
  readonly by: string
}

export interface EgressRoutesDeps {
  /** Rules in force, by where they come from. */
  readonly rules: () => readonly JsonObject[]
  readonly allowed: {
    list(): readonly AllowedView[]
    allow(given: Omit<AllowedView, 'id'>): Promise<AllowedView>
    withdraw(which: (host: AllowedView) => boolean): Promise<number>
  }
  /** What would become of a request; nothing is connected to. */
  readonly test: (asked: TestedRequest) => Promise<JsonObject>
  /** What programs of an agent outside of a sandbox have to trust, PEM. */
  readonly authorityOf: (agent: string) => Promise<string | undefined>
  readonly presence: PresencePort
  /** ms since 1970. */
  readonly now: () => number
  readonly note: (event: string, body: JsonObject) => Promise<void>
}

interface TestedRequest {
  readonly url: string
  readonly method: string
  readonly holder: string
}

/** Seconds; what should hold for longer is a rule. */
const LONGEST = 30 * 86_400
const HOLDER = z.string().regex(/^(server:)?[a-z0-9][a-z0-9._-]{0,63}$/)
const ALLOW = z.strictObject({
  host: z.string().min(1).max(300),
  agent: HOLDER.optional(),
  seconds: z.int().min(1).max(LONGEST),
  proof: PROOF,
})
const WITHDRAW = z.union([z.strictObject({ id: z.uuid() }), z.strictObject({ host: z.string().max(300) })])
const TEST = z.strictObject({
  url: z.string().min(1).max(8_192),
  method: z
    .string()
    .regex(/^[A-Z]{1,20}$/)
    .default('GET'),
  holder: HOLDER,
})

/** `/api/v1/egress`: what may leave sandboxes. To take something away is free, to add needs presence. */
export function egressRoutes({ rules, allowed, test, authorityOf, presence, now, note }: EgressRoutesDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/egress/rules',
      plane: 'operator',
      scope: 'read',
      summary: 'Rules of egress in force, and hosts that operators allowed for a time.',
      handle: () =>
        Promise.resolve({
          status: 200,
          body: { rules: rules() as Json, allowed: allowed.list() as unknown as Json },
        }),
    },
    {
      method: 'GET',
      path: '/api/v1/egress/authority/:agent',
      plane: 'operator',
      scope: 'read',
      summary: 'The authority that programs of an agent outside of a sandbox have to trust; null when there is none.',
      handle: async ({ params }) => {
        const agent = params['agent'] ?? ''
        return { status: 200, body: { agent, certificate: (await authorityOf(agent)) ?? null } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/egress/test',
      plane: 'operator',
      scope: 'read',
      summary: 'What would become of {method} {url} of {holder}, by which rule. Nothing is connected to.',
      handle: async ({ body }) => ({ status: 200, body: await test(readAs(TEST, body)) }),
    },
    {
      method: 'POST',
      path: '/api/v1/egress/allow',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'Let {agent}, or everyone with a way out, reach {host} for so many {seconds}.',
      handle: async ({ body }) => {
        const { proof, seconds, host, agent } = readAs(ALLOW, body)
        const asked = { host, seconds, ...(agent === undefined ? {} : { agent }) }
        const by = await requirePresence(presence, 'egress.allow', asked, proof, 'refuse')
        const until = now() + seconds * 1_000
        parseHostRule(host)
        await note('egress.allowed', { ...asked, actor: by })
        const added = await allowed.allow({ host, until, by, ...(agent === undefined ? {} : { agent }) })
        return { status: 201, body: { ...added } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/egress/withdraw',
      plane: 'operator',
      scope: 'admin',
      presence: 'free',
      summary: 'Take back a host by {id}, or all of {host}; open tunnels to it are cut. Free: it only narrows.',
      handle: async ({ body, principal }) => {
        const asked = readAs(WITHDRAW, body)
        const named = 'id' in asked ? undefined : sameAs(asked.host)
        const ended = await allowed.withdraw((one) =>
          'id' in asked ? one.id === asked.id : named?.(one.host) === true,
        )
        await note('egress.withdrawn', { ...asked, ended, actor: principal.id })
        return { status: 200, body: { ended } }
      },
    },
  ]
}

/** Whether another text names the same hosts, however it is written. @throws SallyportError SP_SANDBOX_PROFILE for what is no host */
function sameAs(text: string): (other: string) => boolean {
  const { host, below, port } = parseHostRule(text)
  return (other) => {
    const rule = parseHostRule(other)
    return rule.host === host && rule.below === below && rule.port === port
  }
}
