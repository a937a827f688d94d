import { cpus } from 'node:os'
import { parse } from 'parse5'
import { extractDocument, extractText } from '../packages/gateway/src/control/content/extract/extract.ts'
import { makePdf, showAt } from '../packages/gateway/src/control/content/extract/fixtures/pdf.ts'
import { makeDocx } from '../packages/gateway/src/control/content/extract/fixtures/zip.ts'
import { visibleOnly } from '../packages/gateway/src/control/content/extract/visible-only.ts'

const RUNS = 200
const SIZE = 100_000
const SENTENCE = 'The committee met on Tuesday and agreed that the bridge is closed to lorries until the end of May. '

const page = (size: number): string => {
  const block = `<div class="entry"><h2>Report</h2><p style="margin:0">${SENTENCE}<b>More</b> <a href="/x">here</a>.</p><!-- entry --></div>\n`
  return `<!doctype html><style>.entry .note{display:none}</style>${block.repeat(Math.ceil(size / block.length))}`
}
const notes = (size: number): string => {
  const block = `## Report\n\n${SENTENCE}See \`code\` and [the plan](plan.md).\n\n- one\n- two\n\n`
  return block.repeat(Math.ceil(size / block.length))
}
const lines = (size: number): readonly string[] =>
  Array.from({ length: Math.ceil(size / SENTENCE.length) }, () => SENTENCE)

/**
 * Text extraction and cutting, 100 KB of text each, beside the bare HTML parser; and how the cost grows from 10 KB to 1 MB.
 *
 *   npm run bench -- documents [--runs=N] [--json]
 */
export async function run(args: readonly string[]): Promise<number> {
  const asked = args.find((arg) => arg.startsWith('--runs='))?.slice('--runs='.length)
  const runs = asked === undefined ? RUNS : Number(asked)
  const html = page(SIZE)
  const markdown = notes(SIZE)
  const pdf = makePdf({
    content: lines(SIZE)
      .map((line, index) => showAt(line, 72, 780 - (index % 60) * 12))
      .join(''),
  })
  const docx = makeDocx(
    lines(SIZE)
      .map((line) => `<w:p><w:r><w:t>${line}</w:t></w:r></w:p>`)
      .join(''),
  )
  const peer = await measure(runs, () => void parse(html, { sourceCodeLocationInfo: true }))
  const rows = {
    'parse5 alone (peer)': peer,
    'HTML, extract': await measure(runs, () => void extractText(html, 'text/html')),
    'HTML, cut': await measure(runs, () => void visibleOnly(html, 'html')),
    'Markdown, extract': await measure(runs, () => void extractText(markdown, 'text/markdown')),
    'PDF, extract': await measure(runs, () => extractDocument(pdf)),
    'DOCX, extract': await measure(runs, () => extractDocument(docx)),
  }
  const growth = await growthOf((source) => void extractText(source, 'text/html'))
  const peerGrowth = await growthOf((source) => void parse(source, { sourceCodeLocationInfo: true }))
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`
  if (args.includes('--json'))
    process.stdout.write(`${JSON.stringify({ what: 'documents', runs, rows, growth, peerGrowth, machine })}\n`)
  else {
    const table = Object.entries(rows).map(
      ([name, { p50, p95 }]) =>
        `${name.padEnd(20)}  ${ms(p50)}  ${ms(p95)}  ${(p50 / peer.p50).toFixed(2).padStart(6)}`,
    )
    process.stdout.write(
      `${'100 KB of text'.padEnd(20)}    p50 ms    p95 ms   ratio\n${table.join('\n')}\ntime a byte, 1 MB of HTML to 10 KB: ${growth.toFixed(2)}, parse5 alone ${peerGrowth.toFixed(2)}\n${runs} runs, ${machine}\n`,
    )
  }
  return growth < 2 * Math.max(1, peerGrowth) ? 0 : 1
}

const ms = (value: number): string => value.toFixed(2).padStart(8)

interface Timing {
  readonly p10: number
  readonly p50: number
  readonly p95: number
}

async function measure(runs: number, work: () => unknown): Promise<Timing> {
  for (let index = 0; index < Math.ceil(runs / 10); index++) await work()
  const times: number[] = []
  for (let index = 0; index < runs; index++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0
  return { p10: at(0.1), p50: at(0.5), p95: at(0.95) }
}

/** Time a byte at 1 MB, divided by that at 10 KB; where the machine had nothing else to do. */
async function growthOf(work: (source: string) => void): Promise<number> {
  const [small, large] = [page(10_000), page(1_000_000)]
  const quick = await measure(200, () => work(small))
  const slow = await measure(10, () => work(large))
  return slow.p10 / 100 / quick.p10
}
