/**
 * CodeGuard: megabytes of source a second of processor time, by language, as `scan code` has it for many files; TypeScript are this repository's own sources, the
 * other languages the cases of the test suite, put together to files of 16 kB; and a repository of 10 000 files by the program.
 * `npm run bench -- scan`
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { ProgramFile } from '../packages/gateway/src/assurance/scan/code/scan-program.ts'
import type { Language } from '../packages/gateway/src/assurance/scan/code/syntax.ts'
import { threadScanner } from '../packages/gateway/src/assurance/scan/threads/file-scanner.ts'
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
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-scan-'))
  const scanner = threadScanner(1)
  let missed = 0
  process.stdout.write(
    `scan: ${cpus()[0]?.model ?? 'unknown processor'}, median of ${RUNS} runs, files in one thread\n`,
  )
  try {
    for (const [language, least] of Object.entries(LEAST) as [Language, number][]) {
      const files = textsOf(language).map((text, i): ProgramFile => {
        const path = join(folder, `${language}-${i}`)
        writeFileSync(path, text)
        return { path, name: basename(path), bytes: Buffer.byteLength(text), language, suppressions: true }
      })
      const megabytes = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6
      const speeds: number[] = []
      for (let i = 0; i < RUNS; i++) {
        const start = process.cpuUsage()
        for (const file of files) await scanner.program(file)
        const { user, system } = process.cpuUsage(start)
        speeds.push(megabytes / ((user + system) / 1e6))
      }
      const median = speeds.sort((a, b) => a - b)[RUNS >> 1] ?? 0
      missed += Number(median < least)
      process.stdout.write(`  ${language.padEnd(10)} ${median.toFixed(2)} MB/s (at least ${least})\n`)
    }
  } finally {
    scanner.close()
    rmSync(folder, { recursive: true, force: true })
  }
  missed += await tree()
  return missed > 0 ? 1 : 0
}
