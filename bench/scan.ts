/**
 * CodeGuard: megabytes of source a second of processor time, by language; TypeScript are this repository's own sources, the
 * other languages the cases of the test suite, put together to files of 16 kB; and a repository of 10 000 files by the program.
 * `npm run bench -- scan`
 */
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createReadSource } from '../packages/gateway/src/assurance/scan/code/read/read-source.ts'
import { createCodeScanner } from '../packages/gateway/src/assurance/scan/code/scan-code.ts'
import type { Language } from '../packages/gateway/src/assurance/scan/code/syntax.ts'
import { tree } from './scan-tree.ts'

const ROOT = new URL('..', import.meta.url).pathname
const RUNS = 5
/** Characters of a file, and of all files of a language. */
const FILE = 16_384
const ALL = 1_500_000
/** Megabytes a second of one core. */
const LEAST: Readonly<Record<Language, number>> = {
  typescript: 2,
  javascript: 2,
  python: 1,
  go: 1,
  ruby: 1,
  java: 1,
  bash: 0.4,
}

interface Case {
  readonly lang: Language
  readonly input?: string
}

const CASES = readFileSync(`${ROOT}test/scan/fixtures/code-cases.jsonl`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case)

const SOURCES = readdirSync(`${ROOT}packages/gateway/src`, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
  .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'))

function textsOf(language: Language): readonly string[] {
  const texts: string[] = []
  let all = 0
  if (language === 'typescript') {
    for (const text of SOURCES) if ((all += text.length) < ALL) texts.push(text)
    return texts
  }
  const own = CASES.filter(({ lang, input }) => lang === language && input !== undefined).map(
    ({ input }) => input ?? '',
  )
  // imports of their own belong to the front: each case stands in a file of its kind only once in a while
  let file = ''
  for (let i = 0; all < ALL / 2; i++) {
    const next = `${own[i % own.length]}\n`
    file += next
    all += next.length
    if (file.length > FILE) {
      texts.push(file)
      file = ''
    }
  }
  return texts
}

/** Prints the speeds; 1 when one is missed. */
export async function run(): Promise<number> {
  const scan = createCodeScanner(await createReadSource({ now: () => performance.now() }))
  let missed = 0
  process.stdout.write(`scan: ${cpus()[0]?.model ?? 'unknown processor'}, median of ${RUNS} runs\n`)
  for (const [language, least] of Object.entries(LEAST) as [Language, number][]) {
    const texts = textsOf(language)
    const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6
    const speeds = Array.from({ length: RUNS }, () => {
      const start = process.cpuUsage()
      for (const text of texts) scan(text, language)
      const { user, system } = process.cpuUsage(start)
      return megabytes / ((user + system) / 1e6)
    }).sort((a, b) => a - b)
    const median = speeds[RUNS >> 1] ?? 0
    missed += Number(median < least)
    process.stdout.write(`  ${language.padEnd(10)} ${median.toFixed(2)} MB/s (at least ${least})\n`)
  }
  missed += await tree()
  return missed > 0 ? 1 : 0
}
