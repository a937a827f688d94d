import { createHash } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import type { CommandRun } from './command.ts'
import { PROGRAM } from '../places.ts'
import { VERSION } from '../version.ts'

/** Path and digest of the program that runs: what `doctor` and a suspicious human compare (T-038). */
export const run: CommandRun = async (io) => {
  const path = realpathSync(PROGRAM)
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex')
  const { version: node, platform, arch } = process
  if (io.json) io.out(JSON.stringify({ version: VERSION, path, sha256: digest, node, platform, arch }))
  else io.out(`sallyport ${VERSION}\n${path}\nsha256 ${digest}\nnode ${node} ${platform}-${arch}`)
  return 0
}
