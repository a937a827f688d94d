import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HOUSE_KEY, housePack } from './fixtures/house-pack.ts'
import { openPackFiles } from './pack-files.ts'
import { RulePacks, type PackChange } from './rule-packs.ts'
import { watchPacks } from './watch-packs.ts'

const packOf = (number: number, name?: string): Buffer => Buffer.from(JSON.stringify(housePack(number, name)))

let directory: string
let changes: PackChange[]
const open = (): RulePacks =>
  new RulePacks({ files: openPackFiles(directory), keys: [HOUSE_KEY], changed: (change) => changes.push(change) })
const versions = (packs: RulePacks): readonly string[] =>
  packs.current.map(({ name, version }) => `${name} ${version.number}`)
const codes = (): readonly string[] => changes.map(({ outcome, error }) => error?.code ?? outcome)

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'packs-'))
  changes = []
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('packs in force', () => {
  test('HB-19: a newer pack takes the place of the old one, and is there after a restart', () => {
    const packs = open()
    packs.install(packOf(1), 'cli')
    packs.install(packOf(2), 'api')
    packs.install(packOf(7, 'other'), 'api')
    expect(versions(packs)).toEqual(['house 2', 'other 7'])
    expect(changes[1]).toMatchObject({ outcome: 'installed', version: 2, previous: 1, source: 'api' })
    expect(versions(open())).toEqual(['house 2', 'other 7'])
    expect(readdirSync(directory).sort()).toEqual(['house.json', 'other.json'])
  })

  test.each([
    ['SP_RULES_OLDER', packOf(1)],
    ['SP_RULES_OLDER', packOf(2)],
    ['SP_RULES_SIGNATURE', Buffer.from(packOf(3).toString().replace('"points":50', '"points":51'))],
    ['SP_RULES_INVALID', packOf(3).subarray(0, 100)],
  ])('HB-19: %s: the old pack stays, in memory and on disk', (code, bytes) => {
    const packs = open()
    packs.install(packOf(2), 'cli')
    const before = readFileSync(join(directory, 'house.json'))
    expect(() => packs.install(bytes, 'api')).toThrow(expect.objectContaining({ code }))
    expect(versions(packs)).toEqual(['house 2'])
    expect(readFileSync(join(directory, 'house.json'))).toEqual(before)
    expect(codes()).toEqual(['installed', code])
  })

  test('HB-19: a file that is put there is checked like any pack, and reported once', () => {
    const packs = open()
    packs.install(packOf(2), 'cli')
    for (const bytes of [packOf(1), Buffer.from('{'), packOf(9, 'other')]) {
      writeFileSync(join(directory, 'house.json'), bytes)
      packs.reload('file')
      packs.reload('file')
      expect(versions(packs)).toEqual(['house 2'])
    }
    expect(codes()).toEqual(['installed', 'SP_RULES_OLDER', 'SP_RULES_INVALID', 'SP_RULES_INVALID'])
    writeFileSync(join(directory, 'house.json'), packOf(3))
    packs.reload('file')
    expect(versions(packs)).toEqual(['house 3'])
  })

  test('HB-19: a pack that is taken away stays in force', () => {
    const packs = open()
    packs.install(packOf(2), 'cli')
    rmSync(join(directory, 'house.json'))
    packs.reload('file')
    expect(versions(packs)).toEqual(['house 2'])
  })

  test('HB-19: a change of the directory is seen', async () => {
    const seen = await new Promise<boolean>((resolve) => {
      const stop = watchPacks(directory, () => void stop().then(() => resolve(true)))
      writeFileSync(join(directory, 'house.json'), packOf(1))
    })
    expect(seen).toBe(true)
  })
})
