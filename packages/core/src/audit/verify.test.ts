import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chainHash, GENESIS } from './chain.ts'
import { createCheckpointSigner, toHex } from './checkpoint.ts'
import type { StoredRecord } from './record.ts'
import { Frontier, recordLeaf, type Hash } from './tree.ts'
import { verifyStream, type ExternalHead, type VerifyInput } from './verify.ts'

const signer = createCheckpointSigner(
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }),
  'log.example/local',
)

/** Links bodies into a chain, as the writer does. */
function chain(bodies: readonly string[], stream = 'local', start = 1, before = GENESIS): StoredRecord[] {
  let prev = before
  return bodies.map((body, i) => {
    const seq = start + i
    const record = { stream, seq, body, prev, hash: chainHash(stream, seq, prev, body) }
    prev = record.hash
    return record
  })
}

const bodies = (count: number, mark = ''): string[] => Array.from({ length: count }, (_, i) => `{"n":${i + 1}${mark}}`)

function notes(records: readonly StoredRecord[], every: number): string[] {
  const tree = new Frontier()
  const result: string[] = []
  for (const record of records) {
    tree.append(recordLeaf(record.hash))
    if (tree.size % every !== 0) continue
    result.push(
      signer.sign({ size: tree.size, root: toHex(tree.root()), ts: 1000 * tree.size, boot: 1, last: record.hash }),
    )
  }
  return result
}

const COUNT = 60
const EVERY = 10
const log = chain(bodies(COUNT))
const checkpoints = notes(log, EVERY)
const verify = (records: readonly StoredRecord[], rest: Partial<VerifyInput> = {}) =>
  verifyStream({ stream: 'local', origin: signer.origin, publicKey: signer.publicKey, records, checkpoints, ...rest })
const external = (note: string | undefined): ExternalHead[] => [{ note: note ?? '', place: 'another disk' }]
const at = (index: number): StoredRecord => log[index] as StoredRecord

