import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { isJsonObject, parseJson, SallyportError } from '@sallyport/core'
import { environment } from '../../config/environment.ts'
import { layout } from '../../config/paths.ts'
import type { CommandRun } from '../command.ts'

/** Where the running gateway serves its console. The address holds no secret. */
export const run: CommandRun = async (io, _args, options) => {
  const { info } = layout(io.stateDir)
  if (!(await io.gateway.alive()) || !existsSync(info)) throw new SallyportError('SP_AUTHZ_UNAVAILABLE')
  const said = parseJson(readFileSync(info, 'utf8'))
  const url = isJsonObject(said) ? said['consoleUrl'] : undefined
  if (typeof url !== 'string') {
    throw new SallyportError('SP_CONFIG_INVALID', 'No console is configured: set `console: { port: 7443 }`.')
  }
  if (io.json) io.out(JSON.stringify({ url }))
  else io.out(url)
  if (options['print'] !== true && io.isTerminal) show(url)
  return 0
}

/** Nothing depends on it: the address was printed. */
function show(url: string): void {
  const env = environment()
  const hasScreen =
    process.platform === 'darwin' || env['DISPLAY'] !== undefined || env['WAYLAND_DISPLAY'] !== undefined
  if (!hasScreen) return
  const opener = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [url], { detached: true, stdio: 'ignore' })
  opener.on('error', () => undefined)
  opener.unref()
}
