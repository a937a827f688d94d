import { relative } from 'node:path'
import type { Json } from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { ensureGateway } from '../daemon/ensure.ts'
import { applyWithBackup } from './backup.ts'
import { makePlan, type Plan, type Site } from './plan.ts'
import { findSite } from './site.ts'
import { undo, type Undone } from './undo.ts'

/**
 * Wiring may run anywhere, also by an agent: it only puts the gateway in front. Claiming is another act, and only a human
 * at a terminal can do it (T-007); until then nothing that needs approval runs.
 */
export const run: CommandRun = async (io, _args, options) => {
  if (options['claim'] === true) return claim(io, options)
  if (options['undo'] === true) return runUndo(io, findSite(io, {}), options)
  const site = findSite(io, options)
  const plan = makePlan(site)
  if (options['dryRun'] === true) {
    show(io, site, plan, [])
    return 0
  }
  const backup =
    plan.files.length === 0 ? undefined : applyWithBackup(site.stateDir, plan.files, new Date(systemClock.now()))
  const notes = await connect(io, site, plan)
  show(io, site, plan, notes, backup?.directory)
  return 0
}

async function claim(io: CliIo, options: CliOptions): Promise<number> {
  await ensureGateway(io.stateDir, io.configPath)
  const { claimGateway } = await import('../presence/claim.ts')
  const operator = await claimGateway(io, options)
  io.out(io.json ? JSON.stringify({ operator }) : `Claimed by ${operator}. Decide with: sallyport approvals ls`)
  return 0
}

/** Registers the agents. Whatever the gateway refuses is said and left to the operator; nothing is forced. */
async function connect(io: CliIo, site: Site, plan: Plan): Promise<readonly string[]> {
  const notes: string[] = []
  let listed: Json
  try {
    await ensureGateway(site.stateDir, site.configPath)
    listed = await firstAnswer(io)
  } catch (thrown) {
    return [`The gateway did not answer (${message(thrown)}). Run \`sallyport up\`, then \`sallyport init\` again.`]
  }
  const known = new Set(agentNames(listed))
  for (const name of plan.agents) {
    if (known.has(name)) continue
    try {
      // The answer holds the agent's key; local clients use the credential file, so nobody needs to see it.
      await io.gateway.request('POST', '/api/v1/agents', { name })
      notes.push(
        `Agent ${name} added at trust level 0: it reads; every write asks. Raise it with \`sallyport agents trust ${name} 1\`.`,
      )
    } catch (thrown) {
      notes.push(`Agent ${name} was not added (${message(thrown)}). Run: sallyport agents add ${name}`)
    }
  }
  if (!(await claimed(io))) notes.push('Nobody can approve yet. In a terminal of your own, run: sallyport init --claim')
  return notes
}

/** The sockets of a gateway that has just started open one after the other. */
async function firstAnswer(io: CliIo): Promise<Json> {
  const deadline = systemClock.monotonic() + OPERATOR_SOCKET_WAIT_MS
  while (systemClock.monotonic() < deadline && !(await io.gateway.alive())) await pause(50)
  return io.gateway.request('GET', '/api/v1/agents')
}

const OPERATOR_SOCKET_WAIT_MS = 10_000
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function claimed(io: CliIo): Promise<boolean> {
  const status = await io.gateway.request('GET', '/api/v1/presence')
  return typeof status === 'object' && status !== null && Reflect.get(status, 'claimed') === true
}

function agentNames(listed: Json): readonly string[] {
  const agents: unknown = typeof listed === 'object' && listed !== null ? Reflect.get(listed, 'agents') : []
  return Array.isArray(agents) ? agents.map((agent: unknown) => String(Reflect.get(agent as object, 'name'))) : []
}

function show(io: CliIo, site: Site, plan: Plan, notes: readonly string[], backup?: string): void {
  const all = [...plan.notes, ...notes, ...(plan.hosts.length > 0 ? [LEVEL_0] : [])]
  if (io.json) {
    io.out(
      JSON.stringify({
        applied: backup !== undefined,
        backup: backup ?? null,
        files: plan.files.map(({ path, what, before }) => ({
          path,
          what,
          action: before === undefined ? 'create' : 'change',
        })),
        servers: plan.servers.map(({ client, file, name, alias, state, note }) => ({
          client,
          file,
          name,
          alias: alias ?? null,
          state,
          note,
        })),
        agents: plan.agents,
        hooks: plan.hosts,
        notes: all,
      }),
    )
    return
  }
  const short = (path: string): string => {
    const below = relative(site.home, path)
    return below.startsWith('..') ? path : `~/${below}`
  }
  io.out(backup === undefined ? 'Plan (nothing written):' : 'Written:')
  if (plan.files.length === 0) io.out('  nothing to change')
  for (const { path, what, before } of plan.files)
    io.out(`  ${before === undefined ? 'create' : 'change'}  ${short(path)}  (${what})`)
  if (plan.servers.length > 0) io.out('MCP servers:')
  for (const { client, name, alias, state, note } of plan.servers) {
    io.out(
      `  ${client}: ${name} ${alias === undefined ? `not wrapped (${state})` : `→ ${alias}`}${note === '' ? '' : `. ${note}`}`,
    )
  }
  if (all.length > 0) io.out('Notes:')
  for (const note of all) io.out(`  - ${note}`)
  if (backup !== undefined) io.out(`Originals: ${short(backup)}. Back out with: sallyport init --undo`)
}

const LEVEL_0 =
  'Deployment level L0: the agent runs under your account. Against an agent that runs its own code this is advisory: it ' +
  'can undo what was done here. `sallyport run -- claude` confines it (L1). `sallyport doctor` measures the level.'

async function runUndo(io: CliIo, site: Site, options: CliOptions): Promise<number> {
  const dryRun = options['dryRun'] === true
  if (!dryRun && (await io.gateway.alive()) && (await claimed(io))) {
    // Undoing takes the gate away, so a human does it where somebody is in charge (T-051).
    const { openTerminal } = await import('../presence/terminal.ts')
    openTerminal(io, options).close()
  }
  const steps = undo(site.stateDir, site, !dryRun)
  if (io.json) io.out(JSON.stringify({ applied: !dryRun, files: steps as unknown as Json }))
  else if (steps.length === 0) io.out('There is nothing to undo.')
  else for (const step of steps) io.out(describe(step))
  return steps.some(({ result }) => result === 'kept') ? 1 : 0
}

const describe = ({ path, result, note }: Undone): string =>
  `  ${result.padEnd(8)}  ${path}${note === '' ? '' : `  (${note})`}`
const message = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