describe('verification', () => {
  it('an intact log is complete, but only up to its newest checkpoint', async () => {
    const report = await verify(chain(bodies(65)))
    expect(report).toMatchObject({ ok: true, size: 65, covered: { size: 60 }, confirmed: false })
    expect(report.statement).toMatch(/^Complete only up to record 60.* 5 after it/)
  })

  it('a head from outside confirms it', async () => {
    const report = await verify(log, { heads: external(checkpoints.at(-1)) })
    expect(report).toMatchObject({ ok: true, confirmed: true })
    expect(report.statement).toMatch(/^Complete up to record 60/)
  })

  it('AC-1.2.1: every edit is found and named', async () => {
    for (let i = 0; i < COUNT; i++) {
      const record = at(i)
      const changes: Partial<StoredRecord>[] = [
        { body: '{"n":"other"}' },
        { hash: 'ab'.repeat(32) },
        { prev: 'ab'.repeat(32) },
        { body: '{"n":"other"}', hash: chainHash('local', record.seq, record.prev, '{"n":"other"}') },
      ]
      for (const change of changes) {
        const report = await verify([...log.slice(0, i), { ...record, ...change }, ...log.slice(i + 1)])
        expect(report.ok).toBe(false)
        const [finding] = report.findings
        // The last record with a hash of its own is only contradicted by the checkpoint.
        expect(['edited', 'replaced']).toContain(finding?.kind)
        if (finding?.kind === 'edited') expect(finding.seq).toBe(i + 1)
      }
    }
  })

  it('deletions are found, with and without renumbering', async () => {
    for (let i = 0; i < COUNT - 1; i++) {
      for (const count of [1, 3]) {
        const gap = [...log.slice(0, i), ...log.slice(i + count)]
        const renumbered = gap.map((record, j) => ({ ...record, seq: j + 1 }))
        const kind = i + count >= COUNT ? 'truncated' : 'deleted'
        expect((await verify(gap)).findings[0]).toMatchObject({ kind, seq: i + 1 })
        expect((await verify(renumbered)).findings[0]).toMatchObject({ kind, seq: i + 1 })
      }
    }
  })

  it('insertions are found, with and without a hash that fits', async () => {
    for (let i = 0; i < COUNT - 1; i++) {
      const prev = i === 0 ? GENESIS : at(i - 1).hash
      const fitting = chain(['{"forged":true}'], 'local', i + 1, prev)[0] as StoredRecord
      for (const forged of [fitting, { ...fitting, hash: 'ab'.repeat(32) }, { ...fitting, prev: 'ab'.repeat(32) }]) {
        const records = [...log.slice(0, i), forged, ...log.slice(i).map((r) => ({ ...r, seq: r.seq + 1 }))]
        expect((await verify(records)).findings[0]).toMatchObject({ kind: 'inserted', seq: i + 1 })
      }
    }
  })

  it('two records in each other’s place are found', async () => {
    for (let i = 0; i < COUNT - 1; i++) {
      for (const j of [i + 1, Math.min(i + 7, COUNT - 1)]) {
        const swapped = [...log]
        swapped[i] = { ...at(j), seq: i + 1 }
        swapped[j] = { ...at(i), seq: j + 1 }
        expect((await verify(swapped)).findings[0]).toMatchObject({ kind: 'reordered', seq: i + 1 })
        swapped[i] = at(j)
        swapped[j] = at(i)
        expect((await verify(swapped)).findings[0]).toMatchObject({ kind: 'reordered', seq: i + 1 })
      }
    }
  })

  it('a stretch that was computed anew is found by the checkpoint, and named exactly where tiles are kept', async () => {
    const forged = [...log.slice(0, 24), ...chain(bodies(36, ',"x":1'), 'local', 25, at(23).hash)]
    expect((await verify(forged)).findings[0]).toMatchObject({ kind: 'replaced', seq: 21 })
    const knownLeaf = (seq: number): Hash => recordLeaf(at(seq - 1).hash)
    expect((await verify(forged, { knownLeaf })).findings[0]).toMatchObject({ kind: 'replaced', seq: 25 })
  })

  it('T-162: a tail cut off below a checkpoint is found; above it only a head from outside shows it', async () => {
    expect((await verify(log.slice(0, 41))).findings[0]).toMatchObject({ kind: 'truncated', seq: 42 })
    const cut = log.slice(0, 45)
    const quiet = await verify(cut, { checkpoints: checkpoints.slice(0, 4) })
    expect(quiet).toMatchObject({ ok: true, covered: { size: 40 } })
    expect(quiet.statement).toMatch(/only up to record 40/)
    const loud = await verify(cut, { checkpoints: checkpoints.slice(0, 4), heads: external(checkpoints.at(-1)) })
    expect(loud.findings[0]).toMatchObject({ kind: 'truncated', seq: 46 })
  })

  it('T-162: an empty stream with a head outside is truncated', async () => {
    const report = await verify([], { checkpoints: [], heads: external(checkpoints[0]) })
    expect(report.findings[0]).toMatchObject({ kind: 'truncated', seq: 1 })
  })

  it('T-163: a fork against a published head is found', async () => {
    const other = chain(bodies(COUNT, ',"x":1'))
    const report = await verify(log, { heads: external(notes(other, EVERY).at(-1)) })
    expect(report.findings[0]).toMatchObject({ kind: 'forked' })
  })

  it('T-164: replaced files are found: another key signs other heads', async () => {
    const report = await verify(log, { publicKey: new Uint8Array(32).fill(9) })
    expect(report.ok).toBe(false)
    expect(report.findings[0]?.kind).toBe('checkpoint')
  })

  it('a long tail without a checkpoint is a finding', async () => {
    const report = await verify(log, { checkpoints: [], maxUnsigned: 50 })
    expect(report.findings[0]).toMatchObject({ kind: 'checkpoint', seq: 1 })
  })

  it('pruned records are vouched for by their leaves', async () => {
    const pruned = log.slice(0, 32).map((record) => recordLeaf(record.hash))
    expect(await verify(log.slice(32), { pruned })).toMatchObject({ ok: true, size: 60, pruned: 32 })
    const wrong = [...pruned.slice(0, 31), recordLeaf('ab'.repeat(32))]
    expect((await verify(log.slice(32), { pruned: wrong })).ok).toBe(false)
    expect((await verify(log.slice(33), { pruned })).findings[0]).toMatchObject({ kind: 'deleted', seq: 33 })
  })

  it('T-169: no change of any record, in any member, passes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: COUNT - 1 }),
        fc.constantFrom('body', 'hash', 'prev', 'seq', 'stream'),
        fc.string({ maxLength: 5 }),
        async (i, member, noise) => {
          const record = at(i)
          const changed = {
            ...record,
            [member]: member === 'seq' ? record.seq + noise.length + 1 : `${record[member as 'body']}${noise}!`,
          }
          const report = await verify([...log.slice(0, i), changed, ...log.slice(i + 1)])
          expect(report.ok).toBe(false)
        },
      ),
    )
  })
})
