import { post, Problem } from '../api/client.ts'
import { digests } from './digests.ts'
import { freshNonce } from './encoding.ts'
import { assertWithPasskey, type PasskeyAssertion } from './passkey.ts'

/** What the gateway asks to prove. */
export interface Challenge {
  readonly kind: string
  readonly subject: string
  readonly call: string
  readonly view: string
  readonly nonce: string
  readonly notAfter: number
  /** Who may prove it, and by which passkeys. */
  readonly passkeys: readonly { readonly id: string; readonly operator: string }[]
}

/** A proof as the routes take it. */
export interface Proof {
  readonly operator: string
  readonly nonce: string
  readonly notAfter: number
  readonly assertion: PasskeyAssertion
}

/** Proves an act that is not about a call, e.g. `kill.resume` with exactly its payload. @throws Problem, Cancelled */
export async function proveAct(kind: string, payload: unknown, operator: string): Promise<Proof> {
  const [challenge, { operatorDecisionDigestWeb, operatorDigestWeb }] = await Promise.all([
    post<Challenge>('/api/v1/presence/challenge', { kind, payload, nonce: freshNonce() }),
    digests(),
  ])
  if (challenge.call !== (await operatorDigestWeb(kind, payload as Parameters<typeof operatorDigestWeb>[1])))
    throw notTheSame()
  return signed(challenge, await operatorDecisionDigestWeb(challenge), operator)
}

/** Lets a passkey of the operator sign the decision. @throws Problem, Cancelled */
export async function signed(challenge: Challenge, decision: string, operator: string): Promise<Proof> {
  const own = challenge.passkeys.filter((each) => each.operator === operator).map(({ id }) => id)
  if (own.length === 0) throw noPasskey()
  const assertion = await assertWithPasskey(decision, own)
  return { operator, nonce: challenge.nonce, notAfter: challenge.notAfter, assertion }
}

/** The gateway would have something else signed than what is on the screen. */
export const notTheSame = (): Problem =>
  new Problem(0, {
    title: 'What the gateway asked to sign is not what is shown here.',
    code: 'SP_CONSOLE_DIGEST',
    detail: 'Nothing was signed and nothing was done.',
    next: 'Load the page again. If it happens again, report it.',
  })

const noPasskey = (): Problem =>
  new Problem(0, {
    title: 'You have no passkey here.',
    code: 'SP_CONSOLE_NO_PASSKEY',
    detail: 'Nothing was done.',
    next: 'Add one in Settings, Presence; or use sallyport in a terminal.',
  })
