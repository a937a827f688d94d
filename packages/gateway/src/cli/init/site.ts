import { accessSync, constants, existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { HOOK_ENTRY, PROGRAM } from '../../places.ts'
import type { CliIo, CliOptions } from '../command.ts'
import type { Site } from './plan.ts'

/** Where curl may be. A fixed list, never PATH (T-038). */
const CURL = ['/usr/bin/curl', '/bin/curl', '/usr/local/bin/curl', '/opt/homebrew/bin/curl']
const PRESETS = ['locked-down', 'balanced', 'open']

export const findCurl = (): string | undefined =>
  CURL.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** @throws SallyportError SP_CLI_USAGE, SP_CONFIG_INVALID */
export function findSite(io: CliIo, options: CliOptions): Site {
  const preset = text(options['preset']) ?? 'balanced'
  if (!PRESETS.includes(preset)) throw new SallyportError('SP_CLI_USAGE', `Presets are ${PRESETS.join(', ')}.`)
  const home = homedir()
  const stateDir = io.stateDir
  if (inside(stateDir, io.cwd) && !inside(io.cwd, stateDir) && io.cwd !== home && io.cwd !== '/') {
    throw new SallyportError(
      'SP_CONFIG_INSECURE',
      `The state directory ${stateDir} lies in the working directory (T-057).`,
    )
  }
  const configPath = io.configPath ?? join(home, '.config', 'sallyport', 'sallyport.yaml')
  const only = options['import']
  return {
    home,
    cwd: io.cwd,
    platform: process.platform,
    stateDir,
    configPath,
    configExists: existsSync(configPath),
    preset,
    node: realpathSync(process.execPath),
    // found from the code that runs, never from PATH or the working directory (T-038)
    program: PROGRAM,
    hookEntry: HOOK_ENTRY,
    curl: findCurl(),
    includeProject: options['project'] === true,
    only: Array.isArray(only) ? (only as readonly string[]) : [],
    agent: text(options['agent']),
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const inside = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`)
