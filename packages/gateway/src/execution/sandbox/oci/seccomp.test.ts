import { parseSeccompProfile } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import { ociSeccomp } from './seccomp.ts'

const MASK = { index: 1, value: 2, valueTwo: 2, op: 'SCMP_CMP_MASKED_EQ' }

describe('ociSeccomp', () => {
  it('AC-6.2.2: says the same as the profile that was read', () => {
    const rules = [
      { names: ['read'], action: 'SCMP_ACT_ALLOW', args: [] },
      { names: ['open'], action: 'SCMP_ACT_ERRNO', errnoRet: 1, args: [MASK] },
      { names: ['mount'], action: 'SCMP_ACT_KILL_PROCESS', args: [] },
    ]
    const said = ociSeccomp(
      parseSeccompProfile({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1, syscalls: rules }),
    )
    expect(said).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1 })
    expect(said['syscalls']).toEqual([rules[0], rules[1], { ...rules[2], action: 'SCMP_ACT_KILL' }])
  })

  it('says `no such call` to runtimes that know no error, unless something inside may trace', () => {
    const missing = { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38 }
    expect(ociSeccomp(parseSeccompProfile(missing))['defaultAction']).toBe('SCMP_ACT_TRACE')
    const tracing = { ...missing, syscalls: [{ names: ['ptrace'], action: 'SCMP_ACT_ALLOW' }] }
    expect(ociSeccomp(parseSeccompProfile(tracing))).toMatchObject(missing)
    const open = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }],
    }
    expect((ociSeccomp(parseSeccompProfile(open))['syscalls'] as readonly object[])[0]).toMatchObject({ errnoRet: 38 })
  })
})
