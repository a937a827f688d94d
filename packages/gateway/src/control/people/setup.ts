import { networkOf, SallyportError, type Json, type JsonObject } from '@sallyport/core'
import { pass, refuse, type Clock, type EvidencePort, type Random, type Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { IdentityLog } from '../identity/record.ts'
import { createAttempts, type Attempts } from '../presence/attempts.ts'
import { OPERATOR_NAME } from '../presence/operator.ts'
import type { Devices } from './devices.ts'
import { checkOf, type Link, type Links } from './links.ts'
import type { From } from './login.ts'
import type { Passkeys } from '../presence/passkeys.ts'
import type { People } from './people.ts'
import { nameOf } from './person.ts'
import { findRecovery, makeRecovery, plainCode, recoveryDigest } from './recovery.ts'
import type { SignedIn, SignIn } from './sign-in.ts'

/** The first PIN, as `createPresence` takes it. */
export interface PinClaim {
  readonly name: string
  readonly salt: string
  readonly verifier: string
  readonly nonce: string
  readonly notAfter: number
}

export interface SetupDeps {
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly people: People
  readonly passkeys: Passkeys
  readonly links: Links
  readonly devices: Devices
  readonly signIn: SignIn
  readonly pepper: Uint8Array
  /** Whether anybody can prove presence yet, by PIN or passkey. */
  readonly claimed: () => Promise<boolean>
  readonly claimPin: {
    challenge(clientNonce: string): Promise<Verdict<unknown>>
    claim(claim: PinClaim, source: string): Promise<Verdict<{ readonly operator: string }>>
  }
  /** Whether an agent has made a call: then whoever sets up may be that agent (T-007). */
  readonly agentHasCalled: () => Promise<boolean>
  readonly alert: (name: string, severity: 'medium' | 'high', details: JsonObject) => void
}

/** What the page of the set-up is told of its link. */
export interface LinkView {
  readonly for: Link['for']
  /** '' while there is nobody. */
  readonly name: string
  readonly endsAt: number
  /** What its person compares before they confirm this device; '' where nobody has to. */
  readonly check: string
}

export type Done = SignedIn & { readonly recoveryCodes: readonly string[] }

const RULES = { name: 'recovery', mostFailures: 5, offAfter: Infinity, mustBeOpened: false }

/** First set-up, invitations and recovery: the ways in that need a link instead of a passkey (threat-model §3.2). */
export class Setup {
  readonly #deps: SetupDeps
  readonly #log: IdentityLog
  readonly #attempts: Attempts

  constructor(deps: SetupDeps) {
    const { store, evidence, clock, random } = deps
    this.#deps = deps
    this.#log = new IdentityLog(evidence, clock, random)
    this.#attempts = createAttempts({ store, clock }, RULES)
  }

  /** A link that claims the gateway. Older ones end. */
  async firstLink(by: string): Promise<Verdict<{ readonly code: string; readonly endsAt: number }>> {
    const open = await this.#mayClaim()
    if (!open.ok) return open
    await this.#log.append('setup.link', by, {}, 'warn')
    return this.#deps.links.make({ for: 'first', operator: '', by })
  }

  /** A link with which a person who has no passkey makes their first. */
  async invite(operator: string, by: string): Promise<Verdict<{ readonly code: string; readonly endsAt: number }>> {
    const { people, passkeys, links } = this.#deps
    if ((await people.find(operator)) === undefined) return refuse('SP_PEOPLE_UNKNOWN')
    if ((await passkeys.list(operator)).length > 0)
      return refuse('SP_PEOPLE_EXISTS', 'They have a passkey, which has to agree to another; or a recovery code helps.')
    await this.#log.append('person.invited', by, { person: operator }, 'warn')
    return links.make({ for: 'invitation', operator, by })
  }

  /** Binds the link to this browser; `cookie` is what it has to show from now on. */
  redeem(code: string, from: From): Promise<Verdict<{ readonly cookie: string; readonly view: LinkView }>> {
    return this.#redeem(code, from, false)
  }

  async #redeem(
    code: string,
    from: From,
    typed: boolean,
  ): Promise<Verdict<{ readonly cookie: string; readonly view: LinkView }>> {
    const redeemed = await this.#deps.links.redeem(code, { typed, from: from.address })
    const fits = redeemed.ok ? await this.#still(redeemed.value.link) : redeemed
    if (!redeemed.ok || !fits.ok) {
      const { reason } = fits.ok ? { reason: '' } : fits
      await this.#log.append('setup.refused', '', { reason, address: from.address }, 'warn')
      this.#deps.alert('setup.refused', 'high', { reason, address: from.address })
      return refuse('SP_AUTHN_LINK', reason)
    }
    const { link, cookie } = redeemed.value
    await this.#log.append(
      'setup.redeemed',
      link.by,
      { for: link.for, person: link.operator, address: from.address },
      'warn',
    )
    return pass({ cookie, view: viewOf(link) })
  }

  /** One recovery code, used up, is a link that is redeemed at once. */
  async recover(
    name: string,
    code: string,
    from: From,
  ): Promise<Verdict<{ readonly cookie: string; readonly view: LinkView }>> {
    const { people, links, signIn, pepper } = this.#deps
    const id = `operator:${OPERATOR_NAME.test(name) ? name : '-'}`
    const attempt = await this.#attempts.attempt(id, networkOf(from.address), async () => {
      const digest = recoveryDigest(id, code, pepper)
      const person = await people.find(id)
      // Who left the company must not come in by a code of then.
      const kept = person?.origin === 'company' ? [] : (person?.recovery ?? [])
      return findRecovery(kept, digest) !== undefined
    })
    if (!attempt.ok || !attempt.value) {
      await signIn.failed('setup', name, from, 'recovery code')
      return attempt.ok ? refuse('SP_AUTHN_SIGN_IN', 'The name or the code is wrong.') : attempt
    }
    const digest = recoveryDigest(id, code, pepper)
    let used = false
    await people.change(id, (person) => {
      used = person.recovery.includes(digest)
      return { ...person, recovery: person.recovery.filter((each) => each !== digest) }
    })
    if (!used) return refuse('SP_AUTHN_SIGN_IN', 'The name or the code is wrong.')
    await this.#log.append('person.recovery-used', id, { address: from.address }, 'warn')
    this.#deps.alert('person.recovery-used', 'high', { operator: id, address: from.address })
    const made = await links.make({ for: 'recovery', operator: id, by: id })
    return made.ok ? this.redeem(made.value.code, from) : made
  }

  /** The code of a pairing, typed on the device. Guesses are counted like those at passwords. */
  async pair(code: string, from: From): Promise<Verdict<{ readonly cookie: string; readonly view: LinkView }>> {
    const { devices, signIn } = this.#deps
    const fits = await devices.mayPair('', from)
    if (!fits.ok) return fits
    const plain = plainCode(code)
    let redeemed: Verdict<{ readonly cookie: string; readonly view: LinkView }> = refuse('SP_AUTHN_LINK')
    const attempt = await this.#attempts.attempt('pairing', networkOf(from.address), async () => {
      redeemed =
        plain.length === 8 ? await this.#redeem(plain, from, true) : refuse('SP_AUTHN_LINK', 'There is no such code.')
      return redeemed.ok
    })
    if (!attempt.ok) return attempt
    if (!attempt.value) await signIn.failed('device', '', from, 'pairing code')
    return redeemed
  }

  async view(cookie: string | undefined): Promise<Verdict<LinkView>> {
    const link = await this.#linkOf(cookie)
    return link.ok ? pass(viewOf(link.value)) : link
  }

  /** Options for `navigator.credentials.create`. `name` where the link names nobody. */
  async beginPasskey(cookie: string | undefined, name: string): Promise<Verdict<Json>> {
    const link = await this.#confirmed(cookie)
    const operator = link.ok ? whoseOf(link.value, name) : link
    return operator.ok ? pass(await this.#deps.passkeys.beginEnrolment(operator.value)) : operator
  }

  /** The new passkey counts, the link is over, and its person is signed in. */
  async finishPasskey(
    cookie: string | undefined,
    { name, response, label }: { readonly name: string; readonly response: Json; readonly label: string },
    from: From,
  ): Promise<Verdict<Done>> {
    const { people, passkeys, links, devices } = this.#deps
    const found = await this.#confirmed(cookie)
    const operator = found.ok ? whoseOf(found.value, name) : found
    if (!found.ok || !operator.ok) return found.ok ? (operator as Verdict<never>) : found
    const link = found.value
    const fits = link.for === 'device' ? await devices.mayPair(operator.value, from) : pass(null)
    if (!fits.ok) return fits
    if (!(await links.end(link.id))) return refuse('SP_AUTHN_LINK', 'It was already used.')
    const isFirst = link.for === 'first'
    if (isFirst) await people.found(nameOf(operator.value), () => this.#deps.claimed())
    const by = isFirst ? ({ kind: 'first' } as const) : ({ kind: 'presence', operator: link.by } as const)
    const made = await passkeys.finishEnrolment(operator.value, response, by, label, from.address)
    if (!made.ok) {
      if (isFirst && !(await this.#deps.claimed())) await people.unfound(operator.value)
      return made
    }
    const paired = link.for === 'device' ? await devices.paired(operator.value, made.value.id, label, from) : pass(null)
    if (!paired.ok) return paired
    return this.#done(operator.value, link, from, made.value.id)
  }

  async pinChallenge(cookie: string | undefined, clientNonce: string): Promise<Verdict<unknown>> {
    const link = await this.#linkOf(cookie)
    if (!link.ok) return link
    return link.value.for === 'first'
      ? this.#deps.claimPin.challenge(clientNonce)
      : refuse('SP_AUTHN_LINK', PASSKEY_ONLY)
  }

  /** Claims with a PIN instead of a passkey. */
  async finishPin(cookie: string | undefined, claim: PinClaim, from: From): Promise<Verdict<Done>> {
    const { links, people, claimPin } = this.#deps
    const link = await this.#linkOf(cookie)
    if (!link.ok) return link
    if (link.value.for !== 'first') return refuse('SP_AUTHN_LINK', PASSKEY_ONLY)
    const claimed = await claimPin.claim(claim, `setup:${from.address}`)
    if (!claimed.ok) return claimed
    await links.end(link.value.id)
    await people.find(claimed.value.operator)
    return this.#done(claimed.value.operator, link.value, from, '')
  }

  /** New recovery codes; the old ones end. @throws SallyportError SP_API_INVALID for who comes by the company's sign-in */
  async newRecoveryCodes(id: string, by: string): Promise<readonly string[]> {
    const { people, pepper, random } = this.#deps
    if ((await people.find(id))?.origin === 'company')
      throw new SallyportError('SP_API_INVALID', 'Your company’s sign-in lets you in again.')
    const { codes, kept } = makeRecovery(id, pepper, random)
    await this.#log.append('person.recovery-codes', by, { person: id, codes: codes.length }, 'warn')
    await people.change(id, (person) => ({ ...person, recovery: kept }))
    return codes
  }

  async #done(operator: string, link: Link, from: From, credential: string): Promise<Verdict<Done>> {
    const { signIn, people } = this.#deps
    if (link.for === 'first') {
      await this.#log.append('setup.claimed', operator, { address: from.address }, 'warn')
      this.#deps.alert('setup.claimed', 'high', { operator, address: from.address })
    }
    const opened = await signIn.open(operator, link.for === 'device' ? 'device' : 'setup', from, credential)
    if (!opened.ok) return opened
    const person = people.get(operator)
    const has = (person?.recovery.length ?? 0) > 0 || person?.origin === 'company'
    const recoveryCodes = has || link.for === 'device' ? [] : await this.newRecoveryCodes(operator, operator)
    return pass({ ...opened.value, recoveryCodes })
  }

  async #linkOf(cookie: string | undefined): Promise<Verdict<Link>> {
    const link = await this.#deps.links.of(cookie)
    const fits = link.ok ? await this.#still(link.value) : link
    return fits.ok ? link : fits
  }

  /** The link of a browser that may make a passkey now. */
  async #confirmed(cookie: string | undefined): Promise<Verdict<Link>> {
    const link = await this.#linkOf(cookie)
    return link.ok && toConfirm(link.value) ? refuse('SP_AUTHN_LINK', UNCONFIRMED) : link
  }

  /** Looked at on every step, not only when the link is made. */
  async #still(link: Link): Promise<Verdict<null>> {
    if (link.for === 'first') return this.#mayClaim()
    const { people, passkeys } = this.#deps
    // Meanwhile they have one, and from then on it has to agree to every other (threat-model §3.2).
    if (link.for === 'invitation' && (await passkeys.list(link.operator)).length > 0)
      return refuse('SP_AUTHN_LINK', 'Its person has a passkey by now.')
    return (await people.find(link.operator)) === undefined
      ? refuse('SP_AUTHN_LINK', 'Its person has no access any more.')
      : pass(null)
  }

  async #mayClaim(): Promise<Verdict<null>> {
    if (await this.#deps.claimed()) return refuse('SP_AUTHN_LINK', 'This gateway has an operator.')
    return (await this.#deps.agentHasCalled()) ? refuse('SP_AUTHN_LINK', AGENT_WAS_HERE) : pass(null)
  }
}

const UNCONFIRMED = 'Compare the number here with the one under Settings where the code was made, and confirm it there.'
const PASSKEY_ONLY = 'This link is for a passkey.'
const AGENT_WAS_HERE =
  'An agent has made a call already, so this could be its browser. Run `sallyport init --claim` in a terminal that no agent owns.'

function whoseOf(link: Link, name: string): Verdict<string> {
  if (link.operator !== '') return pass(link.operator)
  if (!OPERATOR_NAME.test(name)) return refuse('SP_API_INVALID', 'name: 1 to 32 characters of a-z, 0-9, ".", "_", "-".')
  return pass(`operator:${name}`)
}

const toConfirm = ({ for: of, confirmed }: Link): boolean => of === 'device' && !confirmed

const viewOf = (link: Link): LinkView => ({
  ...{ for: link.for, name: nameOf(link.operator), endsAt: link.endsAt },
  check: toConfirm(link) ? checkOf(link) : '',
})
