import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileSeccomp } from './compile.ts'
import { syscallNumbers } from './numbers.ts'
import { parseSeccompProfile, type SeccompProfile } from './profile.ts'
import type { Json } from '../../json/types.ts'

const shipped = (name: string): SeccompProfile =>
  parseSeccompProfile(
    JSON.parse(readFileSync(new URL(`../../../../../rules/seccomp/${name}.json`, import.meta.url), 'utf8')) as Json,
  )

/** Calls of ND-6.2.a and E-62 that no rule may let through without looking at their arguments. */
const REFUSED =
  `ptrace process_vm_readv process_vm_writev mount umount2 pivot_root open_tree move_mount fsopen fsconfig fsmount fspick
  mount_setattr reboot kexec_load kexec_file_load bpf perf_event_open keyctl add_key request_key setns unshare clone3
  init_module finit_module delete_module open_by_handle_at userfaultfd io_uring_setup io_uring_enter io_uring_register swapon
  swapoff settimeofday clock_settime clock_adjtime adjtimex iopl ioperm acct quotactl quotactl_fd chroot kcmp pidfd_getfd
  name_to_handle_at memfd_secret vmsplice`.split(/\s+/)

describe('shipped seccomp profiles', () => {
  for (const name of ['default', 'network']) {
    const profile = shipped(name)
    const allowed = new Set(
      profile.rules.filter(({ action, args }) => action === 'allow' && args.length === 0).flatMap(({ names }) => names),
    )

    it(`AC-6.2.1, AC-6.2.4, ND-6.2.a, E-62: ${name} refuses every call that leads out`, () => {
      expect(profile.action).toBe('errno')
      for (const call of REFUSED) {
        expect(allowed.has(call), call).toBe(false)
        expect(
          profile.rules.some(({ names, action }) => names.includes(call) && action !== 'allow'),
          call,
        ).toBe(true)
      }
    })

    it(`AC-6.2.1: ${name} says something about every call that is known`, () => {
      const said = new Set(profile.rules.flatMap(({ names }) => names))
      for (const architecture of ['x86_64', 'aarch64'] as const)
        for (const call of syscallNumbers(architecture).keys()) expect(said.has(call), call).toBe(true)
      expect(compileSeccomp(profile, 'x86_64').length).toBeLessThan(8 * 4_096)
    })
  }

  it('ND-6.2.a: without a network no socket of the internet families can be made', () => {
    const families = (name: string): ReadonlySet<bigint> =>
      new Set(
        shipped(name)
          .rules.filter(({ names, action }) => names.includes('socket') && action === 'allow')
          .map(({ args }) => args[0]?.valueTwo ?? -1n),
      )
    expect(families('default')).toEqual(new Set([1n]))
    expect(families('network')).toEqual(new Set([1n, 2n, 10n]))
  })
})

describe('seccomp profiles of operators', () => {
  const rule = { names: ['read'], action: 'SCMP_ACT_ALLOW' }
  const profile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [rule] }

  it('AC-6.2.2: the JSON form of Docker is taken', () => {
    expect(parseSeccompProfile({ ...profile, defaultErrnoRet: 38, architectures: ['SCMP_ARCH_X86_64'] })).toMatchObject(
      { errno: 38 },
    )
  })

  it.each([
    ['a call that is none', { ...profile, syscalls: [{ ...rule, names: ['raed'] }] }, '"raed"'],
    [
      'conditions that are not understood',
      { ...profile, syscalls: [{ ...rule, includes: { caps: ['CAP_SYS_ADMIN'] } }] },
      '"includes"',
    ],
    [
      'an action that cannot be had',
      { ...profile, syscalls: [{ ...rule, action: 'SCMP_ACT_NOTIFY' }] },
      'syscalls[0].action',
    ],
    [
      'a comparison that is none',
      { ...profile, syscalls: [{ ...rule, args: [{ index: 0, value: 1, op: 'EQ' }] }] },
      'args[0].op',
    ],
    [
      'an index that is none',
      { ...profile, syscalls: [{ ...rule, args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] }] },
      'args[0].index',
    ],
    [
      'a negative value',
      { ...profile, syscalls: [{ ...rule, args: [{ index: 0, value: -1, op: 'SCMP_CMP_EQ' }] }] },
      'args[0].value',
    ],
    ['no default', { syscalls: [rule] }, 'defaultAction'],
    ['a list', [], 'not an object'],
  ])('T-142: %s is an error that names the member', (_what, json, said) => {
    expect(() => parseSeccompProfile(json as Json)).toThrow(
      expect.objectContaining({ code: 'SP_SANDBOX_PROFILE', message: expect.stringContaining(said) as string }),
    )
  })
})
