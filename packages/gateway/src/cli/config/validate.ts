import { SallyportError } from '@sallyport/core'
import { resolve } from 'node:path'
import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import { loadConfig } from '../../config/load.ts'
import type { CommandRun } from '../command.ts'

export const run: CommandRun = async (io, [file]) => {
  const path = file === undefined ? io.configPath : resolve(io.cwd, file)
  if (path === undefined) throw new SallyportError('SP_CONFIG_NOT_FOUND')
  loadConfig(path, { env: environment(), stateDir: io.stateDir, now: systemClock.now() })
  io.out(io.json ? JSON.stringify({ valid: true, file: path }) : `${path} is valid.`)
  return 0
}
