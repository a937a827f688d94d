import {
  isJsonObject,
  verifyAssertion,
  type Json,
  type JsonObject,
  type LogRecord,
  type PasskeyAssertion,
} from '@sallyport/core'
import { pass, refuse, type Clock, type EvidencePort, type Random, type Verdict } from '../../boundary/ports.ts'
import type { Document, Store } from '../../store/ports.ts'
import type { AttestationPolicy } from './attestation.ts'
import type { RelyingParty } from './enrolment.ts'
import { createOffers, OFFER_MS } from './offers.ts'
import { OPERATOR_ID } from './operator.ts'
import {
  classNow,
  CRITICAL_DELAY_MS,
  enrolmentRecord,
  enrolmentsIn,
  passkeyOf,
  passkeyRow,
  RECORD_AGAIN_MS,
  viewOf,
  type Enrolment,
  type Passkey,
  type PasskeyView,
} from './passkey.ts'

export type { PasskeyView } from './passkey.ts'
export type { RelyingParty } from './enrolment.ts'

const ANY_AUTHENTICATOR: AttestationPolicy = Object.freeze({ attestation: 'none', aaguids: [], roots: [] })

// loaded when somebody enrols or signs in: its library takes a fifth of a second, and proofs need none of it
const webauthn = () => import('./enrolment.ts')

export interface PasskeysDeps {
  readonly store: Pick<Store, 'get' | 'list' | 'put' | 'spend'>
  readonly evidence: EvidencePort
  /** JSON texts of all `identity` records, oldest first: what enrols a credential (threat-model §3.1). */
  readonly identityRecords: () => Promise<readonly string[]>
  readonly clock: Clock
  readonly random: Random
  /** 32 bytes outside the store. */
  readonly mac: Uint8Array
  /** Read at each use: it is known once the console listens. */
  readonly site: RelyingParty
  readonly attestation?: AttestationPolicy
  /** Whether an address is one of this machine's own. */
  readonly isOwnAddress: (address: string) => boolean
}

/** Passkeys of operators: enrolment, sign-in and what stands behind proofs of presence (threat-model §3.1 to §3.4). */
export interface Passkeys {
  list(operator?: string): Promise<readonly PasskeyView[]>
  /** Options for `navigator.credentials.create`, good for five minutes. */
  beginEnrolment(operator: string): Promise<Json>
  /**
   * Enrols. `first` only while there is no other; any later one needs that somebody proved presence over `readNew` of the
   * same response before. `peer` is the network address it came from.
   */
  finishEnrolment(
    operator: string,
    response: Json,
    by: { readonly kind: 'first' } | { readonly kind: 'presence'; readonly operator?: string },
    label: string,
    peer: string,
  ): Promise<Verdict<PasskeyView>>
  /** What an existing passkey has to agree to before this new one is enrolled. */
  readNew(response: Json): Promise<Verdict<{ readonly publicKey: string; readonly aaguid: string }>>
  beginSignIn(): Promise<Json>
  finishSignIn(
    response: Json,
    peer?: string,
  ): Promise<Verdict<{ readonly operator: string; readonly credential: string }>>
  /** A second person vouches: it may approve critical calls from now on. */
  confirm(id: string, by: string): Promise<Verdict<null>>
  /** The last one is refused. */
  remove(id: string, by?: string): Promise<Verdict<null>>
  /** Credentials that count now: enrolled in the log and not removed. */
  all(): Promise<readonly Passkey[]>
  /**
   * Whether an assertion is this operator's over `challenge` (hex), counter included; alerts when it is not. `peer` is the
   * address it came from, undefined where that is not known.
   */
  accept(
    operator: string,
    challenge: string,
    assertion: PasskeyAssertion,
    peer: string | undefined,
  ): Promise<Verdict<{ readonly class: 'passkey' | 'device' }>>
  /** The same without the counter, for what was accepted before. */
  proves(passkey: Passkey, challenge: string, assertion: PasskeyAssertion): boolean
  readonly site: RelyingParty
}

const CAS_TRIES = 20

