import type { ChildProcess } from 'node:child_process'
import { chownSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileSeccomp, sha256 } from '@sallyport/core'
import type { ControlGroup } from '../control-groups.ts'
import { NODE_PROXY_AT } from '../../egress/node-proxy.ts'
import { gateScript } from '../gate.ts'
import { HOST_ARCHITECTURE as architecture, realOf } from '../host.ts'
import { accountsOf, environmentOf, HOME, HOSTNAME } from '../inside.ts'
import { launch, requireUids, rlimitsOf, stagingOf } from '../launch.ts'
import { appArmor } from '../oci/apparmor.ts'
import { makeOwnDirectory, putFile, removeDirectory } from '../own-directory.ts'
import { placeAt } from '../place.ts'
import { endSeen, isThere, seenAs, type Seen } from '../processes.ts'
import { boundsInForce, pipeOf, release } from '../running.ts'
import type { RunningSandbox, SandboxOrder } from '../sandbox.ts'
import { stageUid } from '../stage.ts'
import { namespacesOf, whileThere } from '../verify.ts'
import { copyOf, orderedView, type Shown, type View } from '../view.ts'
import { containerOf, type DockerCall } from './container.ts'
import { openEngine, unavailable } from './engine.ts'
import { heardFrom } from './heard.ts'
import { FD, firstProcess, porter, parcelOf } from './hand-over.ts'
import { imageOf } from './image.ts'
import { containerFaults, OWN_PROCESSES, requireContainer } from './look.ts'
import { makerLabels, removeContainer, sweepContainers } from './made.ts'
import { makeShownPlace, takeDown } from './shown-place.ts'

/** Where all processes of a user are counted together; the engine counts those of the sandbox. */
const MOST_OF_USER = 4_096
const UNVERIFIED = ['users: the engine gives no namespace of its own, a uid inside is that uid outside']

/**
 * Starts a command in a container of a Docker engine on this machine: the same view, limits, stage and uid as with the other backends.
 * It is looked at from outside before it is let go (AC-6.3.1), and the engine has no part in it from then on: descriptors, words, exit
 * code and end go past it.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when it cannot be made, SP_SANDBOX_UNVERIFIED when it is not what was ordered
 */
export async function startDocker(order: SandboxOrder): Promise<RunningSandbox> {
  if (architecture === undefined) throw unavailable(`there is none for ${process.arch}`)
  const engine = openEngine()
  const isRoot = process.getuid?.() === 0
  const { profile } = order
  const copy = copyOf(order)
  const view = orderedView(order, copy)
  const filter = compileSeccomp(order.seccomp, architecture)
  const parcel = parcelOf(filter, order.workspace ?? HOME, environmentOf(order, view), gated(order))
  const guard = appArmor()
  const [image] = await Promise.all([imageOf(engine, view.links), sweepContainers(engine)])
  const place = realOf(makeOwnDirectory(order.id))
  const shownAt = isRoot ? makeShownPlace(order.id) : undefined
  let child: ChildProcess | undefined
  let id: string | undefined
  let first: Seen | undefined
  const end = (): void => {
    if (first !== undefined) endSeen(first)
  }
  try {
    const { staged, sourceOf } = stagingOf(view.shown, order.workspace, isRoot, 'owned', shownAt)
    child = launch(order, architecture, [], staged, {
      command: porter(architecture, place),
      limits: { core: 1 },
      descriptors: ['pipe', 'channel', 'pipe'],
      ...(shownAt === undefined ? {} : { place: shownAt }),
    })
    const heard = heardFrom(child)
    const uid = isRoot ? stageUid(child.pid ?? 0, requireUids()) : (process.getuid?.() ?? -1)
    const gid = isRoot ? uid : (process.getgid?.() ?? -1)
    const files = putOwnFiles(place, uid, view)
    pipeOf(child, FD.orders)?.end(parcel)
    await heard('open')
    // the porter is counted with what has its uid
    const bounds = rlimitsOf(profile.limits, OWN_PROCESSES + 1)
    const call: DockerCall = {
      ...{ image, profile, sourceOf, place, uid, gid },
      view: { ...view, shown: [...view.shown.filter(({ path }) => path !== NODE_PROXY_AT), ...files] },
      args: firstProcess(architecture),
      rlimits: isRoot ? bounds : { ...bounds, nproc: Math.max(MOST_OF_USER, profile.limits.processes) },
      processes: profile.limits.processes + OWN_PROCESSES,
      inProc: (name) => existsSync(`/proc/${name}`),
      appArmor: guard.profile,
      labels: makerLabels(),
    }
    const { value } = await engine.ask('POST', `/containers/create?name=sallyport-${order.id}`, containerOf(call))
    id = (value as { readonly Id?: string } | undefined)?.Id
    if (id === undefined) throw unavailable('the engine does not say what it has made')
    await engine.ask('POST', `/containers/${id}/start`)
    first = seenAs(Number(await heard('first')))
    const { pid } = first
    if (shownAt !== undefined) takeDown(shownAt)
    // the engine's own group, which it removes; here it stands for whether anything is left inside
    const kind = requireContainer(pid, call)
    const group: ControlGroup = { kind, join: [], remove: () => first === undefined || !isThere(first) }
    const inForce = {
      backend: 'docker',
      uid,
      namespaces: namespacesOf(pid),
      seccomp: sha256(filter),
      ...boundsInForce(order, copy, kind, true),
      unverified: [...UNVERIFIED, ...guard.unverified],
    } as const
    return await release(order, {
      ...{ child, inForce, group, gate: FD.gate, end },
      faults: () => whileThere(pid, () => containerFaults(pid, call)),
      clean: () => removeDirectory(place),
    })
  } catch (thrown) {
    end()
    child?.kill('SIGKILL')
    if (id !== undefined) await removeContainer(engine, id)
    if (shownAt !== undefined) takeDown(shownAt)
    removeDirectory(place)
    throw thrown
  }
}

/** @throws SallyportError SP_SANDBOX_UNAVAILABLE for what no command line holds */
function gated({ command, env }: SandboxOrder): readonly string[] {
  if ([...command, ...Object.values(env)].some((word) => word.includes('\0')))
    throw unavailable('a word of the command holds a NUL')
  return ['/bin/sh', '-c', gateScript(realOf(process.execPath), FD), ...command]
}

/**
 * Files of `/etc` that are each sandbox's own: an engine would put its host's there, and need not see where this program lies. The porter
 * makes its door beside them.
 */
function putOwnFiles(place: string, uid: number, view: View): readonly Shown[] {
  const proxy = view.shown.find(({ path }) => path === NODE_PROXY_AT)
  const texts = {
    ...{ ...accountsOf(uid), hostname: `${HOSTNAME}\n`, 'resolv.conf': '' },
    ...(proxy === undefined ? {} : { [NODE_PROXY_AT.slice('/etc/'.length)]: readFileSync(proxy.source, 'utf8') }),
  }
  const shown = Object.entries(texts).map(([name, text]) => {
    const source = join(place, name)
    putFile(source, text)
    const inode = placeAt(source)?.inode
    if (inode === undefined) throw unavailable(`${place} is not where it was a moment ago`)
    return { ...{ path: `/etc/${name}`, source, inode }, writable: false, private: false, owned: false }
  })
  if (process.getuid?.() !== uid) chownSync(place, uid, uid)
  return shown
}
