import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { isJsonObject, type JsonObject, type Principal } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import type { Document } from '../../store/ports.ts'
import type { ScryptParams } from './pin.ts'

/** An enrolled human. `id` is `operator:<name>`, so it can never be the id of an agent. */
export interface Operator {
  readonly id: string
  /** hex */
  readonly salt: string
  readonly cost: ScryptParams
  /** Verifier key under AES-256-GCM with the pepper, which is not in the store: iv ‖ ciphertext ‖ tag, hex. */
  readonly sealed: string
  readonly enrolledAt: number
}

/** 1 to 32 characters of a-z, 0-9, `.`, `_`, `-`. `local` is whoever holds the operator socket without proof. */
export const OPERATOR_NAME = /^(?!local$)[a-z0-9][a-z0-9._-]{0,31}$/

export const OPERATOR_ID = /^operator:[a-z0-9][a-z0-9._-]{0,31}$/

export const operatorBody = ({ id: _id, ...body }: Operator): JsonObject => body as unknown as JsonObject

/** The operator of a document; undefined when the document is not whole, and then there is no such operator. */
export function operatorOf({ id, body, state }: Document): Operator | undefined {
  const { salt, cost, sealed, enrolledAt } = body
  if (state !== 'active' || !id.startsWith('operator:') || !isJsonObject(cost)) return undefined
  const { N, r, p } = cost
  const whole = typeof salt === 'string' && typeof sealed === 'string' && typeof enrolledAt === 'number'
  if (!whole || typeof N !== 'number' || typeof r !== 'number' || typeof p !== 'number') return undefined
  return { id, salt, cost: { N, r, p }, sealed, enrolledAt }
}

/** Who an operator is for policy of approvals: a human that may approve. */
export const operatorPrincipal = (id: string): Principal => ({
  kind: 'human',
  id,
  chain: [],
  scopes: ['read', 'approve', 'policy'],
  trustLevel: 0,
  instance: '',
})

const sealingKey = (pepper: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', pepper, '', 'sallyport/pin-verifier/1', 32))

/** Encrypts a verifier key for the store; the operator's id is bound in. */
export function sealVerifier(key: Uint8Array, id: string, pepper: Uint8Array, random: Random): string {
  const iv = random.bytes(12)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(pepper), iv).setAAD(Buffer.from(id))
  return Buffer.concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]).toString('hex')
}

/** The verifier key, or undefined when the pepper, the id or one byte differs: the stored value alone is useless. */
export function openVerifier({ sealed, id }: Operator, pepper: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'hex')
  if (bytes.length !== 12 + 32 + 16) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', sealingKey(pepper), bytes.subarray(0, 12))
    decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
  } catch {
    return undefined
  }
}
