import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { compileSeccomp, SallyportError } from '@sallyport/core'
import { createControlGroup } from '../control-groups.ts'
import { waitingAtGate } from '../gate.ts'
import { HOST_ARCHITECTURE as architecture } from '../host.ts'
import { accountsOf, environmentOf, HOME } from '../inside.ts'
import { countsByNamespace, launch, requireUids, rlimitsOf, stagingOf } from '../launch.ts'
import { descendantsOf, endSeen, seenAs, type Seen } from '../processes.ts'
import { boundsInForce, emptied, pipeOf, release } from '../running.ts'
import type { RunningSandbox, SandboxOrder } from '../sandbox.ts'
import { stageUid } from '../stage.ts'
import { lookFaults, whileThere } from '../verify.ts'
import { placeAt } from '../place.ts'
import { copyOf, orderedView } from '../view.ts'
import { appArmor } from './apparmor.ts'
import { attended, CONFIGURED } from './attendant.ts'
import { makeBundle } from './bundle.ts'
import { ociConfig } from './config.ts'
import { FD, OWN_PROCESSES, type OciRuntime } from './runtimes.ts'

/** Of a machine with both versions of control groups: crun does not start where it sees the second. */
const SECOND_VERSION = '/sys/fs/cgroup/unified'
/**
 * Starts a command in a sandbox that an OCI runtime makes: the same view, limits, stage and uid as with bubblewrap. The runtime itself
 * has that uid and no right of root. It is looked at from outside before it is let go (AC-6.3.1).
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when it cannot be made, SP_SANDBOX_UNVERIFIED when it is not what was ordered
 */
export async function startOci(runtime: OciRuntime, order: SandboxOrder): Promise<RunningSandbox> {
  const unavailable = (what: string): SallyportError =>
    new SallyportError('SP_SANDBOX_UNAVAILABLE', `${runtime.name}: ${what}.`)
  if (architecture === undefined) throw unavailable(`there is none for ${process.arch}`)
  if (!runtime.networks.includes(order.profile.network))
    throw unavailable(`there is no network ${order.profile.network} with it`)
  if (order.mounts !== undefined && order.mounts.length > 0) throw unavailable('it shows no paths at other places')
  const isRoot = process.getuid?.() === 0
  if (!isRoot && runtime.needsRoot) throw unavailable('only root may start it')
  const { limits } = order.profile
  const copy = copyOf(order)
  const view = orderedView(order, copy)
  const { staged, sourceOf } = stagingOf(view.shown, order.workspace, isRoot, runtime.stages)
  const seccomp = { profile: order.seccomp, program: compileSeccomp(order.seccomp, architecture) }
  const guard = runtime.sharesKernel ? appArmor() : { profile: undefined, unverified: [] }
  const config = ociConfig({
    profile: order.profile,
    view,
    args: runtime.args(order),
    env: environmentOf(order, view),
    cwd: order.workspace ?? HOME,
    sourceOf,
    hasBelow: ({ source }) => runtime.sharesKernel && placeAt(source)?.kind === 'directory',
    id: runtime.innerId,
    rlimits: runtime.bounds(rlimitsOf(limits, OWN_PROCESSES)),
    inProc: (name) => existsSync(`/proc/${name}`),
    appArmor: guard.profile,
  })
  const group = createControlGroup(order.id, limits)
  let child: ChildProcess | undefined
  const bundle = makeBundle(order.id, config.mounts, view, accountsOf(runtime.innerId))
  let seen: readonly Seen[] = []
  const end = (): void => {
    if (child?.pid !== undefined) seen = [...seen, ...descendantsOf(child.pid).map(seenAs)]
    seen.forEach(endSeen)
  }
  try {
    child = launch(order, architecture, group.join, staged, {
      command: attended(architecture, FD.gate, [
        ...[...runtime.command(bundle.state), 'run', ...runtime.run],
        ...['--bundle', bundle.directory, `sallyport-${order.id}`],
      ]),
      limits: runtime.limits(order),
      descriptors: ['pipe', 'channel'],
      covered: existsSync(SECOND_VERSION) ? [SECOND_VERSION] : [],
    })
    for (const stream of child.stdio.slice(3)) stream?.on('error', () => undefined)
    child.on('error', () => undefined)
    const uid = isRoot ? stageUid(child.pid ?? 0, requireUids()) : undefined
    bundle.configure(runtime.complete(config, seccomp, uid), uid)
    pipeOf(child, FD.gate)?.write(CONFIGURED)
    const maker = child.pid ?? 0
    const waiting = await waitingAtGate(child, () => descendantsOf(maker))
    seen = descendantsOf(maker).map(seenAs)
    const look = () => runtime.look({ maker, waiting, shown: view.shown, uid: uid ?? process.getuid?.() ?? -1 })
    const looked = look()
    const inForce = {
      backend: runtime.name,
      ...looked,
      seccomp: runtime.filter(seccomp),
      ...boundsInForce(order, copy, group.kind, isRoot || countsByNamespace()),
      unverified: [...runtime.unverified, ...guard.unverified],
    } as const
    return await release(order, {
      ...{ child, inForce, group, gate: FD.gate, end },
      faults: () => whileThere(waiting, () => lookFaults(look)),
      clean: () => bundle.remove(),
    })
  } catch (thrown) {
    end()
    child?.kill('SIGKILL')
    void emptied(group).then(() => bundle.remove())
    throw thrown
  }
}
