import { isJsonObject, parseJson, type JsonObject } from '@sallyport/core'
import type { Document } from '../../store/ports.ts'

/** `platform`: built into the machine it is used on · `cross`: a security key or a phone · `device`: enrolled from another machine. */
export type PasskeyClass = 'platform' | 'cross' | 'device'

/** An enrolled credential as its enrolment record has it: nothing of this comes from the row (T-004). */
export interface Enrolment {
  readonly id: string
  readonly operator: string
  /** DER SubjectPublicKeyInfo, base64url. */
  readonly publicKey: string
  readonly rpId: string
  readonly aaguid: string
  readonly class: PasskeyClass
  /** ms since 1970 */
  readonly createdAt: number
  /** ms since 1970; before that it approves nothing critical. */
  readonly criticalFrom: number
  /** When the newest record that says all this was written, ms since 1970. */
  readonly recordedAt: number
}

/** What may change without a record of its own. */
export interface Passkey extends Enrolment {
  readonly label: string
  readonly signCount: number
  readonly backedUp: boolean
  /** ms since 1970, 0 = never */
  readonly lastUsedAt: number
  /** It was used from the gateway's own machine: it is no device of its own any more (threat-model §3.4). */
  readonly seenHere: boolean
  readonly version: number
}

export interface PasskeyView {
  readonly id: string
  readonly operator: string
  readonly name: string
  readonly aaguid: string
  readonly backedUp: boolean
  readonly class: PasskeyClass
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly criticalFrom: number
}

export const viewOf = (passkey: Passkey): PasskeyView => ({
  id: passkey.id,
  operator: passkey.operator,
  name: passkey.label,
  aaguid: passkey.aaguid,
  backedUp: passkey.backedUp,
  class: classNow(passkey),
  createdAt: passkey.createdAt,
  lastUsedAt: passkey.lastUsedAt,
  criticalFrom: passkey.criticalFrom,
})

/** A device that was used on the gateway's own machine is a security key like any other. */
export const classNow = (passkey: Passkey): PasskeyClass =>
  passkey.class === 'device' && passkey.seenHere ? 'cross' : passkey.class

/** A later credential approves nothing critical before this has passed (threat-model §3.2), ms. */
export const CRITICAL_DELAY_MS = 24 * 3_600_000

type Row = Omit<Document, 'version' | 'updatedAt'>

export const passkeyRow = (passkey: Omit<Passkey, 'version'>, state: 'active' | 'removed' = 'active'): Row => {
  const { id, ...body } = passkey
  return { kind: 'passkey', id, state, expiresAt: 0, body: body as unknown as JsonObject }
}

/** The row's own part, and only together with its enrolment. */
export function passkeyOf(
  { id, body, state, version }: Document,
  enrolment: Enrolment | undefined,
): Passkey | undefined {
  const { label, signCount, backedUp, lastUsedAt, seenHere } = body
  if (state !== 'active' || enrolment?.id !== id) return undefined
  if (typeof label !== 'string' || typeof signCount !== 'number' || typeof lastUsedAt !== 'number') return undefined
  return {
    ...enrolment,
    label,
    signCount,
    lastUsedAt,
    backedUp: backedUp === true,
    seenHere: seenHere === true,
    version,
  }
}

/** The log forgets after a while; what enrols a credential is written again before that. */
export const RECORD_AGAIN_MS = 30 * 24 * 3_600_000

/** The part of a record that says who may prove what from now on. */
export const enrolmentRecord = ({ id, recordedAt: _at, ...rest }: Enrolment): JsonObject => ({
  event: 'passkey.enrolled',
  credential: id,
  ...rest,
})

/**
 * All credentials that the records enrol and do not remove. A record that does not say all of it enrols nothing.
 * @param bodies JSON texts of `identity` records, oldest first
 */
export function enrolmentsIn(bodies: Iterable<string>): Map<string, Enrolment> {
  const found = new Map<string, Enrolment>()
  for (const text of bodies) {
    if (!text.includes('"passkey.')) continue
    const record = parseJson(text)
    if (isJsonObject(record)) apply(found, record)
  }
  return found
}

function apply(found: Map<string, Enrolment>, record: JsonObject): void {
  const { event, credential } = record
  if (typeof credential !== 'string') return
  const known = found.get(credential)
  if (event === 'passkey.removed') found.delete(credential)
  else if (event === 'passkey.confirmed' && known !== undefined && typeof record['criticalFrom'] === 'number') {
    found.set(credential, { ...known, criticalFrom: Math.min(known.criticalFrom, record['criticalFrom']) })
  } else if (event === 'passkey.enrolled') {
    const enrolment = enrolmentOf(credential, record)
    if (enrolment === undefined) return
    found.set(credential, known === undefined ? enrolment : { ...known, recordedAt: enrolment.recordedAt })
  }
}

function enrolmentOf(id: string, record: JsonObject): Enrolment | undefined {
  const { operator, publicKey, rpId, aaguid, class: kind, createdAt, criticalFrom, timestamp } = record
  const texts = [operator, publicKey, rpId, aaguid]
  if (texts.some((text) => typeof text !== 'string') || typeof createdAt !== 'number') return undefined
  if (typeof criticalFrom !== 'number' || (kind !== 'platform' && kind !== 'cross' && kind !== 'device'))
    return undefined
  const [who, key, site, model] = texts as [string, string, string, string]
  const recordedAt = Date.parse(typeof timestamp === 'string' ? timestamp : '')
  return {
    id,
    operator: who,
    publicKey: key,
    rpId: site,
    aaguid: model,
    class: kind,
    createdAt,
    criticalFrom,
    recordedAt,
  }
}
