import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  canonicalJson,
  chainHash,
  createCheckpointSigner,
  GENESIS,
  recordLeaf,
  toHex,
  treeRoot,
  verifyStream,
  type Json,
  type StoredRecord,
} from '@sallyport/core'
import { acceptLog } from './second-verifier.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
const signer = createCheckpointSigner(privateKey.export({ type: 'pkcs8', format: 'der' }), 'log.example/local')

function write(bodies: readonly string[]): StoredRecord[] {
  let prev = GENESIS
  return bodies.map((body, i) => {
    const record = { stream: 'local', seq: i + 1, body, prev, hash: chainHash('local', i + 1, prev, body) }
    prev = record.hash
    return record
  })
}

function note(records: readonly StoredRecord[]): string {
  const root = toHex(treeRoot(records.map((record) => recordLeaf(record.hash))))
  return signer.sign({ size: records.length, root, ts: 1, boot: 1, last: records.at(-1)?.hash ?? GENESIS })
}

const first = async (records: readonly StoredRecord[], notes: readonly string[]): Promise<boolean> => {
  const { publicKey, origin } = signer
  return (await verifyStream({ stream: 'local', origin, publicKey, records, checkpoints: notes })).ok
}

it('T-169: two verifiers agree on poison records: huge, deep, odd Unicode, odd numbers', async () => {
  const poison: Json[] = [
    { text: 'x'.repeat(200_000) },
    Array.from({ length: 60 }).reduce<Json>((inner) => ({ a: inner }), 1),
    { ['e\u0301']: 1, '\u00e9': 2, '\u2028': 3, '\u0000': 4, __proto__x: 5, '': 6 },
    { numbers: [1e21, 1e-7, 0.1, 5e-324, 1.7976931348623157e308, -0.5, 100] },
    { '\u{1f600}': '\u{1f468}\u200d\u{1f469}', '\ufeff': '\u202e', ﬀ: 'ff' },
    { nested: ['"', '\\', '\n', '\r\n', '\u007f', '</script>', '=cmd()'] },
  ]
  const log = write(poison.map(canonicalJson))
  const notes = [note(log.slice(0, 3)), note(log)]
  expect(await first(log, notes)).toBe(true)
  expect(acceptLog(log, notes, spki, signer.origin)).toBe(6)
})

it('T-169: two verifiers agree on any log and on any change of it', async () => {
  const change = fc.record({
    at: fc.nat({ max: 30 }),
    what: fc.constantFrom('none', 'body', 'hash', 'prev', 'drop', 'double', 'swap', 'note', 'rehash'),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 2, maxLength: 30 }),
      change,
      async (values, { at, what }) => {
        const log = write(values.map((value) => canonicalJson({ value: value as Json })))
        const notes = [note(log.slice(0, 2)), note(log)]
        const i = at % log.length
        const record = log[i] as StoredRecord
        const changed = [...log]
        if (what === 'body') changed[i] = { ...record, body: `${record.body} ` }
        if (what === 'hash') changed[i] = { ...record, hash: 'ab'.repeat(32) }
        if (what === 'prev') changed[i] = { ...record, prev: 'ab'.repeat(32) }
        if (what === 'drop') changed.splice(i, 1)
        if (what === 'double') changed.splice(i, 0, record)
        if (what === 'swap') changed.reverse()
        if (what === 'note') notes[1] = (notes[1] ?? '').replace('sallyport/boot 1', 'sallyport/boot 2')
        const forged = what === 'rehash' ? write(log.map((r, j) => (j === i ? `${r.body} ` : r.body))) : changed
        const [one, two] = [await first(forged, notes), acceptLog(forged, notes, spki, signer.origin) === forged.length]
        expect(one).toBe(two)
        expect(one).toBe(what === 'none')
      },
    ),
    { numRuns: 300 },
  )
})
