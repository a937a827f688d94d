import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isTainted } from '@sallyport/core'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'
import { systemClock } from '../../clock.ts'
import { tool } from '../../boundary/fixtures/ports.ts'
import { openStore } from '../../store/open.ts'
import { InstanceLabels, resultLabel } from './labels.ts'

let place = ''
beforeEach(() => void (place = mkdtempSync(join(tmpdir(), 'sallyport-flow-'))))
afterEach(() => rmSync(place, { recursive: true, force: true }))

const keys = {
  mac: randomBytes(32),
  checkpointKey: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }),
  origin: 'sallyport/test',
}
const open = () => openStore({ driver: 'sqlite', path: join(place, 'state.db') }, keys, systemClock)
const untrusted = resultLabel(tool('read_mail'))
const trusted = { integrity: 3, confidentiality: 0, sources: [] } as const

test('T-073: a read that is under way counts before its result is there', async () => {
  const store = await open()
  const labels = await InstanceLabels.open(store)
  expect(isTainted(labels.snapshot('i'))).toBe(false)
  labels.begin('i', untrusted)
  expect(isTainted(labels.snapshot('i'))).toBe(true)
  await store.close()
})

test('T-088 T-093: the label holds for the instance, survives a restart and never gets better', async () => {
  const first = await open()
  const labels = await InstanceLabels.open(first)
  labels.begin('i', untrusted)
  await labels.settle('i', untrusted)
  labels.begin('i', trusted)
  await labels.settle('i', trusted)
  await first.close()
  const second = await open()
  const again = await InstanceLabels.open(second)
  expect(again.snapshot('i')).toMatchObject({ integrity: 1, confidentiality: 1 })
  expect(isTainted(again.snapshot('other'))).toBe(false)
  await second.close()
})

test('T-093: nobody is told before the label is durable, and a write that failed is made up for', async () => {
  const store = await open()
  let fail = true
  const puts: string[] = []
  const flaky = new Proxy(store, {
    get: (target, name) =>
      name === 'put'
        ? async (...args: Parameters<typeof store.put>) => {
            puts.push('put')
            if (fail) throw new Error('disk')
            return target.put(...args)
          }
        : (Reflect.get(target, name) as unknown),
  })
  const labels = await InstanceLabels.open(flaky)
  labels.begin('i', untrusted)
  labels.begin('i', untrusted)
  const both = await Promise.allSettled([labels.settle('i', untrusted), labels.settle('i', untrusted)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(isTainted(labels.snapshot('i'))).toBe(true)
  fail = false
  await labels.settle('i', untrusted)
  expect((await store.get('instance', 'i'))?.body).toMatchObject({ integrity: 1 })
  await labels.settle('i', untrusted)
  expect(puts.length).toBeLessThanOrEqual(3)
  await store.close()
})

test('T-004 T-093: a label row that somebody else wrote is lost state, and lost state is tainted', async () => {
  const first = await open()
  const labels = await InstanceLabels.open(first)
  labels.begin('i', untrusted)
  await labels.settle('i', untrusted)
  await first.close()
  const database = new Database(join(place, 'state.db'))
  const changed = database
    .prepare(`UPDATE document SET body = replace(body, '"integrity":1', '"integrity":3') WHERE kind = 'instance'`)
    .run()
  expect(changed.changes).toBe(1)
  database.close()
  const second = await open()
  expect(isTainted((await InstanceLabels.open(second)).snapshot('i'))).toBe(true)
  await second.close()
})
