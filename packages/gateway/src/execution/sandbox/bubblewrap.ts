import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import type { Duplex } from 'node:stream'
import { compileSeccomp, SallyportError, sha256 } from '@sallyport/core'
import { EGRESS_URL, listenerOf } from '../egress/listener.ts'
import { ACCOUNTS, bubblewrapArguments, FD, HOME } from './bubblewrap-arguments.ts'
import { createControlGroup, type ControlGroup } from './control-groups.ts'
import { HOST_ARCHITECTURE as architecture, textOf } from './host.ts'
import { countsByNamespace, launch } from './launch.ts'
import type { InForce, RunningSandbox, SandboxExit, SandboxOrder } from './sandbox.ts'
import { STAGE_PLACE } from './stage.ts'
import { faultsOf, faultsWhileRunning, namespacesOf, type Expected } from './verify.ts'
import { watchObeyed } from './set-aside.ts'
import { viewOf, type Shown, type View } from './view.ts'

/** Says to programs where the way out is; what does not read it reaches nothing. */
const THROUGH_PROXY: Readonly<Record<string, string>> = {
  ...{ HTTPS_PROXY: EGRESS_URL, https_proxy: EGRESS_URL, HTTP_PROXY: EGRESS_URL, http_proxy: EGRESS_URL },
  ...{ NO_PROXY: '', no_proxy: '', NODE_USE_ENV_PROXY: '1' },
}
/** Longest that making and looking at a sandbox may take, ms. */
const READY_LIMIT = 10_000
const LOOK_AGAIN = 1
/** How often one that runs is looked at, ms. */
const LOOK_WHILE_RUNNING = 1_000

/**
 * Starts a command in a sandbox of namespaces (bubblewrap). It is made, looked at from outside, and only then let go (AC-6.3.1): what
 * is not as it should be never runs.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when it cannot be made, SP_SANDBOX_UNVERIFIED when it is not what was ordered
 */
export async function startBubblewrap(order: SandboxOrder): Promise<RunningSandbox> {
  if (process.platform !== 'linux' || architecture === undefined)
    throw unavailable(`there is none for ${process.platform}`)
  const isRoot = process.getuid?.() === 0
  const isCopied = order.workspace !== undefined && order.profile.workspace === 'copy'
  if (isCopied && order.copy === undefined) throw unavailable('nobody takes care of the copy of its workspace')
  const copy = isCopied ? order.copy : undefined
  const view = viewOf(order.profile, { workspace: order.workspace, from: copy?.at, mounts: order.mounts })
  const staged = isRoot ? view.shown.filter((one) => one.private && !isInside(one.path, order.workspace)) : undefined
  const program = compileSeccomp(order.seccomp, architecture)
  const group = createControlGroup(order.id, order.profile.limits)
  let child: ChildProcess | undefined
  let first = 0
  try {
    child = launch(order, architecture, group.join, staged)
    feed(child, program, argumentsOf(order, view, staged))
    first = await firstProcess(child)
    const pid = await ready(child, first)
    const expected = { pid, shown: view.shown, uid: isRoot ? undefined : process.getuid?.() }
    const uid = verified(expected)
    const inForce: InForce = {
      backend: 'bubblewrap',
      profile: order.profile.name,
      uid,
      namespaces: namespacesOf(pid),
      seccomp: sha256(program),
      cgroup: group.kind,
      network: order.profile.network,
      workspace: order.workspace === undefined ? 'none' : order.profile.workspace,
      ...(copy === undefined ? {} : { copy: copy.kind }),
      processLimit: isRoot || countsByNamespace() ? 'sandbox' : 'user',
      memoryLimit: group.kind === 'none' ? 'process' : 'sandbox',
    }
    order.ready?.(inForce)
    return released(child, order, first, { inForce, group, expected, closeWayOut: await openWayOut(child, order) })
  } catch (thrown) {
    child?.kill('SIGKILL')
    end(first)
    void emptied(group)
    throw thrown
  }
}

const isInside = (path: string, directory: string | undefined): boolean =>
  directory !== undefined && path.startsWith(`${directory}/`)

function argumentsOf(order: SandboxOrder, view: View, staged: readonly Shown[] | undefined): readonly string[] {
  const { workspace } = order
  const own = staged?.findIndex(({ path }) => path === workspace) ?? -1
  return bubblewrapArguments({
    profile: order.profile,
    view,
    env: {
      ...{ PATH: view.programs.join(':'), HOME, LANG: 'C.UTF-8' },
      ...(order.profile.network === 'allowlist' ? THROUGH_PROXY : {}),
      ...order.env,
    },
    cwd: workspace ?? HOME,
    sourceOf: ({ path, source }) => {
      const at = staged?.findIndex((one) => one.path === path) ?? -1
      if (at >= 0) return `${STAGE_PLACE}/${at}`
      return own >= 0 && isInside(path, workspace)
        ? `${STAGE_PLACE}/${own}${path.slice(workspace?.length ?? 0)}`
        : source
    },
    newSession: !order.terminal,
    inProc: (name) => existsSync(`/proc/${name}`),
  })
}

/** What bubblewrap reads. A pipe that closes early says that it has died, which its exit says as well. */
function feed(child: ChildProcess, program: Uint8Array, args: readonly string[]): void {
  const texts: readonly (readonly [number, string | Uint8Array])[] = [
    [FD.arguments, args.map((word) => `${word}\0`).join('')],
    [FD.seccomp, program],
    [FD.passwd, ACCOUNTS.passwd],
    [FD.group, ACCOUNTS.group],
    [FD.hosts, ACCOUNTS.hosts],
  ]
  for (const stream of child.stdio.slice(3)) stream?.on('error', () => undefined)
  for (const [fd, text] of texts) pipeOf(child, fd)?.end(text)
}

