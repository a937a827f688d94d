import type { GroupKind } from '../control-groups.ts'
import { textOf } from '../host.ts'
import { faultsOf, NAMESPACES, requireNone, statusOf } from '../verify.ts'
import { boundsOf } from './bounds.ts'
import type { DockerCall } from './container.ts'
import { rootFaults } from './look-root.ts'

/** An engine gives no namespace of users of its own. */
const APART = NAMESPACES.filter((name) => name !== 'user')
/** Of what the first process starts with; an image may bring more, which could steer it. */
const VARIABLES = ['PATH', 'HOSTNAME', 'HOME']

/** The first process, which is counted with the command's. */
export const OWN_PROCESSES = 1

/**
 * What is wrong with a container, seen from the host (AC-6.3.1): what is looked at with every backend, and that the engine has added
 * nothing of its own, has covered what it was told to, and holds the bounds.
 */
export function containerFaults(first: number, call: DockerCall): readonly string[] {
  return [
    ...faultsOf({ pid: first, shown: call.view.shown, uid: call.uid, apart: APART }),
    ...rootFaults(first, call),
    ...groupFaults(first, call),
    ...environmentFaults(first),
    ...boundsOf(first, call.profile.limits, OWN_PROCESSES).faults,
  ]
}

/** @returns what bounds it. @throws SallyportError SP_SANDBOX_UNVERIFIED naming the first of them */
export function requireContainer(first: number, call: DockerCall): GroupKind {
  requireNone(containerFaults(first, call))
  return boundsOf(first, call.profile.limits, OWN_PROCESSES).kind
}

/** It is in no group but its own. */
function groupFaults(first: number, { gid }: DockerCall): readonly string[] {
  const status = statusOf(first)
  const all = ['Gid', 'Groups'].flatMap((name) => status.get(name)?.split(/\s+/) ?? ['unknown'])
  return [...new Set(all)]
    .filter((group) => group !== '' && group !== String(gid))
    .map((group) => `it is in the group ${group}`)
}

function environmentFaults(first: number): readonly string[] {
  const names = textOf(`/proc/${first}/environ`)
    .split('\0')
    .slice(0, -1)
    .map((row) => row.split('=')[0] ?? '')
  if (names.length === 0) return ['its environment cannot be read']
  return names.filter((name) => !VARIABLES.includes(name)).map((name) => `its environment holds ${name}`)
}
