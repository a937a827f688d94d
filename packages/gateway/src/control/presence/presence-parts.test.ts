import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '@sallyport/core'
import { testClock } from '../../../../../test/approvals/setup.ts'
import { Authenticator, cbor } from '../../../../../test/presence/authenticator.ts'
import { createIssuer, newKeyPair } from '../../certificates.ts'
import { systemRandom } from '../../random.ts'
import type { Document } from '../../store/ports.ts'
import { whyAttestationFails } from './attestation.ts'
import { isSignedBy, readPresenceProof, type SignedChallenge } from './challenge.ts'
import { publicKeyOfCose } from './cose-key.ts'
import { readNewCredential, verifyNewCredential } from './enrolment.ts'
import { createOffers } from './offers.ts'
import { openVerifier, operatorBody, operatorOf, sealVerifier } from './operator.ts'
import { enrolmentsIn, passkeyOf } from './passkey.ts'
import { derivePinKey, whyPinIsWeak } from './pin.ts'

const DAY = 86_400_000
const MODEL = 'AAAAAAAA-0000-0000-0000-000000000000'
const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) }
const maker = (): ReturnType<typeof createIssuer> => createIssuer({ name: 'Maker', hosts: ['a.example'], ...validity })
const der = (pem: string): Buffer => new X509Certificate(pem).raw

describe('T-022: attestation under `direct`', async () => {
  const [root, other] = [await maker(), await maker()]
  const leaf = await root.issue('a.example', (await newKeyPair()).publicKey, validity)
  const second = await root.issue('a.example', (await newKeyPair()).publicKey, validity)
  const why = (chain: readonly Buffer[] | undefined, roots = [root.certificate], fmt = 'packed', aaguid = MODEL) => {
    const attStmt = new Map(chain === undefined ? [] : [['x5c', chain]])
    const attestationObject = cbor(
      new Map<string, unknown>([
        ['fmt', fmt],
        ['attStmt', attStmt],
        ['authData', Buffer.alloc(37)],
      ]),
    )
    return whyAttestationFails(
      { fmt, aaguid, attestationObject },
      { attestation: 'direct', aaguids: [MODEL.toLowerCase()], roots },
    )
  }

  test.each([
    ['signed by the maker', [der(leaf)]],
    ['with the maker itself', [der(leaf), der(root.certificate)]],
  ])('enough: %s', (_, chain) => {
    expect(why(chain)).toBeUndefined()
  })

  test.each([
    ['no certificate', undefined, undefined, /says nothing/],
    ['no certificate in the list', [], undefined, /says nothing/],
    ['seven certificates', Array.from({ length: 7 }, () => der(leaf)), undefined, /too many/],
    ['bytes that are none', [Buffer.from('certificate')], undefined, /cannot be read/],
    ['a maker that is not on the list', [der(leaf)], [other.certificate], /not on the list/],
    ['nobody on the list', [der(leaf)], [], /not on the list/],
    ['a certificate that may not sign', [der(leaf), der(second)], undefined, /not on the list/],
    ['another maker in between', [der(leaf), der(other.certificate)], undefined, /not on the list/],
    ['a leaf for a maker', [der(leaf)], [second], /not on the list/],
  ])('not enough: %s', (_, chain, roots, reason) => {
    expect(why(chain, roots ?? [root.certificate])).toMatch(reason)
  })

  test('not enough: another model, and a statement of no kind', () => {
    expect(why([der(leaf)], [root.certificate], 'packed', 'BBBBBBBB-0000-0000-0000-000000000000')).toMatch(/model/)
    expect(why([der(leaf)], [root.certificate], 'none')).toMatch(/says nothing/)
  })
})

