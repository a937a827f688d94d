import { isUtf8 } from 'node:buffer'
import { lstatSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { readOsv, type Advisory } from './osv.ts'

/** What one import may read. Sizes in bytes. */
export const LIMITS = { file: 256 << 20, total: 4 * 2 ** 30, files: 1_000_000, depth: 12 } as const

/**
 * The records of a file, or of every .json file below a directory. Links are not followed.
 * @throws SallyportError SP_ADVISORY_INVALID for the first file that is not OSV or too large: nothing of an import is kept then
 */
export function readAdvisories(
  path: string,
  limits: typeof LIMITS | Record<keyof typeof LIMITS, number> = LIMITS,
): readonly Advisory[] {
  const records: Advisory[] = []
  let [total, count] = [0, 0]
  const refuse = (what: string, cause?: unknown): SallyportError =>
    new SallyportError('SP_ADVISORY_INVALID', what, cause === undefined ? {} : { cause })
  for (const file of filesOf(path, refuse, limits.depth)) {
    const { size } = lstatSync(file)
    total += size
    if (size > limits.file) throw refuse(`${file} has ${size} bytes, and ${limits.file} are read at most.`)
    if (total > limits.total || ++count > limits.files) throw refuse(`${path} holds more than one import may read.`)
    let content: Buffer
    try {
      content = readFileSync(file)
    } catch (cause) {
      throw refuse(`${file} cannot be read.`, cause)
    }
    if (!isUtf8(content)) throw refuse(`${file} is not UTF-8.`)
    for (const record of readOsv(content.toString('utf8'), file)) records.push(record)
  }
  if (records.length === 0) throw refuse(`${path} holds no record.`)
  return records
}

function* filesOf(
  path: string,
  refuse: (what: string, cause?: unknown) => SallyportError,
  depth: number,
  isRoot = true,
): Generator<string> {
  let stat
  let names: readonly string[] = []
  try {
    stat = lstatSync(path)
    if (stat.isDirectory()) names = readdirSync(path).toSorted()
  } catch (cause) {
    throw refuse(`${path} cannot be read.`, cause)
  }
  if (stat.isDirectory()) {
    if (depth === 0) throw refuse(`${path} lies too deep.`)
    for (const name of names) yield* filesOf(join(path, name), refuse, depth - 1, false)
  } else if (stat.isFile()) {
    if (isRoot || path.endsWith('.json')) yield path
  } else if (isRoot) throw refuse(`${path} is no file and no directory.`)
}
