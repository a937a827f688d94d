import type { JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

interface LeaseView {
  readonly credential: string
  readonly holder: string
}
type Reach = { readonly all: true } | { readonly credential: string } | { readonly holder: string }

export interface LeaseRoutesDeps {
  readonly leases: {
    leases(): readonly LeaseView[]
    revoke(which: (lease: LeaseView) => boolean): number
    grant(asked: LeaseView & { readonly by: string; readonly most?: number }, seconds: number): LeaseView
    /** @throws SallyportError SP_VAULT_UNKNOWN */
    known(credential: string): unknown
  }
  readonly takenBack: {
    take(reach: Reach): Promise<void>
    give(reach: Reach): Promise<void>
    list(): Promise<readonly Reach[]>
  }
  readonly presence: PresencePort
  readonly note: (operation: 'create' | 'revoke', body: JsonObject) => Promise<void>
}

const NAME = z.string().max(64)
const HOLDER = z.string().max(80)
const reason = z.string().max(500).default('')
const REVOKE = z.union([
  z.strictObject({ credential: NAME, reason }),
  z.strictObject({ holder: HOLDER, reason }),
  z.strictObject({ all: z.literal(true), reason }),
])
/** A lease by hand lives for a day at most. */
const MOST_SECONDS = 86_400
const BY_HAND = z.strictObject({
  credential: NAME,
  holder: HOLDER,
  seconds: z.int().min(1).max(MOST_SECONDS).default(900),
  uses: z.int().min(1).max(100_000).optional(),
  proof: PROOF,
})
const GIVE = z.union([
  BY_HAND,
  z.strictObject({ credential: NAME, proof: PROOF }),
  z.strictObject({ holder: HOLDER, proof: PROOF }),
  z.strictObject({ all: z.literal(true), proof: PROOF }),
])

/** `/api/v1/leases`: taking back is free and holds until somebody with presence gives again. */
export function leaseRoutes({ leases, takenBack, presence, note }: LeaseRoutesDeps): Route[] {
  const base = { plane: 'operator', scope: 'admin', method: 'POST' } as const
  return [
    {
      method: 'GET',
      path: '/api/v1/leases',
      plane: 'operator',
      scope: 'read',
      summary: 'Who may have which credential put into requests now, how often that was done, and what was taken back.',
      handle: async () => ({
        status: 200,
        body: {
          leases: leases.leases().map((each) => ({ ...each })),
          takenBack: (await takenBack.list()).map((each) => ({ ...each })),
        },
      }),
    },
    {
      ...base,
      path: '/api/v1/leases/revoke',
      presence: 'free',
      summary:
        'Take {credential}, those of {holder}, or {all} back, and cut what is on its way. Free: it only narrows.',
      handle: async ({ body, principal }) => {
        const asked = readAs(REVOKE, body)
        // first, so that nobody gets a new lease while the old ones end
        await takenBack.take(reachOf(asked))
        const ended = leases.revoke((lease) => isOf(asked, lease))
        await note('revoke', { of: 'leases', ...asked, ended, requestingIdentity: principal.id })
        return { status: 200, body: { ended } }
      },
    },
    {
      ...base,
      path: '/api/v1/leases/grant',
      presence: 'route',
      summary:
        'Give {credential}, those of {holder}, or {all} again after they were taken back; or {credential} to {holder} by hand, for {seconds} and {uses}. Free until the gateway has an operator.',
      handle: async ({ body }) => {
        const { proof, ...asked } = readAs(GIVE, body)
        if ('credential' in asked) leases.known(asked.credential)
        const by = await requirePresence(presence, 'leases.grant', { ...asked } as JsonObject, proof, 'free')
        if (!('seconds' in asked)) {
          await note('create', { of: 'leases', ...asked, requestingIdentity: by })
          await takenBack.give(reachOf(asked))
          return { status: 200, body: { ...asked } }
        }
        const { credential, holder, seconds, uses } = asked
        await note('create', { of: 'lease', ...asked, requestingIdentity: by } as JsonObject)
        const given = { credential, holder, by, ...(uses === undefined ? {} : { most: uses }) }
        return { status: 201, body: { ...leases.grant(given, seconds) } }
      },
    },
  ]
}

function reachOf(asked: Reach): Reach {
  if ('all' in asked) return { all: true }
  return 'holder' in asked ? { holder: asked.holder } : { credential: asked.credential }
}

const isOf = (asked: Reach, lease: LeaseView): boolean =>
  'all' in asked ? true : 'holder' in asked ? lease.holder === asked.holder : lease.credential === asked.credential