describe('keys of passkeys', () => {
  const of = (key: ReadonlyMap<number, unknown>): string | undefined => publicKeyOfCose(cbor(key))
  const jwk = (type: 'ed25519' | 'rsa') =>
    (type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')).publicKey
  const bytes = (text = ''): Buffer => Buffer.from(text, 'base64url')

  test('Ed25519 and RSA are read', () => {
    const ed = jwk('ed25519')
    const read = of(
      new Map<number, unknown>([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, bytes(ed.export({ format: 'jwk' }).x)],
      ]),
    )
    expect(read).toBe(ed.export({ format: 'der', type: 'spki' }).toString('base64url'))
    const rsa = jwk('rsa')
    const { n, e } = rsa.export({ format: 'jwk' })
    const rsaRead = of(
      new Map<number, unknown>([
        [1, 3],
        [3, -257],
        [-1, bytes(n)],
        [-2, bytes(e)],
      ]),
    )
    expect(rsaRead).toBe(rsa.export({ format: 'der', type: 'spki' }).toString('base64url'))
  })

  test.each([
    [
      'P-384',
      new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 2],
        [-2, Buffer.alloc(48)],
        [-3, Buffer.alloc(48)],
      ]),
    ],
    [
      'Ed448',
      new Map<number, unknown>([
        [1, 1],
        [3, -8],
        [-1, 7],
        [-2, Buffer.alloc(57)],
      ]),
    ],
    [
      'an unknown algorithm',
      new Map<number, unknown>([
        [1, 2],
        [3, -47],
        [-1, 8],
      ]),
    ],
  ])('none of %s', (_, key) => {
    expect(of(key)).toBeUndefined()
  })
})

describe('T-023: what is no new passkey', () => {
  const site = { origin: 'https://sallyport.localhost:7443', rpId: 'sallyport.localhost' }
  const made = new Authenticator(site).create({ challenge: 'AAAA' })
  const inner = made['response'] as JsonObject
  const authData = (flags: number): string =>
    cbor(
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', Buffer.concat([Buffer.alloc(32), Buffer.of(flags), Buffer.alloc(4)])],
      ]),
    ).toString('base64url')
  const clientData = (value: Json): JsonObject => ({
    ...made,
    response: { ...inner, clientDataJSON: Buffer.from(JSON.stringify(value)).toString('base64url') },
  })

  test.each<[string, Json]>([
    ['nothing', null],
    ['no response', {}],
    ['a response of another form', { response: 'x' }],
    ['no attestation', { response: {} }],
    ['bytes', { response: { attestationObject: 'AAAA' } }],
    ['no key in it', { response: { attestationObject: authData(1) } }],
  ])('nothing is read of %s', (_, response) => {
    expect(readNewCredential(response)).toBeUndefined()
  })

  test('the key and the model of a whole one are read', () => {
    expect(readNewCredential(made)).toMatchObject({ aaguid: MODEL.replaceAll('A', '0') })
  })

  test.each<[string, Json, RegExp]>([
    ['nothing', null, /not a new passkey/],
    ['no response', { response: 7 }, /not a new passkey/],
    ['client data that is no object', clientData('x'), /not a new passkey/],
    ['client data that is no JSON', { response: { clientDataJSON: 'AAAA' } }, /not a new passkey/],
    ['one of another page', clientData({ crossOrigin: true }), /inside another page/],
    ['one below another page', clientData({ topOrigin: 'https://a.example' }), /inside another page/],
    ['one without a challenge of ours', made, /not accepted/],
    ['an attestation that is none', { ...made, response: { ...inner, attestationObject: 'AAAA' } }, /not accepted/],
  ])('%s is refused', async (_, response, reason) => {
    const verdict = await verifyNewCredential(response, site, () => false, {
      attestation: 'none',
      aaguids: [],
      roots: [],
    })
    expect(verdict).toMatchObject({
      ok: false,
      code: 'SP_AUTHN_PRESENCE',
      reason: expect.stringMatching(reason) as string,
    })
  })

  test('a self-attestation whose signature is another one is refused; one that a browser does not place is a key of its own', async () => {
    const verify = (response: Json) =>
      verifyNewCredential(response, site, () => true, { attestation: 'none', aaguids: [], roots: [] })
    const forged = new Authenticator(site).create(
      { challenge: 'AAAA' },
      {},
      {
        fmt: 'packed',
        statement: () =>
          new Map<string, unknown>([
            ['alg', -7],
            ['sig', randomBytes(70)],
          ]),
      },
    )
    expect((await verify(forged)).ok).toBe(false)
    expect(await verify({ ...made, authenticatorAttachment: 'cross-platform' })).toMatchObject({
      ok: true,
      value: { attached: 'cross' },
    })
  })
})

