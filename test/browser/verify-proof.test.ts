import { generateKeyPairSync } from 'node:crypto'
import {
  chainHash,
  createCheckpointSigner,
  GENESIS,
  inclusionProof,
  recordLeaf,
  toHex,
  treeRoot,
  verifierKey,
} from '@sallyport/core'
import { expect, it } from 'vitest'
import { verifyProof, type Proof } from '../../packages/console/src/pages/log/verify-proof.ts'

/** A log of eleven records and the proof of one, made by the code that makes them in the gateway. */
function prove(index: number): Proof {
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
  const signer = createCheckpointSigner(key, 'sallyport/0123/local')
  let prev = GENESIS
  const records = Array.from({ length: 11 }, (_, i) => {
    const body = JSON.stringify({ kind: 'decision', n: i })
    const hash = chainHash('local', i + 1, prev, body)
    const record = { stream: 'local', seq: i + 1, prev, hash, body }
    prev = hash
    return record
  })
  const leaves = records.map(({ hash }) => recordLeaf(hash))
  const head = { size: 11, root: toHex(treeRoot(leaves)), ts: 1_795_168_800_000, boot: 1, last: prev }
  const path = inclusionProof(index, 11, (level) => (level === 0 ? leaves : [])).map(toHex)
  const record = records[index] as Proof['record']
  return { record, index, path, checkpoint: signer.sign(head), key: verifierKey(signer.origin, signer.publicKey) }
}

it('AC-1.2.2: every record proves itself, whatever the key looks like in base64', async () => {
  for (let i = 0; i < 44; i++) expect(await verifyProof(prove(i % 11))).toMatchObject({ ok: true, size: 11 })
})

it.each([
  [
    'text',
    (proof: Proof) => ({ ...proof, record: { ...proof.record, body: '{"kind":"decision","n":99}' } }),
    'its own hash',
  ],
  ['place', (proof: Proof) => ({ ...proof, index: 3 }), 'another record'],
  ['path', (proof: Proof) => ({ ...proof, path: [...proof.path].reverse() }), 'what was signed'],
  ['shorter path', (proof: Proof) => ({ ...proof, path: proof.path.slice(1) }), 'what was signed'],
  ['key', (proof: Proof) => ({ ...proof, key: prove(4).key }), 'another key'],
  ['head', (proof: Proof) => ({ ...proof, checkpoint: proof.checkpoint.replace('boot 1', 'boot 2') }), 'not genuine'],
  ['note', (proof: Proof) => ({ ...proof, checkpoint: 'nothing' }), 'cannot be read'],
] as const)('T-162: with another %s it does not', async (_what, forge, why) => {
  expect(await verifyProof(forge(prove(4)))).toMatchObject({ ok: false, why: expect.stringContaining(why) as unknown })
})
