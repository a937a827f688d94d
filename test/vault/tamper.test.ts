import Database from 'better-sqlite3'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newKey, parseKeys, type MasterKeys } from '../../packages/gateway/src/custody/vault/master-keys.ts'
import { Vault } from '../../packages/gateway/src/custody/vault/vault.ts'
import { openVersions } from '../../packages/gateway/src/custody/vault/versions.ts'
import { systemRandom as random } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import { makeClock, makeDirectory, makeKeys } from '../store/temporary.ts'

const NAMES = ['aws', 'github', 'stripe'] as const
const FUZZED = 1_000
const HOUR = 3_600_000
const COLUMNS = ['id', 'version', 'state', 'expires_at', 'updated_at', 'keep', 'body', 'mac'] as const
type Column = (typeof COLUMNS)[number]
type Cells = Readonly<Record<Column, string | number>>

async function ground(since = 0) {
  const directory = makeDirectory()
  const [storeKeys, clock, { id, key }] = [makeKeys(), makeClock(), newKey(random)]
  const keys: MasterKeys = parseKeys(`${id}:${Buffer.from(key).toString('base64')}`)
  const path = join(directory, 'state.db')
  const recorded = new Set<string>()
  const open = async () => {
    const store = await openStore({ driver: 'sqlite', path }, storeKeys, clock)
    const vault = await Vault.open({
      ...{ store, clock, random, keys, since, tagKey: storeKeys.mac },
      versions: openVersions(join(directory, 'vault.versions'), storeKeys.mac),
      record: async ({ change }) => void recorded.add(change),
      isRecorded: async (change) => recorded.has(change),
    })
    return { store, vault }
  }
  let current = await open()
  for (const name of NAMES) await current.vault.set(name, Buffer.from(`value-of-${name}`), { type: 'api_key' }, 'ana')
  const db = new Database(path)
  onTestFinished(async () => {
    db.close()
    await current.store.close()
  })
  const restart = async (): Promise<Vault> => {
    await current.store.close()
    return (current = await open()).vault
  }
  return { vault: current.vault, restart, clock, db }
}
const read = (vault: Vault, name: string): Promise<string> =>
  vault.use(name, (value) => value.toString()).catch((thrown: unknown) => toSallyportError(thrown).code)

/** The same cell with one byte, or for a number one unit, that is another. */
function changed(cell: string | number): string | number | Buffer {
  if (typeof cell === 'number') return cell + randomInt(1, 256)
  const bytes = Buffer.from(cell)
  if (bytes.length === 0) return 'x'
  const at = randomInt(bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ randomInt(1, 128)
  return bytes.toString('latin1')
}

describe('a store that somebody else writes', () => {
  test(`T-129: ${FUZZED} rows with one byte changed, in any column: each is found, by its name, and no other is touched`, async () => {
    const { vault: first, restart, db } = await ground()
    let vault = first
    const cellsOf = db.prepare<[string], Cells>(
      `SELECT ${COLUMNS.join()} FROM document WHERE kind = 'secret' AND id = ?`,
    )
    for (let n = 0; n < FUZZED; n++) {
      const column = COLUMNS[n % COLUMNS.length] ?? 'body'
      const before = cellsOf.get('github')
      if (before === undefined) throw new Error('the row is not there')
      const cell = changed(before[column])
      const put = db.prepare(`UPDATE document SET ${column} = ? WHERE kind = 'secret' AND id = ?`)
      put.run(cell, 'github')
      expect(await read(vault, 'github'), `${column}: ${String(cell)}`).toBe('SP_VAULT_ROLLED_BACK')
      if (n % 125 === 0) {
        vault = await restart()
        expect(vault.lost).toEqual(['github'])
        expect(await read(vault, 'github')).toBe('SP_VAULT_ROLLED_BACK')
        expect(await read(vault, 'aws')).toBe('value-of-aws')
      }
      put.run(before[column], column === 'id' ? cell : 'github')
    }
    expect(await read(vault, 'github')).toBe('value-of-github')
  }, 120_000)

  test('T-129: rows that were swapped, whole or in one cell, are found', async () => {
    const { vault, db } = await ground()
    const swap = (column: Column): void => {
      const put = db.prepare(`UPDATE document SET ${column} = ? WHERE kind = 'secret' AND id = ?`)
      const cells = db
        .prepare<[], { id: string; cell: string }>(
          `SELECT id, ${column} AS cell FROM document WHERE kind = 'secret' AND id IN ('aws', 'github') ORDER BY id`,
        )
        .all()
      const [one, two] = cells
      if (one === undefined || two === undefined) throw new Error('the rows are not there')
      put.run(two.cell, one.id)
      put.run(one.cell, two.id)
    }
    for (const columns of [['body'], ['mac'], ['body', 'mac']] as const) {
      for (const column of columns) swap(column)
      for (const name of ['aws', 'github']) expect(await read(vault, name)).toBe('SP_VAULT_ROLLED_BACK')
      for (const column of columns) swap(column)
    }
    expect(await read(vault, 'aws')).toBe('value-of-aws')
  })

  test('T-129: one row that was put back, or taken out, is found at once and after a restart; it can be set anew', async () => {
    const { vault, restart, db } = await ground()
    db.exec(`CREATE TABLE older AS SELECT * FROM document WHERE id = 'github'`)
    await vault.set('github', Buffer.from('the-next-value'), { type: 'api_key' }, 'ana')
    db.exec(`DELETE FROM document WHERE kind = 'secret' AND id = 'github'`)
    expect(await read(vault, 'github')).toBe('SP_VAULT_ROLLED_BACK')
    db.exec('INSERT INTO document SELECT * FROM older')
    expect(await read(vault, 'github')).toBe('SP_VAULT_ROLLED_BACK')
    const second = await restart()
    expect(second.lost).toEqual(['github'])
    expect(await read(second, 'github')).toBe('SP_VAULT_ROLLED_BACK')
    expect(await read(second, 'stripe')).toBe('value-of-stripe')
    await second.set('github', Buffer.from('a-third-value'), { type: 'api_key' }, 'ana')
    expect(await read(second, 'github')).toBe('a-third-value')
    expect((await restart()).lost).toEqual([])
  })

  test('T-165: a clock that is put back brings nothing back that has ended, nor does a restart with it', async () => {
    const { vault, clock, restart } = await ground()
    await vault.set('short', Buffer.from('a-short-life'), { type: 'token', ttl: 3_600 }, 'ana')
    clock.advance(HOUR)
    expect(await read(vault, 'short')).toBe('SP_VAULT_EXPIRED')
    clock.setBack(HOUR / 2)
    expect(await read(vault, 'short')).toBe('SP_VAULT_EXPIRED')
    await vault.set('later', Buffer.from('set-after-that'), { type: 'token', ttl: 60 }, 'ana')
    const second = await restart()
    expect(await read(second, 'short')).toBe('SP_VAULT_EXPIRED')
    expect(await read(second, 'later')).toBe('set-after-that')
  })

  test('T-165: a restart with a clock behind the newest checkpoint of the log takes the time of the log', async () => {
    const { vault } = await ground(makeClock().now() + 100 * 24 * HOUR)
    expect(await read(vault, 'github')).toBe('value-of-github')
    const info = await vault.info('github')
    expect(info.createdAt).toBe(makeClock().now() + 100 * 24 * HOUR)
  })
})
