import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore, type StoreConfig } from '../../packages/gateway/src/store/open.ts'
import type { Change } from '../../packages/gateway/src/store/ports.ts'
import { makeClock, makeDirectory, makeKeys, makeRow } from './temporary.ts'

function setup(settings: Partial<Extract<StoreConfig, { driver: 'sqlite' }>> = {}) {
  const directory = makeDirectory()
  const path = join(directory, 'state.db')
  const keys = makeKeys()
  const clock = makeClock()
  const open = async (at = path) => {
    const store = await openStore({ driver: 'sqlite', path: at, ...settings }, keys, clock)
    onTestFinished(() => store.close().catch(() => undefined))
    return store
  }
  return { directory, path, keys, clock, open }
}

const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => makeRow(from + i))

/** A small file system of its own, when this machine lets us make one. */
function tinyDisk(directory: string, megabytes: number): string | undefined {
  const disk = join(directory, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  return disk
}

describe('SQLite files', () => {
  it('are readable by nobody else', async () => {
    const { open, path } = setup()
    const store = await open()
    await store.append(rows(0, 1))
    for (const file of [path, `${path}-wal`, `${path}-owner`]) expect(statSync(file).mode & 0o077, file).toBe(0)
  })

  it('T-163: a restored snapshot is refused and nothing more is signed, when a head was kept elsewhere', async () => {
    const elsewhere = makeDirectory()
    const { open, path, directory } = setup({ checkpoint: { export: elsewhere } })
    const first = await open()
    await first.append(rows(0, 10))
    await first.close()
    const snapshot = join(directory, 'snapshot')
    mkdirSync(snapshot)
    for (const file of ['state.db', 'state.db-head']) cpSync(join(directory, file), join(snapshot, file))
    const second = await open()
    await second.append(rows(10, 10))
    await second.close()
    const heads = readFileSync(join(elsewhere, 'local.heads'), 'utf8')
    for (const file of ['state.db', 'state.db-head']) cpSync(join(snapshot, file), join(directory, file))
    rmSync(`${path}-wal`, { force: true })
    await expect(open()).rejects.toMatchObject({ code: 'SP_AUDIT_FORK' })
    expect(readFileSync(join(elsewhere, 'local.heads'), 'utf8')).toBe(heads)
  })

  it('T-162: a place for heads that cannot be written is reported and holds nothing up', async () => {
    const { open } = setup({ checkpoint: { export: join(makeDirectory(), 'missing', 'heads') } })
    const store = await open()
    const troubles: string[] = []
    store.onTrouble((what) => troubles.push(what))
    await store.append(rows(0, 3))
    expect((await store.checkpoint())?.size).toBe(3)
    await expect.poll(() => troubles.join()).toContain('The head could not be exported')
  })

  it('T-163: a log that took another way than the published one is refused', async () => {
    const { open, directory, path } = setup()
    const store = await open()
    await store.append(rows(0, 10))
    await store.close()
    const copy = join(directory, 'copy.db')
    cpSync(path, copy)
    const one = await open()
    await one.append(rows(10, 10))
    await one.close()
    const two = await open(copy)
    await two.append(rows(50, 15))
    await two.close()
    cpSync(`${path}-head`, `${copy}-head`)
    await expect(open(copy)).rejects.toMatchObject({ code: 'SP_AUDIT_FORK' })
  })

  it('T-167: a write-ahead log that vanished after a crash is noticed', async () => {
    const { open, path, directory } = setup({ checkpoint: { everyMs: 3_600_000 } })
    const store = await open()
    await store.append(rows(0, 50))
    // What a killed gateway leaves: the files as they are now.
    const crashed = join(directory, 'crashed.db')
    cpSync(path, crashed)
    await store.close()
    const alarms: Change[] = []
    const again = await open(crashed)
    again.onTampered((row) => alarms.push(row))
    expect(alarms).toContainEqual({ kind: 'meta', id: 'wal-removed' })
  })

  it('T-167: with a head, the lost records are named and the store does not open', async () => {
    const { open, path, directory } = setup()
    const store = await open()
    await store.append(rows(0, 50))
    await store.checkpoint()
    const crashed = join(directory, 'crashed.db')
    cpSync(path, crashed)
    cpSync(`${path}-head`, `${crashed}-head`)
    await expect(open(crashed)).rejects.toThrow(/has 0 records, 50 were published/)
  })

  it.each(['removed', 'replaced'])(
    'T-166: a database that is %s under the gateway takes no more records',
    async (how) => {
      const { open, path } = setup()
      const store = await open()
      await store.append(rows(0, 5))
      renameSync(path, `${path}.away`)
      if (how === 'replaced') cpSync(`${path}.away`, path)
      await expect(store.append(rows(5, 1))).rejects.toMatchObject({ code: 'SP_AUDIT_WRITE_FAILED' })
      await expect(store.put({ kind: 'meta', id: 'x', state: '', expiresAt: 0, body: {} }, 0)).rejects.toThrow(
        /moved, removed or replaced/,
      )
      rmSync(path, { force: true })
      renameSync(`${path}.away`, path)
      await store.append(rows(5, 1))
      expect(await store.readLog({ stream: 'local' })).toHaveLength(6)
    },
  )

  it('T-167: somebody else who writes to the database is noticed, and a cut log takes no more', async () => {
    const { open, path } = setup()
    const store = await open()
    await store.append(rows(0, 5))
    const alarms: Change[] = []
    store.onTampered((row) => alarms.push(row))
    const { default: Database } = await import('better-sqlite3')
    const other = new Database(path)
    other.exec('DELETE FROM audit_event WHERE seq > 3')
    other.close()
    await expect(store.append(rows(5, 1))).rejects.toMatchObject({ code: 'SP_AUDIT_CHAIN_BROKEN' })
    expect(alarms).toContainEqual({ kind: 'meta', id: 'foreign-write' })
  })

  it('T-167: a log whose newest records were changed while it was down does not open', async () => {
    const { open, path } = setup()
    const store = await open()
    await store.append(rows(0, 5))
    await store.close()
    const { default: Database } = await import('better-sqlite3')
    const other = new Database(path)
    other.exec(`UPDATE audit_event SET body = replace(body, 'claude', 'mallory') WHERE seq = 4`)
    other.close()
    await expect(open()).rejects.toMatchObject({ code: 'SP_AUDIT_CHAIN_BROKEN' })
    await expect(open()).rejects.toThrow(/first wrong record is 4/)
  })

  it.each([
    ['garbage', (path: string) => writeFileSync(path, 'this is not a database, not at all, whatever it says')],
    ['a broken header', (path: string) => appendFileSync(path, '')],
  ])('T-167: %s instead of a database is refused', async (name, damage) => {
    const { open, path } = setup()
    if (name === 'a broken header') {
      const store = await open()
      await store.append(rows(0, 1))
      await store.close()
      const bytes = readFileSync(path)
      bytes.fill(0xff, 0, 100)
      writeFileSync(path, bytes)
    } else damage(path)
    await expect(open()).rejects.toMatchObject({ code: 'SP_STORE_UNAVAILABLE' })
  })

  it('T-166: a full disk denies, loses nothing that was acknowledged, and heals when there is room', async ({
    skip,
  }) => {
    const { directory, open } = setup()
    const disk = tinyDisk(directory, 3)
    if (disk === undefined) return skip('not verified: full disk (needs the right to mount a tmpfs)')
    const store = await open(join(disk, 'state.db'))
    let acknowledged = 0
    let failure: { code: string } | undefined
    for (let i = 0; i < 20_000 && !failure; i += 20) {
      await store.append(rows(i, 20)).then(
        () => (acknowledged += 20),
        (error: { code: string }) => (failure = error),
      )
    }
    expect(failure?.code).toBe('SP_AUDIT_WRITE_FAILED')
    await expect(store.append(rows(0, 20))).rejects.toMatchObject({ code: 'SP_AUDIT_WRITE_FAILED' })
    execFileSync('mount', ['-o', 'remount,size=32m', disk])
    await store.append(rows(90_000, 1))
    await store.append(rows(90_001, 1))
    let last = 0
    for (;;) {
      const records = await store.readLog({ stream: 'local', afterSeq: last })
      last = records.at(-1)?.seq ?? last
      if (records.length < 1000) break
    }
    expect(last).toBe(acknowledged + 2)
    await store.close()
    await open(join(disk, 'state.db'))
  })

  it('T-166: a disk that somebody else fills denies, and frees the way when it is emptied', async ({ skip }) => {
    const { directory, open, clock } = setup()
    const disk = tinyDisk(directory, 6)
    if (disk === undefined) return skip('not verified: filled disk (needs the right to mount a tmpfs)')
    const store = await open(join(disk, 'state.db'))
    await store.append(rows(0, 5))
    const filler = join(disk, 'filler')
    for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(size))
      } catch {
        // As full as it gets in steps of this size.
      }
    }
    const append = async (): Promise<void> => {
      for (let i = 0; i < 500; i++) await store.append(rows(5 + i * 50, 50))
    }
    await expect(append()).rejects.toMatchObject({ code: 'SP_AUDIT_WRITE_FAILED' })
    const spend = async (): Promise<void> => {
      for (let i = 0; i < 5000; i++) await store.spend(`jti-${i}`, clock.now() + 1000)
    }
    await expect(spend()).rejects.toMatchObject({ code: 'SP_STORE_UNAVAILABLE' })
    rmSync(filler)
    await store.append(rows(99_000, 5))
    expect(await store.spend('after', clock.now() + 1000)).toBe(true)
  })
})
