import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createInjectionDetector } from '../../packages/core/src/detect/injection/detector.ts'
import { readInjectionModel } from '../../packages/core/src/detect/injection/model.ts'
import { toDocument, type Document, type Row } from './documents.ts'
import { benignFolder, readRows, unseenRows } from './evaluation.ts'
import { fitAverage, type Fitted } from './fit.ts'
import { hardRows } from './hard-rows.ts'
import { pack, type Frozen } from './pack.ts'
import { BITS, HARD_COPIES, INJECTION_FIT, JAILBREAK_BITS, PART, ROUNDS, SAMPLES, SHAPE_SEED } from './settings.ts'
import { makeRows } from './shapes.ts'

/**
 * What the detector finds in text it was not trained on, at the frozen thresholds and at those that would give 1 % and 0.1 % of the benign texts
 * below: the latter compare data and models, only the former is a promise.
 *
 *   npx tsx training/injection/tables.ts --corpora DIR [--benign DIR…] [--only shipped,sources,benign,families] [--rounds 1]
 */
const { values } = parseArgs({
  options: {
    corpora: { type: 'string' },
    benign: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', default: 'shipped,sources,benign,families' },
    rounds: { type: 'string', default: String(ROUNDS) },
    missed: { type: 'string' },
  },
})
if (values.corpora === undefined) throw new Error('Give --corpora DIR.')
const parts = values.only.split(',')
const frozen = JSON.parse(readFileSync(new URL('thresholds.json', import.meta.url), 'utf8')) as Frozen
const nothing: Fitted = { weights: new Float32Array(1 << JAILBREAK_BITS), bias: 0 }

const corpus = readRows<Row>(join(values.corpora, 'injection/train.jsonl')).filter((row) => row.kind !== 'jailbreak')
const carriers = corpus.filter((row) => row.label === 0 && row.channel === 'content')
const hard = Array.from({ length: HARD_COPIES }, hardRows).flat()
const training: readonly Document[] = [...corpus, ...makeRows(carriers, SAMPLES, SHAPE_SEED), ...hard].map((row) =>
  toDocument(row, BITS),
)
const dev = readRows<Row>(join(values.corpora, 'injection/dev.jsonl')).filter((row) => row.kind !== 'jailbreak')
const unseen = unseenRows(values.corpora)
const benign = [
  ...unseen.filter((row) => row.label === 0),
  ...values.benign.filter((folder) => existsSync(folder)).flatMap((folder) => benignFolder(folder, folder)),
]

type Scorer = (row: Row) => { readonly logit: number; readonly detected: boolean }

function scorer(documents: readonly Document[]): Scorer {
  const model = readInjectionModel(
    pack(fitAverage(documents, INJECTION_FIT, Number(values.rounds), PART), nothing, 'trial', frozen),
  )
  const detector = createInjectionDetector(model)
  return (row) => {
    const { score, verdict } = detector.scan(row.text, { channel: row.channel })
    return { logit: Math.log(score + 1e-6) - Math.log(1 - score + 1e-6), detected: verdict !== 'clean' }
  }
}

const share = (list: readonly number[], least: number): string =>
  `${((100 * list.filter((value) => value > least).length) / list.length).toFixed(1)} %`.padStart(8)

function show(title: string, score: Scorer, rows: readonly Row[], group: (row: Row) => string): void {
  const base = benign.map((row) => score(row).logit).sort((one, other) => other - one)
  const at = (part: number): number => base[Math.floor(part * base.length)] ?? 0
  console.log(
    `\n${title}: at 1 % of ${base.length} benign texts the logit is ${at(0.01).toFixed(2)}, at 0.1 % ${at(0.001).toFixed(2)}`,
  )
  console.log(`${''.padEnd(44)}     n    frozen     1 %    0.1 %`)
  const groups = new Map<string, Row[]>()
  for (const row of rows) groups.set(group(row), [...(groups.get(group(row)) ?? []), row])
  for (const [name, members] of [...groups].toSorted(([one], [other]) => one.localeCompare(other))) {
    const scored = members.map((row) => ({ row, ...score(row) }))
    const logits = scored.map(({ logit }) => logit)
    const detected = scored.filter((entry) => entry.detected).length
    const label = members[0]?.label === 1 ? '+' : '-'
    console.log(
      `${label} ${name.slice(0, 42).padEnd(42)} ${String(members.length).padStart(5)} ${((100 * detected) / members.length).toFixed(1).padStart(7)} % ${share(logits, at(0.01))} ${share(logits, at(0.001))}`,
    )
    if (values.missed !== undefined && name.includes(values.missed))
      for (const { row, detected: found, logit } of scored.sort((one, other) => one.logit - other.logit))
        if (found !== (row.label === 1))
          console.log(`    ${logit.toFixed(2)} ${JSON.stringify(row.text.slice(0, 300))}`)
  }
}

const bySource = (row: Row): string => row.source
if (parts.includes('shipped')) {
  const score = scorer(training)
  show('Development half', score, dev, (row) => row.kind)
  show('Sets never trained on', score, [...unseen.filter((row) => row.label === 1), ...benign], bySource)
}
if (parts.includes('sources')) {
  const sources: readonly (readonly [string, (row: Row) => boolean])[] = [
    ['neuralchemy', (row) => row.source.startsWith('neuralchemy')],
    ['synthetic positives', (row) => row.source.startsWith('synthetic positives')],
    [
      'neuralchemy and synthetic',
      (row) => row.source.startsWith('neuralchemy') || row.source.startsWith('synthetic positives'),
    ],
    ['own shapes', (row) => row.source.startsWith('shapes:')],
  ]
  for (const [name, left] of sources) {
    const score = scorer(training.filter(({ row }) => !(left(row) && row.label === 1)))
    const rows = training.map(({ row }) => row).filter((row) => left(row) && row.label === 1)
    show(
      `Without ${name}`,
      score,
      rows.filter((_, index) => index % 3 === 0),
      (row) => `${row.source.slice(0, 24)} ${row.kind}`,
    )
  }
}
if (parts.includes('benign')) {
  const sources: readonly (readonly [string, RegExp])[] = [
    ['trigger words', /^synthetic benign trigger/],
    ['roles and tasks', /^synthetic benign role/],
    ['hard negatives', /^synthetic hard|^synthetic: carrier/],
    ['neuralchemy benign', /^neuralchemy/],
    ['P3 and self-instruct', /^P3|^yizhongw/],
    ['repositories', /^NVIDIA|^agentgateway|^openclaw|^cedar|^Azure/],
    ['tau-bench', /^sierra/],
    ['tldr', /^tldr/],
  ]
  for (const [name, source] of sources) {
    const left = (row: Row): boolean => row.label === 0 && source.test(row.source)
    const score = scorer(training.filter(({ row }) => !left(row)))
    show(`Without ${name}`, score, training.map(({ row }) => row).filter(left), () => name)
  }
}
if (parts.includes('families')) {
  const families = [...new Set(training.map(({ row }) => row.source).filter((source) => source.startsWith('shapes:')))]
  for (const family of families) {
    const rows = training.map(({ row }) => row).filter((row) => row.source === family)
    if (!rows.some((row) => row.label === 1)) continue
    const score = scorer(training.filter(({ row }) => row.source !== family))
    show(`Without ${family}`, score, rows, (row) => `${family} ${row.label === 1 ? 'attacks' : 'twins'}`)
  }
}