describe('T-004: rows and records that are not whole', () => {
  const RECORD = {
    ...{ event: 'passkey.enrolled', credential: 'k', operator: 'operator:ana', publicKey: 'p', rpId: 'r', aaguid: 'a' },
    ...{ class: 'cross', createdAt: 5, criticalFrom: 9, timestamp: '2026-01-01T00:00:00.000Z' },
  }
  const read = (...records: readonly Json[]) => enrolmentsIn(records.map((each) => JSON.stringify(each)))

  test.each([
    ['no operator', { operator: 7 }],
    ['no time', { createdAt: 'x' }],
    ['no time from which it counts', { criticalFrom: null }],
    ['a class of its own', { class: 'root' }],
    ['no credential', { credential: 7 }],
    ['another event', { event: 'passkey.unheard' }],
    ['a confirmation of nobody', { event: 'passkey.confirmed' }],
  ])('a record enrols nothing: %s', (_, change) => {
    expect(read({ ...RECORD, ...change }).size).toBe(0)
  })

  test('a record that is no object, or speaks of something else, is passed over', () => {
    expect(read('"passkey."', ['passkey.enrolled'], { event: 'other' }).size).toBe(0)
  })

  test('of two enrolments of one credential the first counts; the record without a time of its own is as old as can be', () => {
    const [first] = read(RECORD, { ...RECORD, operator: 'operator:ben', timestamp: 7 }).values()
    expect([first?.operator, first?.recordedAt]).toEqual(['operator:ana', Number.NaN])
  })

  test('a confirmation never moves the time back, and needs one', () => {
    const confirmed = (criticalFrom: Json) => ({ event: 'passkey.confirmed', credential: 'k', criticalFrom })
    expect(read(RECORD, confirmed(7), confirmed(99), confirmed('x')).get('k')?.criticalFrom).toBe(7)
    expect(read(RECORD, { event: 'passkey.removed', credential: 'k' }).size).toBe(0)
  })

  const row = (body: JsonObject, more: Partial<Document> = {}): Document => ({
    ...{ kind: 'passkey', id: 'k', version: 3, state: 'active', expiresAt: 0, updatedAt: 0 },
    body: { label: 'key', signCount: 1, lastUsedAt: 2, ...body },
    ...more,
  })
  const enrolment = read(RECORD).get('k')
  test.each([
    ['removed', row({}, { state: 'removed' })],
    ['of another credential', row({}, { id: 'other' })],
    ['without a name', row({ label: 1 })],
    ['without a counter', row({ signCount: null })],
    ['without a time', row({ lastUsedAt: 'x' })],
  ])('no passkey: a row that is %s', (_, document) => {
    expect(passkeyOf(row({ operator: 'operator:eve' }), enrolment)?.operator).toBe('operator:ana')
    expect(passkeyOf(document, enrolment)).toBeUndefined()
  })

  const pepper = randomBytes(32)
  const whole = {
    ...{ id: 'operator:ana', salt: '00', cost: { N: 2, r: 1, p: 1 }, enrolledAt: 1 },
    sealed: sealVerifier(Buffer.alloc(32, 7), 'operator:ana', pepper, systemRandom),
  }
  test.each<[string, Partial<Document>, JsonObject]>([
    ['removed', { state: 'removed' }, {}],
    ['an agent', { id: 'agent:ana' }, {}],
    ['without a cost', {}, { cost: 7 }],
    ['with half a cost', {}, { cost: { N: 2, r: 1 } }],
    ['without a salt', {}, { salt: null }],
    ['without a verifier', {}, { sealed: 1 }],
    ['without a time', {}, { enrolledAt: 'x' }],
  ])('no operator: a row that is %s', (_, more, body) => {
    const document = { ...row({}), kind: 'operator', id: whole.id, body: operatorBody(whole) } as Document
    expect(operatorOf(document)?.id).toBe(whole.id)
    expect(operatorOf({ ...document, ...more, body: { ...document.body, ...body } })).toBeUndefined()
  })

  test('a verifier opens with its pepper, id and every byte alone', () => {
    expect(openVerifier(whole, pepper)).toEqual(Buffer.alloc(32, 7))
    expect(openVerifier(whole, randomBytes(32))).toBeUndefined()
    expect(openVerifier({ ...whole, id: 'operator:eve' }, pepper)).toBeUndefined()
    expect(openVerifier({ ...whole, sealed: whole.sealed.slice(2) }, pepper)).toBeUndefined()
  })
})

