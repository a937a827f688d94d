import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { startEngine, withEngine } from './engine.ts'
import { callers, type Caller } from './machine.ts'

const IS_ROOT = process.getuid?.() === 0
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0
const notVerified = (backend: string, why: string): false => {
  process.stderr.write(`NOT VERIFIED: ${backend}, because ${why}.\n`)
  return false
}
/** What crun cannot start with, hidden; root of this test run may do that, its user may not. */
const WITHOUT_SECOND_VERSION = 'if test -e /sys/fs/cgroup/unified; then mount -t tmpfs none /sys/fs/cgroup/unified; fi'

interface Container {
  readonly backend: 'crun' | 'runsc' | 'docker'
  readonly caller: Caller
}

const started = await startEngine()
/** A Docker engine for these tests, where one can be started; whoever uses it stops it. */
export const engine = typeof started === 'string' ? notVerified('a Docker engine', started) || undefined : started

const oci: readonly Container[] = (['crun', 'runsc'] as const).flatMap((backend) => {
  if (!has(backend)) return notVerified(backend, 'it is not installed') || []
  return callers.flatMap((caller) => {
    if (caller.name === 'root') return [{ backend, caller }]
    if (backend === 'runsc') return notVerified('runsc as a user', 'only root may start it so far') || []
    if (!IS_ROOT && existsSync('/sys/fs/cgroup/unified'))
      return notVerified('crun as a user', 'both versions of control groups are mounted here') || []
    const line: Caller['line'] = (args, before = ':') => caller.line(args, `${before}; ${WITHOUT_SECOND_VERSION}`)
    return [{ backend, caller: IS_ROOT ? { ...caller, line } : caller }]
  })
})

/** Who can start which container here; what cannot be tried is said. */
export const containers: readonly Container[] = [
  ...oci,
  ...(engine === undefined
    ? []
    : callers.map((caller) => ({ backend: 'docker' as const, caller: withEngine(caller, engine.socket) }))),
]
if (!existsSync('/sys/kernel/security/apparmor')) notVerified('AppArmor', 'this kernel has none')
