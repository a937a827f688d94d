import { environment } from '../../config/environment.ts'
import { layout } from '../../config/paths.ts'
import { loadConfig } from '../../config/load.ts'
import { systemClock } from '../../clock.ts'
import { openFoundation } from '../../foundation.ts'
import { installationState, requireWhole } from '../../installation.ts'
import { PACKAGE } from '../../places.ts'
import { systemRandom } from '../../random.ts'
import type { CommandRun } from '../command.ts'
import { ensureGateway } from './ensure.ts'

export const run: CommandRun = async (io, _args, options) => {
  const files = layout(io.stateDir)
  if (options['detach'] === true) {
    await ensureGateway(io.stateDir, io.configPath)
    io.err(`The gateway answers at ${files.agentSocket}.`)
    return 0
  }
  const unsealed = requireWhole(installationState(PACKAGE))
  if (unsealed !== undefined) io.err(`sallyport: ${unsealed}`)
  const loaded = loadConfig(io.configPath, { env: environment(), stateDir: io.stateDir, now: systemClock.now() })
  const foundation = openFoundation(loaded, { stateDir: io.stateDir, clock: systemClock, random: systemRandom })
  const { createGateway } = await import('../../index.ts')
  const gateway = await createGateway(loaded, { stateDir: io.stateDir, foundation, talk: (line) => io.err(line) })
  await gateway.listen()
  io.err(`sallyport: ready. Configuration: ${loaded.file ?? 'built-in defaults (everything is denied)'}.`)
  for (const line of gateway.notices) io.err(`sallyport: ${line}`)
  io.err(`sallyport: agents connect to ${files.agentSocket}${gateway.url === undefined ? '' : ` and ${gateway.url}`}.`)
  if (gateway.consoleUrl !== undefined) io.err(`sallyport: the console is at ${gateway.consoleUrl}.`)
  await aborted(io.signal)
  io.err('sallyport: stopping.')
  await gateway.close()
  return 0
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
