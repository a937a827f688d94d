import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '@sallyport/core'
import type { CommandRun, GatewayClient } from './command.ts'
import { BUNDLE, PROGRAM } from '../places.ts'
import { VERSION } from '../version.ts'

/**
 * Path and digest of all files of the program that runs: what `doctor` and a suspicious human compare (T-038); and the key of
 * the running gateway as its sign-in page shows it, so that a person can tell it from an imitation (T-010).
 */
export const run: CommandRun = async (io) => {
  const path = realpathSync(PROGRAM)
  const digest = digestOf([path, ...bundled()])
  const { version: node, platform, arch } = process
  const key = await fingerprint(io.gateway)
  const known = key === undefined ? {} : { key }
  if (io.json) io.out(JSON.stringify({ version: VERSION, path, sha256: digest, ...known, node, platform, arch }))
  else {
    io.out(`sallyport ${VERSION}\n${path}\nsha256 ${digest}`)
    io.out(key === undefined ? 'key unknown, no gateway answers' : `key ${key.replace(/(.{4})(?=.)/g, '$1 ')}`)
    io.out(`node ${node} ${platform}-${arch}`)
  }
  return 0
}

async function fingerprint(gateway: GatewayClient): Promise<string | undefined> {
  const methods = await gateway.request('GET', '/api/v1/sign-in/methods').catch(() => undefined)
  const found = (methods as JsonObject | null | undefined)?.['fingerprint']
  return typeof found === 'string' ? found : undefined
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
