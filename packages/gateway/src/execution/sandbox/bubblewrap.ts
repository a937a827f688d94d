import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { compileSeccomp, SallyportError, sha256, withoutOwnGroup } from '@sallyport/core'
import { bubblewrapArguments, FD } from './bubblewrap-arguments.ts'
import { createControlGroup } from './control-groups.ts'
import { gateScript, READY_LIMIT, waitingAtGate } from './gate.ts'
import { HOST_ARCHITECTURE as architecture, realOf } from './host.ts'
import { accountsOf, environmentOf, HOME } from './inside.ts'
import { countsByNamespace, launch, rlimitsOf, stagingOf, type Maker } from './launch.ts'
import { childrenOf, endNamespace } from './processes.ts'
import { boundsInForce, emptied, pipeOf, release } from './running.ts'
import type { InForce, RunningSandbox, SandboxOrder } from './sandbox.ts'
import { openStatusFile, type StatusFile } from './status-file.ts'
import { faultsOf, namespacesOf, requireVerified, whileThere } from './verify.ts'
import { copyOf, orderedView, type Shown, type View } from './view.ts'

/** Processes of bubblewrap that are counted with the command's: both of root's, the inner one of a user's. */
const OWN_PROCESSES = { root: 2, user: 1 } as const
const LOOK_AGAIN = 1
/** Where all processes of a user are counted together. */
const MOST_OF_USER = 4_096

/**
 * Starts a command in a sandbox of namespaces (bubblewrap). It is made, looked at from outside, and only then let go (AC-6.3.1): what
 * is not as it should be never runs.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when it cannot be made, SP_SANDBOX_UNVERIFIED when it is not what was ordered
 */
export async function startBubblewrap(order: SandboxOrder): Promise<RunningSandbox> {
  if (architecture === undefined) throw unavailable(`there is none for ${process.arch}`)
  const isRoot = process.getuid?.() === 0
  const copy = copyOf(order)
  const view = orderedView(order, copy)
  const { staged, sourceOf } = stagingOf(view.shown, order.workspace, isRoot)
  // root's sandboxes have uids of their own, which nothing outside belongs to
  const filter = order.terminal && !isRoot ? withoutOwnGroup(order.seccomp) : order.seccomp
  const program = compileSeccomp(filter, architecture)
  const group = createControlGroup(order.id, order.profile.limits)
  const status = openStatusFile(order.id)
  let child: ChildProcess | undefined
  let first = 0
  try {
    const maker = isRoot ? makerOfRoot(order, status.fd) : makerOfUser(order, status.fd)
    child = launch(order, architecture, group.join, staged, maker)
    feed(child, program, argumentsOf(order, view, sourceOf))
    first = await firstProcess(child, status)
    const pid = await waitingAtGate(child, () => [childrenOf(first)[0] ?? 0, first])
    const expected = { pid, shown: view.shown, uid: isRoot ? undefined : process.getuid?.() }
    const inForce: InForce = {
      backend: 'bubblewrap',
      uid: requireVerified(expected),
      namespaces: namespacesOf(pid),
      seccomp: sha256(program),
      ...boundsInForce(order, copy, group.kind, isRoot || countsByNamespace()),
      unverified: [],
    }
    return await release(order, {
      ...{ child, inForce, group, gate: FD.gate },
      // it is the parent of all others: without it the kernel ends them, whatever they did to bubblewrap
      end: () => endNamespace(first),
      codeInside: () => numberAfter('exit-code', status.said()),
      clean: () => status.close(),
      faults: () => whileThere(pid, () => faultsOf(expected)),
    })
  } catch (thrown) {
    child?.kill('SIGKILL')
    status.close()
    endNamespace(first)
    void emptied(group)
    throw thrown
  }
}

const BWRAP = ['bwrap', '--args', String(FD.arguments), '--']
const gated = ({ command }: SandboxOrder): readonly string[] => [
  ...['/bin/sh', '-c', gateScript(realOf(process.execPath), FD)],
  ...command,
]
const descriptorsOf = (status: number): Maker['descriptors'] =>
  Object.values(FD).map((fd) => (fd === FD.channel ? 'channel' : fd === FD.status ? status : 'pipe'))

const makerOfRoot = (order: SandboxOrder, status: number): Maker => ({
  command: [...BWRAP, ...gated(order)],
  limits: rlimitsOf(order.profile.limits, OWN_PROCESSES.root),
  descriptors: descriptorsOf(status),
})

function makerOfUser(order: SandboxOrder, status: number): Maker {
  const { limits } = order.profile
  const { nproc, ...others } = rlimitsOf(limits, OWN_PROCESSES.user)
  const options = Object.entries(others).map(([name, most]) => `--${name}=${most}`)
  const own = countsByNamespace()
  if (!own) options.push(`--nproc=${Math.max(MOST_OF_USER, limits.processes)}`)
  const inside = own ? ['prlimit', `--nproc=${nproc}`, '--', ...gated(order)] : gated(order)
  return { command: ['prlimit', ...options, '--', ...BWRAP, ...inside], limits: {}, descriptors: descriptorsOf(status) }
}

const argumentsOf = (order: SandboxOrder, view: View, sourceOf: (shown: Shown) => string): readonly string[] =>
  bubblewrapArguments({
    profile: order.profile,
    view,
    env: environmentOf(order, view),
    cwd: order.workspace ?? HOME,
    sourceOf,
    newSession: !order.terminal,
    inProc: (name) => existsSync(`/proc/${name}`),
  })

/** What bubblewrap reads. A pipe that closes early says that it has died, which its exit says as well. */
function feed(child: ChildProcess, program: Uint8Array, args: readonly string[]): void {
  const { passwd, group, hosts } = accountsOf()
  const texts: readonly (readonly [number, string | Uint8Array])[] = [
    [FD.arguments, args.map((word) => `${word}\0`).join('')],
    [FD.seccomp, program],
    [FD.passwd, passwd],
    [FD.group, group],
    [FD.hosts, hosts],
  ]
  for (const stream of child.stdio.slice(3)) stream?.on('error', () => undefined)
  for (const [fd, text] of texts) pipeOf(child, fd)?.end(text)
}

function numberAfter(name: string, said: string): number | undefined {
  const found = new RegExp(`"${name}": ?(\\d+)`).exec(said)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** Host id of the first process inside. */
async function firstProcess(child: ChildProcess, status: StatusFile): Promise<number> {
  let failed: Error | undefined
  child.once('error', (error) => (failed = unavailable(`${error.message}: is bubblewrap installed?`)))
  child.once('exit', () => (failed ??= unavailable('it ended before it was ready, and says why above')))
  for (const until = performance.now() + READY_LIMIT; performance.now() < until; await sleep(LOOK_AGAIN)) {
    const pid = numberAfter('child-pid', status.said())
    if (pid !== undefined) return pid
    if (failed !== undefined) throw failed
  }
  throw unavailable('it was not ready in time')
}

const unavailable = (what: string): SallyportError =>
  new SallyportError('SP_SANDBOX_UNAVAILABLE', `bubblewrap: ${what}.`)
