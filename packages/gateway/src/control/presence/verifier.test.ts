import { verifyAuthenticationResponse } from '@simplewebauthn/server'
import { verifyAssertion, type PasskeyAssertion } from '@sallyport/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SITE } from '../../../../../test/approvals/setup.ts'
import { Authenticator } from '../../../../../test/presence/authenticator.ts'

const CHALLENGE = '5a'.repeat(32)
const key = new Authenticator(SITE)
const coseOf = (): Uint8Array<ArrayBuffer> => {
  const spki = Buffer.from(key.publicKey, 'base64url')
  const [x, y] = [spki.subarray(-64, -32), spki.subarray(-32)]
  const head = Buffer.from('a5010203262001215820', 'hex')
  return new Uint8Array(Buffer.concat([head, x, Buffer.from('225820', 'hex'), y]))
}

const ours = (assertion: PasskeyAssertion): boolean =>
  verifyAssertion(assertion, { ...SITE, challenge: CHALLENGE, publicKey: key.publicKey }).ok

async function theirs({ credential: id, ...response }: PasskeyAssertion): Promise<boolean> {
  try {
    const checked = await verifyAuthenticationResponse({
      response: { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response },
      expectedChallenge: Buffer.from(CHALLENGE, 'hex').toString('base64url'),
      expectedOrigin: SITE.origin,
      expectedRPID: SITE.rpId,
      credential: { id, publicKey: coseOf(), counter: 0 },
      requireUserVerification: true,
    })
    return checked.verified
  } catch {
    return false
  }
}

test('T-023: what we accept, an independent verifier accepts; and whatever one bit changes is refused', async () => {
  const good = key.assert(CHALLENGE)
  expect([ours(good), await theirs(good)]).toEqual([true, true])
  const part = fc.constantFrom('authenticatorData', 'clientDataJSON', 'signature') as fc.Arbitrary<
    'authenticatorData' | 'clientDataJSON' | 'signature'
  >
  fc.assert(
    fc.property(part, fc.nat(), fc.integer({ min: 0, max: 7 }), (name, at, bit) => {
      const bytes = Buffer.from(good[name], 'base64url')
      const index = at % bytes.length
      bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
      const changed = { ...good, [name]: bytes.toString('base64url') }
      expect(ours(changed)).toBe(false)
    }),
    { numRuns: 400 },
  )
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 255 }), async (flags) => {
      const assertion = key.assert(CHALLENGE, { flags: flags & 0x3f })
      if (ours(assertion)) expect(await theirs(assertion)).toBe(true)
    }),
  )
})
