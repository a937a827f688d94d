import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { canonicalJson, CREDENTIAL_TYPES, SallyportError, type Json } from '@sallyport/core'
import { z } from 'zod'
import type { BackedUp } from './secret.ts'

const FORMAT = 'sallyport/vault-backup/1'
const TIME = z.int().min(1)

/** What is in a backup, before it is encrypted and after. Times in ms since 1970, values in base64. */
export const BACKUP = z.strictObject({
  format: z.literal(FORMAT),
  createdAt: TIME,
  secrets: z.array(
    z.strictObject({
      name: z.string().max(64),
      type: z.enum(CREDENTIAL_TYPES),
      version: z.int().min(1),
      createdAt: TIME,
      expiresAt: TIME,
      value: z.base64().max(90_000),
    }),
  ),
  /** Of the gateway that made it: Ed25519, SPKI. */
  publicKey: z.base64().max(200),
  signature: z.base64().max(200),
})
export type Backup = z.infer<typeof BACKUP>

/** Anybody can encrypt a file for a recipient; the signature says which gateway made this one. */
export function makeBackup(secrets: readonly BackedUp[], identity: KeyObject, createdAt: number): Backup {
  const publicKey = createPublicKey(identity).export({ type: 'spki', format: 'der' }).toString('base64')
  const plain = secrets.map(({ value, ...about }) => ({ ...about, value: Buffer.from(value).toString('base64') }))
  const said: Omit<Backup, 'signature'> = { format: FORMAT, createdAt, secrets: plain, publicKey }
  return { ...said, signature: sign(null, signedBytes(said), identity).toString('base64') }
}

/**
 * Which gateway made a backup: the name that its keys give it.
 * @throws SallyportError SP_VAULT_INVALID for one that is not as it was made
 */
export function makerOf({ signature, ...said }: Backup): string {
  const spki = Buffer.from(said.publicKey, 'base64')
  if (!isGenuine(said, spki, signature))
    throw new SallyportError('SP_VAULT_INVALID', 'The backup is not as a gateway made it: its signature does not fit.')
  return spki.subarray(-32).toString('hex').slice(0, 16)
}

function isGenuine(said: Omit<Backup, 'signature'>, spki: Buffer, signature: string): boolean {
  try {
    const key = createPublicKey({ key: spki, type: 'spki', format: 'der' })
    return key.asymmetricKeyType === 'ed25519' && verify(null, signedBytes(said), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

const signedBytes = (said: Omit<Backup, 'signature'>): Buffer =>
  Buffer.from(`${FORMAT}\n${canonicalJson(said as unknown as Json)}`)

/** The caller overwrites the values. */
export const secretsOf = ({ secrets }: Backup): readonly BackedUp[] =>
  secrets.map(({ value, ...about }) => ({ ...about, value: Buffer.from(value, 'base64') }))
