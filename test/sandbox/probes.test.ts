import { describe, expect, it } from 'vitest'
import { callers, hasSandbox, sallyport, workspaceOf } from './machine.ts'

interface Report {
  readonly probes: readonly {
    readonly id: string
    readonly category: string
    readonly ok: boolean
    readonly problem?: string
  }[]
}

/** Attempts that find nothing to bite on a given machine: no such module, no such file, no privilege to begin with. */
const LEAST_BITING = 0.6

describe.skipIf(!hasSandbox).each(callers)('getting out of a sandbox of $name', (caller) => {
  const report = (flags: readonly string[]): Report => {
    const { home, done } = workspaceOf(caller)
    const ran = sallyport(caller, home, ['sandbox', 'probe', '--json', ...flags])
    done()
    return JSON.parse(ran.out) as Report
  }

  it('SC6, O6, HB-14, AC-6.1.1, AC-6.1.2, AC-6.1.3, AC-6.2.1, AC-6.4.1, AC-6.4.3, AC-6.5.1, ND-6.4.a, E-68, HB-25, SYS-6, T-041, T-138, T-139: no attempt gets anywhere, and work goes on', () => {
    const { probes } = report([])
    expect(probes.length).toBeGreaterThan(140)
    expect(probes.filter(({ ok }) => !ok)).toEqual([])
  }, 120_000)

  it('AC-6.4.4: without a sandbox the same attempts bite', () => {
    const attempts = report(['--bare']).probes.filter(({ category }) => category !== 'usable')
    const biting = attempts.filter(({ ok }) => !ok)
    const least = caller.name === 'root' ? LEAST_BITING : LEAST_BITING / 2
    expect(biting.length / attempts.length).toBeGreaterThan(least)
    for (const category of [
      'namespaces',
      'files',
      'persistence',
      'syscalls',
      'network',
      'resources',
      'proc',
      'secrets',
      'descriptors',
    ])
      if (category !== 'descriptors' || caller.name === 'root')
        expect(biting.some((one) => one.category === category) || category === 'descriptors', category).toBe(true)
  }, 120_000)
})
