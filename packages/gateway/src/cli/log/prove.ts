import {
  fromHex,
  isJsonObject,
  jsonLine,
  type JsonObject,
  recordLeaf,
  SallyportError,
  verifyCheckpoint,
  verifyInclusion,
} from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { readPublicKey } from './public-key.ts'
import { itemsOf } from './record-row.ts'

/** Prints proofs after having checked them with the key on disk, not with the gateway's word. */
export const run: CommandRun = async (io, [id = ''], options) => {
  const key = readPublicKey(io, options)
  const answer = await io.gateway.request('GET', `/api/v1/log/records/${encodeURIComponent(id)}/proof`)
  const items = itemsOf(answer)
  for (const item of items) check(item, key)
  if (io.json) io.out(jsonLine(answer).trimEnd())
  else for (const item of items) io.out(describe(item))
  return 0
}

function check(item: JsonObject, key: Uint8Array): void {
  const { record, index, path, checkpoint } = item
  const head = typeof checkpoint === 'string' ? verifyCheckpoint(checkpoint, key) : undefined
  if (!head?.ok || !isJsonObject(record) || typeof record['hash'] !== 'string' || !Array.isArray(path)) {
    throw new SallyportError('SP_AUDIT_CHAIN_BROKEN', 'The head of the proof was not signed with this key.')
  }
  const steps = path.map((step) => fromHex(String(step)))
  const leaf = recordLeaf(record['hash'])
  if (verifyInclusion(leaf, Number(index), head.head.size, steps, fromHex(head.head.root))) return
  throw new SallyportError(
    'SP_AUDIT_CHAIN_BROKEN',
    `The record is not in the log of ${head.head.size} records that was signed.`,
  )
}

function describe({ record, index, path, checkpoint }: JsonObject): string {
  const hash = isJsonObject(record) && typeof record['hash'] === 'string' ? record['hash'] : ''
  const steps = Array.isArray(path) ? path.map((step) => `  ${String(step)}`) : []
  const head = typeof checkpoint === 'string' ? checkpoint.trimEnd() : ''
  return [`Record ${Number(index) + 1} is in the log.`, `hash  ${hash}`, 'path', ...steps, '', head].join('\n')
}