describe('proofs of another form', () => {
  const ASSERTION = { credential: 'c', authenticatorData: 'a', clientDataJSON: 'd', signature: 's' }
  const BASE = { operator: 'operator:ana', nonce: 'n', notAfter: 1 }
  test.each<[string, Json | undefined]>([
    ['nothing', undefined],
    ['a text', 'proof'],
    ['no operator', { ...BASE, operator: 1, proof: 'p' }],
    ['no nonce', { ...BASE, nonce: null, proof: 'p' }],
    ['no end', { ...BASE, notAfter: 1.5, proof: 'p' }],
    ['more than a proof', { ...BASE, proof: 'p', scope: 'all' }],
    ['neither proof nor assertion', BASE],
    ['a proof that is no text', { ...BASE, proof: 7 }],
    ['both', { ...BASE, proof: 'p', assertion: ASSERTION }],
    ['half an assertion', { ...BASE, assertion: { credential: 'c' } }],
    ['an assertion of numbers', { ...BASE, assertion: { ...ASSERTION, signature: 1 } }],
    ['an assertion that is none', { ...BASE, assertion: 'a' }],
  ])('T-010: %s', (_, value) => {
    expect(readPresenceProof(value)).toBeUndefined()
  })

  test('T-010: whole ones are taken', () => {
    expect(readPresenceProof({ ...BASE, proof: 'p' })).toEqual({ ...BASE, proof: 'p' })
    expect(readPresenceProof({ ...BASE, assertion: ASSERTION })).toEqual({ ...BASE, assertion: ASSERTION })
  })

  test('T-015: a challenge with half a signature is signed by nobody', () => {
    const challenge = { kind: 'x', signature: 'ab' } as SignedChallenge
    expect(isSignedBy(challenge, 'ab'.repeat(32), generateKeyPairSync('ed25519').publicKey)).toBe(false)
  })

  test('an offer holds for its purpose, its time and its exact letters', () => {
    const clock = testClock()
    const offers = createOffers({ mac: randomBytes(32), clock, random: systemRandom, lifetime: 1_000 })
    const offer = offers.fresh('sign-in').toString('base64url')
    expect(offers.until(offer, 'sign-in')).toBe(clock.now() + 1_000)
    for (const given of ['', offer.slice(4), `${offer}=`, `${offer.slice(0, -1)}!`])
      expect(offers.until(given, 'sign-in')).toBeUndefined()
    expect(offers.until(offer, 'enrol operator:ana')).toBeUndefined()
    clock.advance(1_000)
    expect(offers.until(offer, 'sign-in')).toBeUndefined()
  })

  test.each([
    ['short', 'ab1!xyz'],
    ['long', 'ab1!'.repeat(33)],
    ['digits', '1234 5678-90'],
    ['digits of another script', '١٢٣٤٥٦٧٨'],
    ['one letter', 'aAaAaAaA'],
  ])('a PIN that is too weak: %s', (_, pin) => {
    expect(whyPinIsWeak(pin)).toMatch(/^Use /)
  })

  test('a PIN that will do, and a cost that no machine can pay', async () => {
    expect(whyPinIsWeak('correct horse')).toBeUndefined()
    await expect(derivePinKey('correct horse', Buffer.alloc(16), { N: 3, r: 1, p: 1 })).rejects.toThrow(
      /scrypt|params/i,
    )
  })
})
