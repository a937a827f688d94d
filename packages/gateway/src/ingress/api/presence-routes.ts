import type { Json } from '@sallyport/core'
import { z } from 'zod'
import type { Verdict } from '../../boundary/ports.ts'
import { answer, invalid } from './verdict-response.ts'
import type { Route } from './route.ts'

const ChallengeBody = z.strictObject({
  kind: z.string().regex(/^[a-z]+(?:[.-][a-z]+)*$/),
  payload: z.json(),
  nonce: z.string(),
})
const ClaimBody = z.strictObject({
  name: z.string(),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  verifier: z.string(),
  nonce: z.string(),
  notAfter: z.int(),
})

const RefusalBody = z.strictObject({ command: z.string(), reason: z.string() })

/** What these routes need of presence; `createPresence` gives it. */
export interface PresenceApi {
  status(): Promise<object>
  challenge(kind: string, payload: Json, clientNonce: string): Promise<Verdict<unknown>>
  claimChallenge(clientNonce: string): Promise<Verdict<unknown>>
  claim(claim: z.infer<typeof ClaimBody>, source: string): Promise<Verdict<unknown>>
  refused(command: string, reason: string, source: string): void
}

/** Proof of presence and the first PIN (threat-model §3.2, §3.5). */
export function presenceRoutes(presence: PresenceApi): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/presence',
      plane: 'operator',
      scope: 'read',
      summary: 'Whether the gateway has operators, and whether their PINs are ready, paused or off.',
      handle: async () => ({ status: 200, body: (await presence.status()) as Json }),
    },
    {
      method: 'POST',
      path: '/api/v1/presence/challenge',
      plane: 'operator',
      scope: 'read',
      summary:
        'A signed challenge for a decision that is not an approval, e.g. `kill.resume`, and exactly its payload.',
      async handle({ body }) {
        const asked = ChallengeBody.safeParse(body)
        if (!asked.success) return invalid(asked.error)
        return answer(await presence.challenge(asked.data.kind, asked.data.payload as Json, asked.data.nonce))
      },
    },
    {
      method: 'GET',
      path: '/api/v1/presence/claim',
      plane: 'operator',
      scope: 'read',
      summary: 'Signed salt and cost for the first PIN; refused once there is an operator.',
      handle: async ({ query }) => answer(await presence.claimChallenge(query['nonce'] ?? '')),
    },
    {
      method: 'POST',
      path: '/api/v1/presence/claim',
      plane: 'operator',
      scope: 'approve',
      presence: 'route',
      summary: 'Enrols the first operator with what the CLI derived from the PIN typed at a terminal (T-007).',
      async handle({ body, caller }) {
        const asked = ClaimBody.safeParse(body)
        if (!asked.success) return invalid(asked.error)
        return answer(await presence.claim(asked.data, sourceOf(caller)))
      },
    },
    {
      method: 'POST',
      path: '/api/v1/presence/refusals',
      plane: 'operator',
      scope: 'write',
      presence: 'free',
      summary:
        'A CLI did not ask for a PIN because no human’s terminal was there; raises an alert and changes nothing.',
      async handle({ body, caller }) {
        const asked = RefusalBody.safeParse(body)
        if (!asked.success) return invalid(asked.error)
        presence.refused(asked.data.command, asked.data.reason, sourceOf(caller))
        return { status: 202, body: {} }
      },
    },
  ]
}

/** What guesses are counted by, beside the verifier: the kind of channel, which a client cannot choose. */
export const sourceOf = (caller: { readonly principal: { readonly id: string }; readonly channel: string }): string =>
  `${caller.principal.id}:${caller.channel}`
