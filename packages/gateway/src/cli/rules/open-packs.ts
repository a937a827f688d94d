import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SallyportError, type PackKey } from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import { loadConfig } from '../../config/load.ts'
import { layout } from '../../config/paths.ts'
import { openPackFiles, type PackFiles } from '../../control/content/rules/pack-files.ts'
import { packKeys } from '../../control/content/rules/pack-keys.ts'
import type { CliIo } from '../command.ts'

/** Installed packs and trusted keys, without a gateway. */
export function openPacks(io: Pick<CliIo, 'configPath' | 'stateDir'>): {
  readonly files: PackFiles
  readonly keys: readonly PackKey[]
} {
  const { configPath, stateDir } = io
  const sources = { env: environment(), stateDir, now: systemClock.now() }
  const { config } = loadConfig(configPath, sources)
  return { files: openPackFiles(layout(stateDir).rules), keys: packKeys(config.rules.keys) }
}

export function readPackFile(io: Pick<CliIo, 'cwd'>, file: string): Buffer {
  try {
    return readFileSync(resolve(io.cwd, file))
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `${file} cannot be read.`, { cause })
  }
}
