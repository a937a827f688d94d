import { join } from 'node:path'
import type { SandboxLimits } from '@sallyport/core'
import type { GroupKind } from '../control-groups.ts'
import { textOf } from '../host.ts'

const ROOT = '/sys/fs/cgroup'

interface Bound {
  readonly controller: string
  readonly v1: string
  readonly v2: string
  readonly most: (limits: SandboxLimits, own: number) => number
}
const BOUNDS: readonly Bound[] = [
  { controller: 'memory', v1: 'memory.limit_in_bytes', v2: 'memory.max', most: ({ memory }) => memory },
  { controller: 'pids', v1: 'pids.max', v2: 'pids.max', most: ({ processes }, own) => processes + own },
  { controller: 'cpu', v1: 'cpu.cfs_quota_us', v2: 'cpu.max', most: ({ cpus }) => Math.round(cpus * 100_000) },
]

/**
 * What the control groups of a process bound, seen from the host: an engine leaves out what its machine cannot do.
 * @param own processes that are counted with the command's
 */
export function boundsOf(
  pid: number,
  limits: SandboxLimits,
  own: number,
): { readonly kind: GroupKind; readonly faults: readonly string[] } {
  const groups = textOf(`/proc/${pid}/cgroup`)
    .trim()
    .split('\n')
    .map((row) => row.split(':'))
  const pathOf = (controller: string): string | undefined =>
    groups
      .find(([, controllers = '']) => controllers.split(',').includes(controller))
      ?.slice(2)
      .join(':')
  const isV1 = pathOf('memory') !== undefined
  const fileOf = ({ controller, v1, v2 }: Bound): string =>
    isV1 ? join(ROOT, controller, pathOf(controller) ?? '', v1) : join(ROOT, pathOf('') ?? '', v2)
  const isHeld = (bound: Bound): boolean => {
    const most = Number.parseInt(textOf(fileOf(bound)), 10)
    return most > 0 && most <= bound.most(limits, own)
  }
  const faults = BOUNDS.filter((bound) => !isHeld(bound)).map(({ controller }) => `its ${controller} is not bounded`)
  return { kind: isV1 ? 'v1' : 'v2', faults }
}
