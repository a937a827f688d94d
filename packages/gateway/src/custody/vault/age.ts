import { SallyportError } from '@sallyport/core'

/** Recipients of a backup. */
const MOST = 20

/**
 * A text as an age file (age-encryption.org/v1), armored.
 * @throws SallyportError SP_VAULT_INVALID for what is no recipient
 */
export async function encryptFor(recipients: readonly string[], text: string): Promise<string> {
  const { armor, Encrypter } = await import('age-encryption')
  if (recipients.length === 0 || recipients.length > MOST)
    throw new SallyportError('SP_VAULT_INVALID', `A backup is for 1 to ${MOST} recipients.`)
  const encrypter = new Encrypter()
  for (const [at, recipient] of recipients.entries())
    try {
      encrypter.addRecipient(recipient)
    } catch {
      // not quoted: it may be an identity
      throw new SallyportError('SP_VAULT_INVALID', `Recipient ${at + 1} is no age recipient (age1…).`)
    }
  return armor.encode(await encrypter.encrypt(text))
}

/**
 * What is in an age file, armored or not. No error quotes the identity.
 * @throws SallyportError SP_VAULT_DENIED when no identity is of a recipient, SP_VAULT_INVALID for what is no age file or was changed
 */
export async function decryptWith(identities: readonly string[], file: Uint8Array): Promise<string> {
  const { armor, Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  try {
    for (const identity of identities) decrypter.addIdentity(identity)
  } catch {
    throw new SallyportError('SP_VAULT_INVALID', 'That is no age identity (AGE-SECRET-KEY-…).')
  }
  try {
    const isArmored = Buffer.from(file).subarray(0, 64).toString('latin1').trimStart().startsWith('-----BEGIN AGE')
    const bytes = isArmored ? armor.decode(Buffer.from(file).toString('utf8')) : file
    return await decrypter.decrypt(bytes, 'text')
  } catch (thrown) {
    if (thrown instanceof Error && thrown.message.startsWith('no identity matched'))
      throw new SallyportError('SP_VAULT_DENIED', 'The file was not encrypted for this identity.')
    throw new SallyportError('SP_VAULT_INVALID', 'The file is no age file, or was changed.')
  }
}
