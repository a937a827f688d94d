import { SallyportError, type Json, type JsonObject, type Scope } from '@sallyport/core'
import { z } from 'zod'
import { refuse, type Verdict } from '../../boundary/ports.ts'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import type { Route } from './route.ts'
import { answer, invalid } from './verdict-response.ts'

/** What these routes need of passkeys; `createPasskeys` gives it. */
interface PasskeysApi {
  list(operator?: string): Promise<readonly { readonly id: string; readonly operator: string }[]>
  beginEnrolment(operator: string): Promise<Json>
  readNew(response: Json): Promise<Verdict<{ readonly publicKey: string; readonly aaguid: string }>>
  finishEnrolment(
    operator: string,
    response: Json,
    by: { readonly kind: 'presence'; readonly operator: string },
    label: string,
    peer: string,
  ): Promise<Verdict<object>>
  confirm(id: string, by: string): Promise<Verdict<null>>
  remove(id: string, by: string): Promise<Verdict<null>>
}

export interface PasskeysRoutesDeps {
  readonly passkeys: PasskeysApi
  readonly presence: PresencePort
  readonly resetPin: (operator: string, by: string) => Promise<Verdict<null>>
  /** What a person holds now, by the store. */
  readonly scopesOf: (operator: string) => Promise<readonly Scope[]>
}

const OPERATOR = z.string().max(64)
const Offer = z.strictObject({ operator: OPERATOR })
const Enrol = z.strictObject({
  operator: OPERATOR,
  response: z.record(z.string(), z.json()),
  label: z.string().min(1).max(64),
  proof: PROOF,
})
const Proved = z.strictObject({ proof: PROOF })

/**
 * Later passkeys, and what only a passkey may do (threat-model §3.2, §3.5). The first one comes from the one-time link.
 */
export function passkeysRoutes({ passkeys, presence, resetPin, scopesOf }: PasskeysRoutesDeps): Route[] {
  const operator = { plane: 'operator' } as const
  const prove = (kind: string, payload: JsonObject, proof: z.infer<typeof PROOF>): Promise<string> =>
    requirePresence(presence, kind, payload, proof, 'refuse')
  /** How others can prove presence is for an admin to change (threat-model §3.2). @throws SallyportError SP_AUTHZ_SCOPE */
  const requireOwnOrAdmin = async (by: string, whose: string | undefined): Promise<void> => {
    if (by !== whose && !(await scopesOf(by)).includes('admin'))
      throw new SallyportError('SP_AUTHZ_SCOPE', 'Only an admin takes away, or turns on again, what others prove with.')
  }
  return [
    {
      ...operator,
      method: 'GET',
      path: '/api/v1/passkeys',
      scope: 'read',
      summary: 'Passkeys of all operators: model, class, since when and from when they may approve critical calls.',
      handle: async () => ({ status: 200, body: { items: (await passkeys.list()) as unknown as Json } }),
    },
    {
      ...operator,
      method: 'POST',
      path: '/api/v1/passkeys/options',
      scope: 'read',
      summary: 'What `navigator.credentials.create` needs for a further passkey of `operator`; good for five minutes.',
      async handle({ body }) {
        const asked = Offer.safeParse(body)
        if (!asked.success) return invalid(asked.error)
        return { status: 200, body: await passkeys.beginEnrolment(asked.data.operator) }
      },
    },
    {
      ...operator,
      method: 'POST',
      path: '/api/v1/passkeys',
      scope: 'write',
      presence: 'route',
      summary:
        'Enrols a further passkey of the same person: an existing one agrees to its public key and model. It approves nothing critical for 24 hours, unless a second person confirms it.',
      async handle({ body, peer }) {
        const asked = Enrol.safeParse(body)
        if (!asked.success) return invalid(asked.error)
        const { operator: whose, response, label, proof } = asked.data
        if (proof !== undefined && proof.operator !== whose)
          throw new SallyportError('SP_AUTHZ_SCOPE', 'Everybody enrols their own; others get a link.')
        const read = await passkeys.readNew(response as Json)
        if (!read.ok) return answer(read)
        const { publicKey, aaguid } = read.value
        const by = await prove('passkey.enrol', { operator: whose, publicKey, aaguid }, proof)
        // Nobody makes a passkey for another person: two people would be one (T-008).
        if (by !== whose) return answer(refuse('SP_AUTHN_PRESENCE', 'A passkey of the same person has to agree.'))
        const agreed = { kind: 'presence', operator: by } as const
        return answer(await passkeys.finishEnrolment(whose, response as Json, agreed, label, peer))
      },
    },
    {
      ...operator,
      method: 'POST',
      path: '/api/v1/passkeys/:id/confirm',
      scope: 'write',
      presence: 'route',
      summary: 'A second person vouches for a new passkey: it may approve critical calls at once.',
      async handle({ params, body }) {
        const asked = Proved.safeParse(body)
        if (!asked.success) return invalid(asked.error)
        const id = params['id'] ?? ''
        return answer(await passkeys.confirm(id, await prove('passkey.confirm', { id }, asked.data.proof)))
      },
    },
    {
      ...operator,
      method: 'POST',
      path: '/api/v1/passkeys/:id/remove',
      scope: 'write',
      presence: 'route',
      summary: 'Takes a passkey away, your own or as an admin any. The last one stays.',
      async handle({ params, body }) {
        const asked = Proved.safeParse(body)
        if (!asked.success) return invalid(asked.error)
        const id = params['id'] ?? ''
        const by = await prove('passkey.remove', { id }, asked.data.proof)
        const whose = (await passkeys.list()).find((each) => each.id === id)?.operator
        await requireOwnOrAdmin(by, whose)
        return answer(await passkeys.remove(id, by))
      },
    },
    {
      ...operator,
      method: 'POST',
      path: '/api/v1/presence/pins/:operator/reset',
      scope: 'write',
      presence: 'route',
      summary:
        'A PIN that is off after too many wrong attempts, your own or as an admin any, counts from the beginning; needs a passkey.',
      async handle({ params, body }) {
        const asked = Proved.safeParse(body)
        if (!asked.success) return invalid(asked.error)
        const whose = params['operator'] ?? ''
        const by = await prove('presence.reset-pin', { operator: whose }, asked.data.proof)
        await requireOwnOrAdmin(by, whose)
        return answer(await resetPin(whose, by))
      },
    },
  ]
}
