import { toDocument, type Document } from './documents.ts'
import { fit, scoreOf, type Fitted } from './fit.ts'
import { benignFolder, readRows, unseenRows } from './evaluation.ts'
import { makeRows } from './shapes.ts'

const dir = '/work/shared/corpora'
const bits = 20
const samples = Number(process.env['SAMPLES'] ?? 40)
const opt = { bits, epochs: Number(process.env['EPOCHS'] ?? 4), rate: 0.1, dropout: Number(process.env['DROP'] ?? 0.3), decay: 0, seed: 1 }
const trainRows = readRows(`${dir}/injection/train.jsonl`).filter((r) => r.kind !== 'jailbreak')
const carriers = trainRows.filter((r) => r.label === 0 && r.channel === 'content')
const own = makeRows(carriers, samples, 7)
const docs = (rows: any[]) => rows.map((r) => toDocument(r, bits))
const train = docs(trainRows)
const ownDocs = docs(own)
const dev = docs(readRows(`${dir}/injection/dev.jsonl`).filter((r) => r.kind !== 'jailbreak'))
const unseen = docs(unseenRows(dir))
const benign = docs([
  ...benignFolder('node_modules', 'node_modules', 3000),
  ...benignFolder('/usr/share/doc', 'usr-doc', 800),
  ...benignFolder('docs', 'docs', 300),
])
const quant = (xs: number[], q: number) => [...xs].sort((a, b) => b - a)[Math.floor(q * xs.length)] ?? 0
function table(name: string, f: Fitted, sets: [string, readonly Document[]][]) {
  const base = [...benign, ...unseen.filter((d) => d.row.label === 0)].map((d) => scoreOf(d, f))
  const t1 = quant(base, 0.01), t01 = quant(base, 0.001), tdev = quant(dev.filter((d) => d.row.label === 0).map((d) => scoreOf(d, f)), 0.005)
  console.log(`== ${name}: t(1% unseen benign ${base.length}) ${t1.toFixed(2)} t(.1%) ${t01.toFixed(2)} t(dev .5%) ${tdev.toFixed(2)}`)
  for (const [set, ds] of sets) {
    const by = new Map<string, number[]>()
    for (const d of ds) {
      const k = `${set} ${set === 'dev' ? d.row.kind : d.row.source}`
      by.set(k, [...(by.get(k) ?? []), scoreOf(d, f)])
    }
    for (const [k, s] of by) console.log(`  ${k.padEnd(50)} n=${String(s.length).padStart(5)}  >1% ${(s.filter((x) => x > t1).length / s.length).toFixed(3)}  >.1% ${(s.filter((x) => x > t01).length / s.length).toFixed(3)}  >dev ${(s.filter((x) => x > tdev).length / s.length).toFixed(3)}`)
  }
}
const neu = (d: Document) => d.row.source.startsWith('neuralchemy')
console.time('fit')
const a = fit([...train, ...ownDocs], opt)
console.timeEnd('fit')
table('all', a, [['dev', dev], ['unseen', unseen], ['benign', benign]])
if (process.env['LOSO']) {
  const b = fit([...train.filter((d) => !neu(d)), ...ownDocs], opt)
  table('no neuralchemy', b, [['neu', train.filter((d) => neu(d))], ['unseen', unseen.filter((d) => d.row.label === 1)]])
  const c = fit(ownDocs.concat(train.filter((d) => d.row.label === 0)), opt)
  table('shapes only', c, [['dev', dev], ['unseen', unseen.filter((d) => d.row.label === 1)], ['neu', train.filter((d) => neu(d) && d.row.label === 1)]])
}
