import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { toDocument, type Row } from './documents.ts'
import { readRows } from './evaluation.ts'
import { fit, fitAverage } from './fit.ts'
import { hardRows } from './hard-rows.ts'
import { pack, type Frozen } from './pack.ts'
import {
  BITS,
  HARD_COPIES,
  INJECTION_FIT,
  JAILBREAK_BITS,
  JAILBREAK_FIT,
  PART,
  ROUNDS,
  SAMPLES,
  SHAPE_SEED,
} from './settings.ts'
import { makeRows, readShapes } from './shapes.ts'

const HERE = new URL('./', import.meta.url)
const CORE = new URL('../../packages/core/src/detect/', import.meta.url)

/**
 * Trains both heads and writes the weights with their card. Deterministic: the same corpus, scripts and date give the same bytes.
 *
 *   npx tsx training/injection/train.ts --corpus DIR --date 2026-11-28 [--out DIR]
 */
const { values } = parseArgs({
  options: {
    corpus: { type: 'string' },
    date: { type: 'string' },
    out: { type: 'string', default: 'packages/gateway/weights' },
  },
})
if (values.corpus === undefined || values.date === undefined)
  throw new Error('Give --corpus DIR and --date YYYY-MM-DD.')

const corpusFile = join(values.corpus, 'train.jsonl')
const rows = readRows<Row>(corpusFile)
const carriers = rows.filter((row) => row.label === 0 && row.channel === 'content')
const own = makeRows(carriers, SAMPLES, SHAPE_SEED)
const hard = hardRows()
const harmless = rows.filter((row) => row.label === 0)
const attacks = rows.filter((row) => row.label === 1 && row.kind !== 'jailbreak')
const jailbreaks = rows.filter((row) => row.kind === 'jailbreak')

const injection = fitAverage(
  [...harmless, ...attacks, ...own, ...Array.from({ length: HARD_COPIES }, () => hard).flat()].map((row) =>
    toDocument(row, BITS),
  ),
  INJECTION_FIT,
  ROUNDS,
  PART,
)
const jailbreak = fit(
  [...harmless, ...jailbreaks, ...own.filter((row) => row.label === 0)].map((row) => toDocument(row, JAILBREAK_BITS)),
  JAILBREAK_FIT,
)
const frozen = JSON.parse(readFileSync(new URL('thresholds.json', HERE), 'utf8')) as Frozen
const weights = pack(injection, jailbreak, values.date, frozen)

const sha256 = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
const folder = (place: URL, ends: RegExp): Uint8Array[] =>
  readdirSync(place)
    .filter((name) => ends.test(name) && !name.includes('.test.'))
    .sort()
    .map((name) => readFileSync(new URL(name, place)))

const card = {
  model: 'sallyport-injection',
  date: values.date,
  heads: {
    injection: { buckets: 1 << BITS, ...INJECTION_FIT, rounds: ROUNDS, part: PART },
    jailbreak: { buckets: 1 << JAILBREAK_BITS, ...JAILBREAK_FIT, advisory: true },
  },
  data: {
    corpus: { rows: rows.length, sha256: sha256(readFileSync(corpusFile)) },
    shapes: {
      shapes: readShapes().length,
      samples: SAMPLES,
      rows: own.length,
      licence: 'Apache-2.0',
      sha256: sha256(...folder(new URL('shapes/', HERE), /\.txt$/)),
    },
    hardSet: { half: 'train', rows: hard.length, copies: HARD_COPIES, sha256: sha256(JSON.stringify(hard)) },
    rows: { harmless: harmless.length, attacks: attacks.length, jailbreaks: jailbreaks.length, made: own.length },
  },
  script: {
    sha256: sha256(
      ...folder(HERE, /\.(ts|json)$/),
      ...folder(new URL('injection/', CORE), /\.ts$/),
      ...folder(new URL('text/', CORE), /\.ts$/),
    ),
  },
  thresholds: frozen,
  weights: { bytes: weights.length, sha256: sha256(weights) },
}
writeFileSync(join(values.out, 'injection.bin'), weights)
writeFileSync(join(values.out, 'injection.json'), `${JSON.stringify(card, null, 2)}\n`)
console.log(`${weights.length} bytes, sha256 ${card.weights.sha256}`)
