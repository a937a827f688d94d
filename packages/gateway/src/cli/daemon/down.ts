import { existsSync, readFileSync } from 'node:fs'
import { isJsonObject, parseJson, SallyportError } from '@sallyport/core'
import { layout } from '../../config/paths.ts'
import type { CommandRun } from '../command.ts'

const STOP_LIMIT = 10_000

/** Stops the gateway. That only closes things: without a gateway every call is denied. */
export const run: CommandRun = async (io) => {
  const { info } = layout(io.stateDir)
  if (!(await io.gateway.alive()) || !existsSync(info)) {
    if (io.json) io.out(JSON.stringify({ stopped: false, running: false }))
    else io.out('No gateway is running.')
    return 0
  }
  const said = parseJson(readFileSync(info, 'utf8'))
  const pid = isJsonObject(said) ? said['pid'] : undefined
  if (typeof pid !== 'number') throw new SallyportError('SP_INTERNAL', `${info} names no process.`)
  process.kill(pid, 'SIGTERM')
  const deadline = performance.now() + STOP_LIMIT
  while (await io.gateway.alive()) {
    if (performance.now() > deadline) throw new SallyportError('SP_INTERNAL', `Process ${pid} does not stop.`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  if (io.json) io.out(JSON.stringify({ stopped: true, running: false }))
  else io.out('The gateway has stopped. Every call is denied until it runs again.')
  return 0
}