/** Host id of the process that waits at the gate: the child of the sandbox's first, which bubblewrap names. */
async function ready(bubblewrap: ChildProcess, first: number): Promise<number> {
  const until = performance.now() + READY_LIMIT
  for (;;) {
    const [child] = textOf(`/proc/${first}/task/${first}/children`).trim().split(' ')
    for (const pid of [Number(child), first]) {
      if (pid > 0 && AT_GATE.test(textOf(`/proc/${pid}/syscall`))) return pid
    }
    if (bubblewrap.exitCode !== null) throw unavailable('it ended before it was ready, and says why above')
    if (performance.now() > until) throw unavailable('it was not ready in time')
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
  }
}

/** `read`, on either architecture, of what a shell has put in the place of its standard input: the gate. */
const AT_GATE = /^(?:0|63) 0x0 /

function firstProcess(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    const limit = setTimeout(() => reject(unavailable('it was not ready in time')), READY_LIMIT)
    const done = (end: () => void): void => {
      clearTimeout(limit)
      end()
    }
    child.once('error', (error) => done(() => reject(unavailable(`${error.message}: is bubblewrap installed?`))))
    child.once('exit', () => done(() => reject(unavailable('it ended before it was ready, and says why above'))))
    pipeOf(child, FD.status)?.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1')
      const pid = /"child-pid": ?(\d+)/.exec(said)?.[1]
      if (pid !== undefined) done(() => resolve(Number(pid)))
    })
  })
}

/** @returns the uid outside. @throws SallyportError SP_SANDBOX_UNVERIFIED */
function verified(expected: Expected): number {
  const faults = faultsOf(expected)
  if (faults.length > 0) throw new SallyportError('SP_SANDBOX_UNVERIFIED', `${faults.slice(0, 3).join('; ')}.`)
  return Number(/^Uid:\s+(\d+)/m.exec(textOf(`/proc/${expected.pid}/status`))?.[1])
}

/** @throws SallyportError SP_SANDBOX_UNAVAILABLE when nobody would answer at it */
async function openWayOut(child: ChildProcess, { profile, wayOut }: SandboxOrder): Promise<() => void> {
  if (profile.network !== 'allowlist') return () => undefined
  if (wayOut === undefined) throw unavailable('nobody answers where its network leads')
  const gate = pipeOf(child, FD.gate)
  return wayOut(await listenerOf(child, (word) => gate?.write(`${word}\n`)))
}

interface Made {
  readonly inForce: InForce
  readonly group: ControlGroup
  readonly expected: Expected
  readonly closeWayOut: () => void
}

/** Lets the command run, and goes on looking: what changes outside may take a wall away (SEC-6.3). */
function released(
  child: ChildProcess,
  { profile, workspace }: SandboxOrder,
  first: number,
  { inForce, group, expected, closeWayOut }: Made,
): RunningSandbox {
  let said = ''
  let timedOut = false
  const setAside = workspace === undefined || profile.workspace !== 'rw' ? () => [] : watchObeyed(workspace)
  // the first process inside is the parent of all others: without it the kernel ends them, whatever they did to bubblewrap
  const kill = (): void => {
    end(first)
    child.kill('SIGKILL')
  }
  const { seconds } = profile.limits
  const late = (): void => {
    timedOut = true
    kill()
  }
  const timer = seconds === 0 ? undefined : setTimeout(late, seconds * 1000)
  let faults: readonly string[] = []
  const watch = setInterval(() => {
    faults = faultsWhileRunning(expected)
    if (faults.length === 0) return
    clearInterval(watch)
    kill()
  }, LOOK_WHILE_RUNNING)
  watch.unref()
  pipeOf(child, FD.status)?.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
  const exited = new Promise<SandboxExit>((resolve) => {
    child.once('exit', () => end(first))
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      clearInterval(watch)
      closeWayOut()
      const inside = /"exit-code": ?(\d+)/.exec(said)?.[1]
      const ended = inside === undefined ? (code ?? 128 + constants.signals[signal ?? 'SIGKILL']) : Number(inside)
      void emptied(group).then(() =>
        resolve({ code: timedOut ? 124 : ended, timedOut, setAside: setAside(faults.length > 0), faults }),
      )
    })
  })
  pipeOf(child, FD.gate)?.end('go\n')
  return { child, inForce, exited, kill }
}

/** Ends the first process of a sandbox, if that is still what has this id. */
function end(first: number): void {
  if (first === 0 || !/^NSpid:\s+\d+\s+1$/m.test(textOf(`/proc/${first}/status`))) return
  try {
    process.kill(first, 'SIGKILL')
  } catch {
    // it has ended
  }
}

const EMPTY_TRIES = 200
const EMPTY_WAIT = 2

/** The last processes of a killed sandbox leave a moment after its first. */
async function emptied(group: ControlGroup): Promise<void> {
  for (let tries = 0; tries < EMPTY_TRIES && !group.remove(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, EMPTY_WAIT))
  }
}

const pipeOf = (child: ChildProcess, fd: number): Duplex | undefined =>
  (child.stdio as readonly unknown[])[fd] as Duplex | undefined

const unavailable = (what: string): SallyportError =>
  new SallyportError('SP_SANDBOX_UNAVAILABLE', `bubblewrap: ${what}.`)
