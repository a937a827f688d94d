import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Effect } from '../action/tool.ts'
import { parseJson } from '../json/parse.ts'
import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import type { Scope } from './principal.ts'
import { SCOPES } from './scope.ts'

/** The longest an agent's credential lives, in seconds (HB-65, E-43). */
export const CREDENTIAL_SECONDS = 900

/** Compact JWS, HS256 (RFC 7515). The header is one fixed text: no algorithm is ever read from a token (T-067). */
const HEADER = Buffer.from('{"alg":"HS256","typ":"sp-agent+jwt"}').toString('base64url')
const PART = /^[A-Za-z0-9_-]+$/
const MAX_LENGTH = 2048
const MAX_SKEW_SECONDS = 60
const EFFECTS: readonly Effect[] = ['read', 'write', 'external']

/** Times in whole seconds since 1970. */
export interface CredentialClaims {
  readonly jti: string
  readonly sub: string
  /** Grows when the agent's key is rotated: older credentials die at once. */
  readonly gen: number
  readonly scopes: readonly Scope[]
  /** Effects this credential may cause; a stolen `read` credential cannot send mail (HB-64). */
  readonly effects: readonly Effect[]
  readonly iat: number
  readonly exp: number
}

export type CredentialVerdict =
  | { readonly ok: true; readonly claims: CredentialClaims }
  | { readonly ok: false; readonly reason: 'malformed' | 'forged' | 'expired' | 'future' }

/**
 * A credential for `claims`.
 * @throws RangeError for a lifetime that is missing, negative, or longer than 15 minutes: there is no credential without
 * an end (HB-56).
 */
export function issueCredential(key: Uint8Array, claims: CredentialClaims): string {
  const life = claims.exp - claims.iat
  if (!(life > 0 && life <= CREDENTIAL_SECONDS))
    throw new RangeError(`A credential lives 1 to ${CREDENTIAL_SECONDS} seconds.`)
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${signed}.${mac(key, signed).toString('base64url')}`
}

/** Form, MAC in constant time, claims, then times. `now` in ms since 1970. */
export function verifyCredential(key: Uint8Array, token: string, now: number): CredentialVerdict {
  if (token.length > MAX_LENGTH) return { ok: false, reason: 'malformed' }
  const [header, payload, signature, ...rest] = token.split('.')
  if (header !== HEADER || payload === undefined || signature === undefined || rest.length > 0) {
    return { ok: false, reason: 'malformed' }
  }
  if (!PART.test(payload) || !PART.test(signature)) return { ok: false, reason: 'malformed' }
  const given = Buffer.from(signature, 'base64url')
  const expected = mac(key, `${header}.${payload}`)
  // Re-encoding refuses the other spellings of the same bytes that base64url's spare bits allow.
  const same = given.length === expected.length && given.toString('base64url') === signature
  if (!same || !timingSafeEqual(given, expected)) return { ok: false, reason: 'forged' }
  const claims = readClaims(Buffer.from(payload, 'base64url').toString('utf8'))
  if (claims === undefined) return { ok: false, reason: 'malformed' }
  const seconds = Math.floor(now / 1000)
  if (claims.exp <= seconds) return { ok: false, reason: 'expired' }
  if (claims.iat > seconds + MAX_SKEW_SECONDS) return { ok: false, reason: 'future' }
  return { ok: true, claims }
}

const mac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest()

function readClaims(text: string): CredentialClaims | undefined {
  let value: Json
  try {
    value = parseJson(text)
  } catch {
    return undefined
  }
  if (!isJsonObject(value)) return undefined
  const { jti, sub, gen, iat, exp } = value as JsonObject &
    Record<'jti' | 'sub' | 'gen' | 'iat' | 'exp', Json | undefined>
  if (typeof jti !== 'string' || typeof sub !== 'string') return undefined
  if (!isSeconds(gen) || !isSeconds(iat) || !isSeconds(exp)) return undefined
  const scopes = subset(value['scopes'], SCOPES)
  const effects = subset(value['effects'], EFFECTS)
  if (scopes === undefined || effects === undefined) return undefined
  const life = exp - iat
  if (!(life > 0 && life <= CREDENTIAL_SECONDS)) return undefined
  return { jti, sub, gen, scopes, effects, iat, exp }
}

const isSeconds = (value: Json | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function subset<T extends string>(value: Json | undefined, all: readonly T[]): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const known = all.filter((one) => value.includes(one))
  return known.length === value.length ? known : undefined
}
