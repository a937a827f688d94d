import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { SallyportError } from '@sallyport/core'
import { listenerOf } from '../egress/listener.ts'
import type { ControlGroup } from './control-groups.ts'
import type { InForce, RunningSandbox, SandboxExit, SandboxOrder } from './sandbox.ts'
import { watchObeyed } from './set-aside.ts'

/** How often one that runs is looked at, ms. */
const LOOK_WHILE_RUNNING = 1_000

/** A sandbox that has been looked at and waits. */
export interface ReadySandbox {
  /** What makes it, stays while it runs, and ends with its exit code. */
  readonly child: ChildProcess
  readonly inForce: InForce
  readonly group: ControlGroup
  /** Number of the descriptor that lets it go. */
  readonly gate: number
  /** Ends everything inside; `child` is ended as well. */
  readonly end: () => void
  /** Exit code of the command, where it is not that of `child`. */
  readonly codeInside?: () => number | undefined
  /** Walls that are gone while it runs; what changes outside may take one away (SEC-6.3). */
  readonly faults?: () => readonly string[]
  /** Removes what the backend has made on the host. */
  readonly clean?: () => void
}

/**
 * Opens the way out, says what is in force, and lets the command run.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when its network leads to nobody; whatever `order.ready` throws
 */
export async function release(order: SandboxOrder, ready: ReadySandbox): Promise<RunningSandbox> {
  const { child, inForce, group } = ready
  const { profile, workspace } = order
  order.ready?.(inForce)
  const setAside = workspace === undefined || profile.workspace !== 'rw' ? () => [] : watchObeyed(workspace)
  const closeWayOut = await openWayOut(order, ready)
  let timedOut = false
  const kill = (): void => {
    // what is being ended loses its walls one by one, and that is no fault
    clearInterval(watch)
    ready.end()
    child.kill('SIGKILL')
  }
  const late = (): void => {
    timedOut = true
    kill()
  }
  const { seconds } = profile.limits
  const timer = seconds === 0 ? undefined : setTimeout(late, seconds * 1000)
  let faults: readonly string[] = []
  const watch = setInterval(() => {
    faults = ready.faults?.() ?? []
    if (faults.length > 0) kill()
  }, LOOK_WHILE_RUNNING)
  watch.unref()
  const exited = new Promise<SandboxExit>((resolve) => {
    child.once('exit', ready.end)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      clearInterval(watch)
      closeWayOut()
      const ended = ready.codeInside?.() ?? code ?? 128 + constants.signals[signal ?? 'SIGKILL']
      void emptied(group).then(() => {
        ready.clean?.()
        resolve({ code: timedOut ? 124 : ended, timedOut, setAside: setAside(faults.length > 0), faults })
      })
    })
  })
  pipeOf(child, ready.gate)?.end('go\n')
  return { child, inForce, exited, kill }
}

/** @throws SallyportError SP_SANDBOX_UNAVAILABLE when nobody would answer at it */
async function openWayOut({ profile, wayOut }: SandboxOrder, { child, gate }: ReadySandbox): Promise<() => void> {
  if (profile.network !== 'allowlist') return () => undefined
  if (wayOut === undefined)
    throw new SallyportError('SP_SANDBOX_UNAVAILABLE', 'Nobody answers where the network of this profile leads.')
  return wayOut(await listenerOf(child, (word) => pipeOf(child, gate)?.write(`${word}\n`)))
}

/** What is in force whatever the backend; the rest it says itself. */
export const boundsInForce = (
  { profile, workspace }: SandboxOrder,
  copy: SandboxOrder['copy'],
  cgroup: ControlGroup['kind'],
  countsOwn: boolean,
) =>
  ({
    profile: profile.name,
    cgroup,
    network: profile.network,
    workspace: workspace === undefined ? 'none' : profile.workspace,
    ...(copy === undefined ? {} : { copy: copy.kind }),
    processLimit: countsOwn ? 'sandbox' : 'user',
    memoryLimit: cgroup === 'none' ? 'process' : 'sandbox',
  }) as const

const EMPTY_TRIES = 200
const EMPTY_WAIT = 2

/** The last processes of a killed sandbox leave a moment after its first. */
export async function emptied(group: ControlGroup): Promise<void> {
  for (let tries = 0; tries < EMPTY_TRIES && !group.remove(); tries++) await sleep(EMPTY_WAIT)
}

export const pipeOf = (child: ChildProcess, fd: number): Duplex | undefined =>
  (child.stdio as readonly unknown[])[fd] as Duplex | undefined
