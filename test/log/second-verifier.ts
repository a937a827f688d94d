import { createHash, createPublicKey, verify } from 'node:crypto'

/**
 * A second verifier (T-169), written from docs/reference/audit-format.md alone: it shares no code with the product and
 * does everything the slow way. It answers with the number of records it accepts, or -1.
 */
export interface PlainRecord {
  readonly stream: string
  readonly seq: number
  readonly body: string
  readonly prev: string
  readonly hash: string
}

const sha = (...parts: (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function root(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha('')
  if (leaves.length === 1) return sha(Buffer.of(0), leaves[0] as Buffer)
  const k = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1)
  return sha(Buffer.of(1), root(leaves.slice(0, k)), root(leaves.slice(k)))
}

export function acceptLog(
  records: readonly PlainRecord[],
  notes: readonly string[],
  spki: Buffer,
  origin: string,
): number {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  let prev = '0'.repeat(64)
  for (const [i, record] of records.entries()) {
    const expected = sha(['sallyport/record/1', record.stream, String(i + 1), prev, record.body].join('\n')).toString(
      'hex',
    )
    if (record.seq !== i + 1 || record.prev !== prev || record.hash !== expected) return -1
    prev = record.hash
  }
  for (const note of notes) {
    const [head = '', tail = '', ...more] = note.split('\n\n')
    const line = /^— (\S+) (\S+)\n$/.exec(tail)
    const signature = Buffer.from(line?.[2] ?? '', 'base64')
    const [name = '', size = '', top = ''] = head.split('\n')
    if (more.length > 0 || name !== origin || line?.[1] !== origin) return -1
    const id = sha(`${origin}\n`, Buffer.of(1), spki.subarray(-32)).subarray(0, 4)
    if (!signature.subarray(0, 4).equals(id)) return -1
    if (!verify(null, Buffer.from(`${head}\n`), key, signature.subarray(4))) return -1
    if (Number(size) > records.length) return -1
    const leaves = records.slice(0, Number(size)).map((record) => Buffer.from(record.hash, 'hex'))
    if (root(leaves).toString('base64') !== top) return -1
  }
  return records.length
}
