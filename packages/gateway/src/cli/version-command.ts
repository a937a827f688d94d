import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandRun } from './command.ts'
import { BUNDLE, PROGRAM } from '../places.ts'
import { VERSION } from '../version.ts'

/** Path and digest of all files of the program that runs: what `doctor` and a suspicious human compare (T-038). */
export const run: CommandRun = async (io) => {
  const path = realpathSync(PROGRAM)
  const digest = digestOf([path, ...bundled()])
  const { version: node, platform, arch } = process
  if (io.json) io.out(JSON.stringify({ version: VERSION, path, sha256: digest, node, platform, arch }))
  else io.out(`sallyport ${VERSION}\n${path}\nsha256 ${digest}\nnode ${node} ${platform}-${arch}`)
  return 0
}

function digestOf(files: readonly string[]): string {
  const whole = createHash('sha256')
  for (const file of files) whole.update(createHash('sha256').update(readFileSync(file)).digest())
  return whole.digest('hex')
}

const bundled = (): readonly string[] =>
  readdirSync(BUNDLE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.path, entry.name))
    .sort()