export function createPasskeys(deps: PasskeysDeps): Passkeys {
  const { store, evidence, clock, random, site, isOwnAddress, attestation = ANY_AUTHENTICATOR } = deps
  const offers = createOffers(deps)
  /** Read from the log once and then kept; what a row says and this does not is looked for again. */
  let enrolments: ReadonlyMap<string, Enrolment> | undefined
  let removing: Promise<unknown> = Promise.resolve()

  const record = (kind: 'identity' | 'alert', details: JsonObject): LogRecord => ({
    kind,
    auditId: random.uuid(),
    timestamp: new Date(clock.now()).toISOString(),
    level: 'warn',
    ...details,
  })
  const alert = (name: string, severity: string, details: JsonObject): void =>
    evidence.enqueue([record('alert', { name, severity, ...details })])

  /** What is in use and about to leave the log is written once more. */
  async function readEnrolments(documents: readonly Document[]): Promise<ReadonlyMap<string, Enrolment>> {
    const found = enrolmentsIn(await deps.identityRecords())
    const old = clock.now() - RECORD_AGAIN_MS
    const again = documents.map(({ id }) => found.get(id)).filter((each) => each !== undefined && each.recordedAt < old)
    const records = again.map((each) => record('identity', { ...enrolmentRecord(each as Enrolment), by: 'again' }))
    if (records.length > 0) await evidence.append(records)
    return found
  }

  async function enrolledIn(documents: readonly Document[]): Promise<readonly Passkey[]> {
    if (documents.length === 0) return []
    if (documents.some(({ id, body }) => enrolments?.get(id)?.criticalFrom !== body['criticalFrom']))
      enrolments = await readEnrolments(documents)
    return documents.map((each) => passkeyOf(each, enrolments?.get(each.id))).filter((each) => each !== undefined)
  }

  const all = async (): Promise<readonly Passkey[]> =>
    enrolledIn(await store.list('passkey', { state: 'active', limit: 10_000 }))

  async function find(id: string): Promise<Passkey | undefined> {
    const document = await store.get('passkey', id)
    return document?.state === 'active' ? (await enrolledIn([document]))[0] : undefined
  }

  const proves = ({ publicKey, rpId }: Passkey, challenge: string, assertion: PasskeyAssertion): boolean =>
    rpId === site.rpId && verifyAssertion(assertion, { challenge, origin: site.origin, rpId, publicKey }).ok

  /** Changes a row by compare-and-set; undefined when the passkey is gone or never stands still. */
  async function change(
    passkey: Passkey,
    to: (now: Omit<Passkey, 'version'>) => ReturnType<typeof passkeyRow>,
  ): Promise<true | undefined> {
    let at: Passkey | undefined = passkey
    for (let tries = 0; tries < CAS_TRIES && at !== undefined; tries++) {
      const { version, ...now } = at
      if (await store.put(to(now), version)) return true
      at = await find(passkey.id)
    }
    return undefined
  }

  async function removeNow(id: string, by: string): Promise<Verdict<null>> {
    const passkey = await find(id)
    if (passkey === undefined) return refuse('SP_API_INVALID', 'id: there is no such passkey.')
    if ((await all()).every((each) => each.id === id))
      return refuse('SP_AUTHN_PRESENCE', 'The last passkey cannot be removed: enrol another one first.')
    const removed = { event: 'passkey.removed', credential: id, operator: passkey.operator, by }
    await evidence.append([record('identity', removed)])
    await change(passkey, (now) => passkeyRow(now, 'removed'))
    alert('passkey.removed', 'high', { credential: id, operator: passkey.operator, by })
    return pass(null)
  }

  /** Takes the counter over; refuses one that goes back, which two copies of one key would do (WebAuthn §7.2 step 22). */
  async function use(
    passkey: Passkey,
    counter: number,
    backedUp: boolean,
    peer: string | undefined,
  ): Promise<Verdict<Passkey>> {
    let now: Passkey | undefined = passkey
    for (let tries = 0; tries < CAS_TRIES && now !== undefined; tries++) {
      if ((counter > 0 || now.signCount > 0) && counter <= now.signCount) {
        alert('passkey.counter', 'critical', {
          credential: now.id,
          operator: now.operator,
          had: now.signCount,
          counter,
        })
        return refuse('SP_AUTHN_PRESENCE', 'The counter of this passkey went back: there may be a copy of it.')
      }
      const { version, ...rest } = now
      const seenHere = rest.seenHere || (peer !== undefined && isOwnAddress(peer))
      const used = { ...rest, signCount: counter, backedUp, lastUsedAt: clock.now(), seenHere }
      if (await store.put(passkeyRow(used), version)) return pass({ ...used, version: version + 1 })
      now = await find(passkey.id)
    }
    return refuse('SP_AUTHN_PRESENCE', 'This passkey is being used elsewhere.')
  }

  async function accept(
    operator: string | undefined,
    challenge: string,
    assertion: PasskeyAssertion,
    peer: string | undefined,
  ): Promise<Verdict<Passkey>> {
    const passkey = await find(assertion.credential)
    const failed = (reason: string): Verdict<never> => {
      const whose = passkey?.operator ?? ''
      alert('presence.unexpected', 'high', { credential: assertion.credential.slice(0, 128), operator: whose, reason })
      return refuse('SP_AUTHN_PRESENCE', `The passkey was not accepted: ${reason}.`)
    }
    if (passkey === undefined) return failed('it is not enrolled here')
    if (operator !== undefined && passkey.operator !== operator) return failed('it belongs to somebody else')
    if (passkey.rpId !== site.rpId) return failed('it was enrolled for another name of the console')
    const { publicKey, rpId } = passkey
    const checked = verifyAssertion(assertion, { challenge, origin: site.origin, rpId, publicKey })
    return checked.ok ? use(passkey, checked.counter, checked.backedUp, peer) : failed(checked.reason)
  }

  /** One first enrolment at a time, on all nodes. */
  const takeFirst = async (): Promise<boolean> => {
    const marker = await store.get('meta', 'presence.first-passkey')
    const since = marker?.body['at']
    const now = clock.now()
    if (typeof since === 'number' && now - since < 10_000 && now >= since) return false
    const row = { kind: 'meta', id: 'presence.first-passkey', state: '', expiresAt: 0, body: { at: now } } as const
    return store.put(row, marker?.version ?? 0)
  }

  return {
    site,
    all,
    proves,
    async list(operator) {
      const passkeys = await all()
      return passkeys.filter((each) => operator === undefined || each.operator === operator).map(viewOf)
    },
    async beginEnrolment(operator) {
      const known = (await all()).filter((each) => each.operator === operator).map(({ id }) => id)
      const challenge = offers.fresh(`enrol ${operator}`)
      const { enrolmentOptions } = await webauthn()
      return enrolmentOptions(site, operator, challenge, known, attestation.attestation)
    },
    async finishEnrolment(operator, response, by, label, peer) {
      if (!OPERATOR_ID.test(operator)) return refuse('SP_API_INVALID', 'operator: operator:<name>.')
      if (site.rpId === '')
        return refuse('SP_AUTHN_PRESENCE', 'The console does not listen, so no passkey can be made for it.')
      let challenge = ''
      const isOurs = (given: string): boolean => {
        challenge = given
        return offers.until(given, `enrol ${operator}`) !== undefined
      }
      const { verifyNewCredential } = await webauthn()
      const verified = await verifyNewCredential(response, site, isOurs, attestation)
      if (!verified.ok) {
        alert('passkey.refused', 'high', { operator, reason: verified.reason })
        return verified
      }
      const made = verified.value
      if (!(await store.spend(`passkey-offer:${challenge}`, clock.now() + OFFER_MS)))
        return refuse('SP_AUTHN_PRESENCE', 'This offer has been used.')
      if ((await store.get('passkey', made.id)) !== undefined)
        return refuse('SP_AUTHN_PRESENCE', 'This passkey is known already.')
      const others = await all()
      if (by.kind === 'first' && (others.length > 0 || !(await takeFirst()))) {
        alert('passkey.refused', 'high', { operator, reason: 'There is a passkey already.' })
        return refuse(
          'SP_AUTHN_PRESENCE',
          'There is a passkey already; an existing one has to agree to every later one.',
        )
      }
      const createdAt = clock.now()
      const { id, publicKey, aaguid, signCount, backedUp, attached } = made
      const enrolment: Enrolment = {
        ...{ id, operator, publicKey, aaguid, createdAt, recordedAt: createdAt, rpId: site.rpId },
        class: isOwnAddress(peer) ? attached : 'device',
        criticalFrom: by.kind === 'first' ? createdAt : createdAt + CRITICAL_DELAY_MS,
      }
      const agreed = by.kind === 'first' ? 'first' : (by.operator ?? 'presence')
      await evidence.append([record('identity', { ...enrolmentRecord(enrolment), by: agreed, label, peer, backedUp })])
      const passkey = {
        ...enrolment,
        label: label.slice(0, 64),
        signCount,
        backedUp,
        lastUsedAt: 0,
        seenHere: isOwnAddress(peer),
      }
      if (!(await store.put(passkeyRow(passkey), 0)))
        return refuse('SP_AUTHN_PRESENCE', 'This passkey is known already.')
      alert('passkey.enrolled', 'high', { operator, credential: id, by: agreed, peer, aaguid })
      return pass(viewOf({ ...passkey, version: 1 }))
    },
    async readNew(response) {
      const { readNewCredential } = await webauthn()
      const read = readNewCredential(response)
      return read === undefined ? refuse('SP_API_INVALID', 'response: a new passkey.') : pass(read)
    },
    async beginSignIn() {
      const { signInOptions } = await webauthn()
      return signInOptions(site, offers.fresh('sign-in'))
    },
    async finishSignIn(response, peer) {
      const read = assertionOf(response)
      const challenge = read === undefined ? undefined : challengeOf(read)
      if (read === undefined || challenge === undefined) return refuse('SP_AUTHN_INVALID', 'This is not an assertion.')
      const until = offers.until(challenge, 'sign-in')
      if (until === undefined || !(await store.spend(`passkey-offer:${challenge}`, until)))
        return refuse('SP_AUTHN_INVALID', 'This offer to sign in has ended or been used.')
      const accepted = await accept(undefined, Buffer.from(challenge, 'base64url').toString('hex'), read, peer)
      if (!accepted.ok) return refuse('SP_AUTHN_INVALID', accepted.reason)
      return pass({ operator: accepted.value.operator, credential: accepted.value.id })
    },
    async confirm(id, by) {
      const passkey = await find(id)
      if (passkey === undefined) return refuse('SP_API_INVALID', 'id: there is no such passkey.')
      if (passkey.operator === by) return refuse('SP_APPROVAL_SELF', 'A second person has to confirm it.')
      const criticalFrom = Math.min(clock.now(), passkey.criticalFrom)
      await evidence.append([record('identity', { event: 'passkey.confirmed', credential: id, by, criticalFrom })])
      const done = await change(passkey, (now) => passkeyRow({ ...now, criticalFrom }))
      return done === undefined ? refuse('SP_AUTHN_PRESENCE', 'This passkey is being used elsewhere.') : pass(null)
    },
    async remove(id, by = '') {
      const mine = removing.then(() => removeNow(id, by))
      removing = mine.catch(() => undefined)
      return mine
    },
    async accept(operator, challenge, assertion, peer) {
      const accepted = await accept(operator, challenge, assertion, peer)
      if (!accepted.ok) return accepted
      return pass({ class: classNow(accepted.value) === 'device' ? 'device' : 'passkey' })
    },
  }
}

/** An assertion in the form that browsers give (`AuthenticationResponseJSON`). */
function assertionOf(response: Json): PasskeyAssertion | undefined {
  const inner = isJsonObject(response) ? response['response'] : undefined
  if (!isJsonObject(response) || !isJsonObject(inner)) return undefined
  const { authenticatorData, clientDataJSON, signature } = inner
  const parts = [response['id'], authenticatorData, clientDataJSON, signature]
  if (parts.some((part) => typeof part !== 'string')) return undefined
  const [credential, data, client, signed] = parts as [string, string, string, string]
  return { credential, authenticatorData: data, clientDataJSON: client, signature: signed }
}

function challengeOf({ clientDataJSON }: PasskeyAssertion): string | undefined {
  try {
    const client = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8')) as { challenge?: unknown }
    return typeof client.challenge === 'string' ? client.challenge : undefined
  } catch {
    return undefined
  }
}
