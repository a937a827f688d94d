import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { chainHash, createCheckpointSigner, GENESIS, recordLeaf, toHex, TileTree, verifyStream } from '@sallyport/core'

it('T-162: a cut of 1 to 2 000 records is found and the last good record is named', { timeout: 120_000 }, async () => {
  const signer = createCheckpointSigner(
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }),
    'log.example/local',
  )
  const tree = new TileTree()
  let prev = GENESIS
  const notes: string[] = []
  const records = Array.from({ length: 2000 }, (_, i) => {
    const body = `{"n":${i}}`
    const record = { stream: 'local', seq: i + 1, body, prev, hash: chainHash('local', i + 1, prev, body) }
    prev = record.hash
    tree.append(recordLeaf(record.hash))
    if ((i + 1) % 1000 === 0) {
      notes.push(signer.sign({ size: i + 1, root: toHex(tree.root()), ts: i, boot: 1, last: record.hash }))
    }
    return record
  })
  const verify = (kept: number, checkpoints: readonly string[], heads: readonly string[] = []) =>
    verifyStream({
      ...{ stream: 'local', origin: signer.origin, publicKey: signer.publicKey, checkpoints },
      records: records.slice(0, kept),
      heads: heads.map((note) => ({ note, place: 'elsewhere' })),
    })
  // All short cuts, all around the checkpoints, and every 17th between.
  const cuts = Array.from({ length: 2000 }, (_, i) => i + 1).filter(
    (k) => k <= 40 || Math.abs(k - 1000) <= 3 || k % 17 === 0 || k >= 1998,
  )
  for (const k of cuts) {
    const kept = 2000 - k
    const report = await verify(kept, notes)
    expect(report.findings).toMatchObject([{ kind: 'truncated', seq: kept + 1 }])
    expect(report.findings[0]?.message).toContain('2000 were signed')
    if (k % 5 !== 0) continue
    // Whoever cuts the checkpoints off as well is only shown by a head that was kept elsewhere.
    const below = notes.slice(0, Math.floor(kept / 1000))
    const quiet = await verify(kept, below)
    expect(quiet.ok).toBe(true)
    expect(quiet.statement).toMatch(below.length > 0 ? /^Complete only up to record 1000/ : /no checkpoint vouches/)
    expect((await verify(kept, below, notes.slice(-1))).findings).toMatchObject([{ kind: 'truncated', seq: kept + 1 }])
  }
})
