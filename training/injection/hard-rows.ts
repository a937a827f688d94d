import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Row } from './documents.ts'

const FOLDER = new URL('../../rules/hard-set/', import.meta.url)

/** The half of the hard set that a shape belongs to, both rows of its pairs together: the detector trains on `train` and is held to `gate`. */
export function hardSetHalf(shape: string): 'train' | 'gate' {
  return ((createHash('sha256').update(shape).digest()[0] ?? 0) & 1) === 0 ? 'train' : 'gate'
}

interface HardLine {
  readonly text: string
  readonly label: 'attack' | 'benign'
  readonly shape: string
  readonly lang: string
  readonly channel: Row['channel']
}

/** Attacks and twins of the `train` half; the other half never leaves this function. The only reader of the hard set beside its test. */
export function hardRows(): Row[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.jsonl'))
  const lines = files.sort().flatMap((file) =>
    readFileSync(new URL(file, FOLDER), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as HardLine),
  )
  return lines
    .filter(({ shape }) => hardSetHalf(shape) === 'train')
    .map(({ text, label, shape, lang, channel }) => ({
      text,
      lang,
      channel,
      label: label === 'attack' ? 1 : 0,
      kind: label === 'benign' ? 'benign-hard' : channel === 'user' ? 'direct' : 'indirect',
      source: `hard:${shape}`,
    }))
}
