import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { requireSocketPath } from '../../config/paths.ts'
import type { Lender } from './lend.ts'
import type { EgressAttempt } from './proxy.ts'
import { egressOf } from './way-out.ts'

/** An agent that `sallyport run` starts confined, as the gateway knows it. */
export interface ConfinedRun {
  readonly id: string
  readonly agent: string
  /** What all that this agent does is accounted to. */
  readonly instance: string
  readonly command: string
  readonly workspace: string
  /** Host id of the process that keeps it. */
  readonly pid: number
  /** Unix socket through which its connections leave; whoever can open it is the keeper. */
  readonly socket: string
  /** Authority that its sandbox has to trust, PEM; absent: none. */
  readonly authority?: string
}

export type NewRun = Omit<ConfinedRun, 'id' | 'socket' | 'authority'> & {
  readonly allowedHosts: readonly string[]
  readonly blockedHosts: readonly string[]
  /** Calls back once when the agent may no longer act (T-146). @returns stops listening */
  readonly whileAllowed: (end: () => void) => () => void
}

export interface RunsDeps {
  /** A directory that only this user can write. */
  readonly directory: string
  readonly newId: () => string
  readonly attempted: (run: ConfinedRun, attempt: EgressAttempt) => Promise<void>
  /** What may be lent to an agent. */
  readonly lenderOf?: (agent: string, instance: string, source: string) => Promise<Lender>
  /** Says whether a process still is. */
  readonly isAlive?: (pid: number) => boolean
}

/** Agents that run confined now. Each has a way out of its own, so that what leaves is known by where it came from (T-052). */
export class Runs {
  readonly #deps: RunsDeps
  readonly #runs = new Map<string, { readonly run: ConfinedRun; readonly close: () => void }>()

  constructor(deps: RunsDeps) {
    this.#deps = deps
  }

  list(): readonly ConfinedRun[] {
    return [...this.#runs.values()].map(({ run }) => run)
  }

  /** @throws SallyportError SP_RUN_UNKNOWN */
  get(id: string): ConfinedRun {
    const found = this.#runs.get(id)
    if (found === undefined) throw new SallyportError('SP_RUN_UNKNOWN')
    return found.run
  }

  /** @throws SallyportError SP_SANDBOX_PROFILE for hosts that are none, SP_CONFIG_INVALID in too deep a directory */
  async open({ allowedHosts, blockedHosts, whileAllowed, ...asked }: NewRun): Promise<ConfinedRun> {
    const id = this.#deps.newId()
    const lender = await this.#deps.lenderOf?.(asked.agent, asked.instance, asked.workspace)
    const { certificate } = lender?.authority ?? {}
    const run = {
      ...{ ...asked, id, socket: join(this.#deps.directory, `${id}.sock`) },
      ...(certificate === undefined ? {} : { authority: certificate }),
    }
    const serve = egressOf({ allowedHosts, blockedHosts }, (attempt) => this.#deps.attempted(run, attempt), lender)
    const server = await this.#listen(run.socket)
    const stop = serve(server)
    this.#runs.set(id, { run, close: stop })
    const forget = whileAllowed(() => this.close(id))
    const close = (): void => {
      stop()
      forget()
    }
    if (this.#runs.has(id)) this.#runs.set(id, { run, close })
    return run
  }

  close(id: string): void {
    this.#runs.get(id)?.close()
    this.#runs.delete(id)
    rmSync(join(this.#deps.directory, `${id}.sock`), { force: true })
  }

  /** Ends what its keeper left without saying so. */
  sweep(): void {
    const isAlive = this.#deps.isAlive ?? lives
    for (const { id, pid } of this.list()) if (!isAlive(pid)) this.close(id)
  }

  closeAll(): void {
    for (const { id } of this.list()) this.close(id)
  }

  async #listen(path: string): Promise<Server> {
    requireSocketPath(path)
    mkdirSync(this.#deps.directory, { recursive: true, mode: 0o700 })
    const server = createServer()
    server.listen(path)
    await once(server, 'listening')
    chmodSync(path, 0o600)
    return server
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
