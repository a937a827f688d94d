import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { awsKeyService } from '../../packages/gateway/src/custody/backends/aws-kms.ts'
import { transitKeyService } from '../../packages/gateway/src/custody/backends/transit.ts'
import type { KeyService } from '../../packages/gateway/src/custody/vault/key-service.ts'
import { addKey, openMasterKeys, type KeySource } from '../../packages/gateway/src/custody/vault/master-keys.ts'
import { createOutgoing } from '../../packages/gateway/src/execution/egress/outgoing.ts'
import { systemRandom as random } from '../../packages/gateway/src/random.ts'
import { makeDirectory } from '../store/temporary.ts'
import { AWS_KEY, NEVER, TOKEN, type Fixture } from './backend-servers.ts'
import { awsKmsFixture, transitFixture } from './key-servers.ts'

const outgoing = createOutgoing({ exceptions: [] })
const exchange = outgoing.exchange.bind(outgoing)

interface Subject {
  readonly fixture: () => Promise<Fixture>
  readonly own: string
  readonly other: string
  readonly none: string
  readonly make: (url: string, key: string, login?: string) => KeyService
}

const SUBJECTS: Readonly<Record<string, Subject>> = {
  'AWS KMS': {
    fixture: awsKmsFixture,
    ...{ own: 'alias/sallyport', other: 'alias/other', none: 'alias/none' },
    make: (endpoint, keyId, secretAccessKey = AWS_KEY.secretAccessKey) =>
      awsKeyService(
        { region: 'eu-central-1', endpoint, keyId, key: () => ({ ...AWS_KEY, secretAccessKey }) },
        exchange,
        Date.now,
      ),
  },
  'HashiCorp Vault, transit': {
    fixture: transitFixture,
    ...{ own: 'sallyport', other: 'other', none: 'none' },
    make: (address, key, token = TOKEN) =>
      transitKeyService({ address, mount: 'transit', key, token: () => token, until: NEVER }, exchange),
  },
}

const codeOf = (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => 'none',
    (thrown: unknown) => toSallyportError(thrown).code,
  )

describe.each(Object.entries(SUBJECTS))('the contract of key services: %s', (_name, { fixture, make, ...keys }) => {
  let server: Fixture
  let service: KeyService
  beforeEach(async () => {
    server = await fixture()
    service = make(server.url, keys.own)
  })
  afterEach(() => server.close())

  it('HB-84: what it wraps it opens again, and in between there is nothing of the key', async () => {
    const key = randomBytes(32)
    const [one, two] = [await service.wrap('k1', key), await service.wrap('k1', key)]
    expect(one.equals(two)).toBe(false)
    expect(one.includes(key)).toBe(false)
    expect(one.toString()).not.toContain(key.toString('base64').slice(0, 16))
    expect((await service.unwrap('k1', one)).equals(key)).toBe(true)
  })

  it('T-129: under another id, by another key, or with one byte changed it does not open', async () => {
    const wrapped = await service.wrap('k1', randomBytes(32))
    expect(await codeOf(service.unwrap('k2', wrapped))).toBe('SP_VAULT_LOCKED')
    expect(await codeOf(make(server.url, keys.other).unwrap('k1', wrapped))).toBe('SP_VAULT_LOCKED')
    const changed = Buffer.from(wrapped)
    changed[20] = (changed[20] ?? 0) ^ 1
    expect(await codeOf(service.unwrap('k1', changed))).toBe('SP_VAULT_LOCKED')
  })

  it('HB-84: no key, no right, trouble and garbage are told apart, and the answer is not quoted', async () => {
    const wrapped = await service.wrap('k1', randomBytes(32))
    expect(await codeOf(make(server.url, keys.none).unwrap('k1', wrapped))).toBe('SP_VAULT_LOCKED')
    expect(await codeOf(make(server.url, keys.own, 'wrong').unwrap('k1', wrapped))).toBe('SP_VAULT_DENIED')
    for (const [status, body, code] of [
      [429, {}, 'SP_VAULT_UNAVAILABLE'],
      [503, {}, 'SP_VAULT_UNAVAILABLE'],
      [
        400,
        { __type: 'ThrottlingException' },
        keys.own.startsWith('alias') ? 'SP_VAULT_UNAVAILABLE' : 'SP_VAULT_LOCKED',
      ],
      [200, { Plaintext: 7, data: { plaintext: '' } }, 'SP_VAULT_UNAVAILABLE'],
      [200, { data: [] }, 'SP_VAULT_UNAVAILABLE'],
    ] as const) {
      server.trouble = { status, body: { ...body, quoted: 'a quoted text' } }
      const error = await service.unwrap('k1', wrapped).catch(toSallyportError)
      expect(error).toMatchObject({ code })
      expect(JSON.stringify([error, String(error)])).not.toContain('a quoted text')
    }
    server.trouble = undefined
    server.close()
    expect(await codeOf(service.unwrap('k1', wrapped))).toBe('SP_VAULT_UNAVAILABLE')
  })

  it('HB-84, SEC-4.3: master keys that it wraps open a vault, one after another, and none of them is in a file', async () => {
    const source: KeySource = { source: 'kms', path: join(makeDirectory(), 'keys/vault.wrapped'), service }
    expect(await codeOf(openMasterKeys(source, {}, false, random))).toBe('SP_VAULT_LOCKED')
    const first = await openMasterKeys(source, {}, true, random)
    expect(statSync(source.path).mode & 0o777).toBe(0o600)
    await addKey(source, random)
    const both = await openMasterKeys(source, {}, false, random)
    expect(both.ids).toHaveLength(2)
    expect(both.ids[1]).toBe(first.active.id)
    expect(Buffer.from(both.find(first.active.id)?.key ?? []).equals(Buffer.from(first.active.key))).toBe(true)
    const text = readFileSync(source.path, 'utf8')
    for (const id of both.ids) {
      expect(text).toContain(`${id}:`)
      expect(text).not.toContain(Buffer.from(both.find(id)?.key ?? []).toString('base64'))
    }
    // an id that was put before another key
    const [one = '', two = ''] = text.trim().split('\n')
    const swapped = [one, two].map((line, at) => `${both.ids[1 - at] ?? ''}:${line.split(':')[1] ?? ''}\n`).join('')
    writeFileSync(source.path, swapped)
    expect(await codeOf(openMasterKeys(source, {}, false, random))).toBe('SP_VAULT_LOCKED')
    writeFileSync(source.path, text)
    chmodSync(source.path, 0o644)
    expect(await codeOf(openMasterKeys(source, {}, false, random))).toBe('SP_VAULT_LOCKED')
    chmodSync(source.path, 0o600)
    server.close()
    expect(await codeOf(openMasterKeys(source, {}, false, random))).toBe('SP_VAULT_UNAVAILABLE')
    await addKey(source, random).catch(() => undefined)
    expect(readFileSync(source.path, 'utf8')).toBe(text)
  })

  it('HB-84: where it cannot be asked no file is made', async () => {
    const source: KeySource = { source: 'kms', path: join(makeDirectory(), 'vault.wrapped'), service }
    server.trouble = { status: 503, body: {} }
    expect(await codeOf(openMasterKeys(source, {}, true, random))).toBe('SP_VAULT_UNAVAILABLE')
    expect(existsSync(source.path)).toBe(false)
  })
})
