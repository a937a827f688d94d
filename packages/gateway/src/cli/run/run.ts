import { isatty } from 'node:tty'
import { SallyportError, type JsonObject } from '@sallyport/core'
import type { CliIo, CommandRun } from '../command.ts'
import { ensureGateway } from '../daemon/ensure.ts'
import { NOT_RUN, sayError } from '../sandbox/outcome.ts'
import { runInside } from './inside.ts'
import { orderOf, type RunOrder } from './order.ts'
import type { Run } from './shown-files.ts'
import { relayTerminal } from './terminal.ts'

/**
 * `sallyport run`: an agent as a whole in a sandbox (level L1). On a terminal a second process of this program stands on a terminal of its
 * own with the agent, and this one passes on what may pass; without one, the streams are handed on as they are.
 */
export const run: CommandRun = async (io, words, options) => {
  try {
    const order = orderOf(io, words, options)
    const joined = options['joined']
    if (typeof joined === 'string') return await runInside(io, order, await known(io, joined))
    await ensureGateway(io.stateDir, io.configPath)
    const opened = await open(io, order)
    const end = (): Promise<unknown> => io.gateway.request('DELETE', `/api/v1/runs/${opened.id}`).catch(() => undefined)
    try {
      const relayed = isatty(0) && isatty(1)
      return await (relayed ? relayTerminal(io, order, opened.id) : runInside(io, order, opened))
    } finally {
      await end()
    }
  } catch (thrown) {
    sayError(io, thrown)
    return NOT_RUN
  }
}

async function open(io: CliIo, { agent, command, workspace, profile, mounts }: RunOrder): Promise<Run> {
  const { allowedHosts, blockedHosts } = profile
  const [program = ''] = command
  const shown = mounts.map(({ source }) => source)
  const asked = {
    agent,
    command: program.slice(0, 300),
    workspace,
    pid: process.pid,
    allowedHosts,
    blockedHosts,
    shown,
  }
  return asRun(await io.gateway.request('POST', '/api/v1/runs', asked))
}

async function known(io: CliIo, id: string): Promise<Run> {
  const { runs } = (await io.gateway.request('GET', '/api/v1/runs')) as { readonly runs: readonly JsonObject[] }
  const found = runs.find((each) => each['id'] === id)
  if (found === undefined) throw new SallyportError('SP_RUN_UNKNOWN')
  return asRun(found)
}

function asRun(answer: unknown): Run {
  const { id, socket, servers, env, authority } = answer as Run
  if (typeof id === 'string' && typeof socket === 'string' && Array.isArray(servers))
    return { id, socket, servers, env, authority }
  throw new SallyportError('SP_INTERNAL', 'The gateway did not say where this run leads out.')
}
