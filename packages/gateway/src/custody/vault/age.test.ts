import { expect, test } from 'vitest'
import { decryptWith, encryptFor } from './age.ts'

const keys = async () => {
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption')
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('what is encrypted for two opens with either, armored or not, and with nobody else’s', async () => {
  const { armor } = await import('age-encryption')
  const [ana, ben, eve] = [await keys(), await keys(), await keys()]
  const file = await encryptFor([ana.recipient, ben.recipient], 'kept')
  expect(file).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/)
  expect(await decryptWith([ana.identity], bytes(file))).toBe('kept')
  expect(await decryptWith([eve.identity, ben.identity], armor.decode(file))).toBe('kept')
  await expect(decryptWith([eve.identity], bytes(file))).rejects.toMatchObject({ code: 'SP_VAULT_DENIED' })
})

test('a changed file, one that is none, and what is no key are invalid; no error quotes a key', async () => {
  const { armor } = await import('age-encryption')
  const { identity, recipient } = await keys()
  const raw = armor.decode(await encryptFor([recipient], 'kept'))
  raw[raw.length - 1] = (raw.at(-1) ?? 0) ^ 1
  const attempts: readonly (() => Promise<string>)[] = [
    () => decryptWith([identity], raw),
    () => decryptWith([identity], bytes('nothing of the kind')),
    () => decryptWith([`${identity}X`], raw),
    () => encryptFor([identity], 'kept'),
  ]
  for (const attempt of attempts) {
    const thrown = await attempt().catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'SP_VAULT_INVALID' })
    expect(String(thrown)).not.toContain(identity)
  }
})

test('a backup is for 1 to 20', async () => {
  const { recipient } = await keys()
  for (const count of [0, 21])
    await expect(
      encryptFor(
        Array.from({ length: count }, () => recipient),
        'kept',
      ),
    ).rejects.toMatchObject({
      code: 'SP_VAULT_INVALID',
    })
})
