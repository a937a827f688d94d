import { describe, expect, test } from 'vitest'
import { attack, attackJson } from './attack-cli.ts'
import { incidents } from './shipped.ts'

/**
 * Attacks that no layer stops yet and honest work that one denies. A row goes as soon as its layer is there; a new one is a
 * decision, not a convenience.
 */
const OPEN: Readonly<
  Record<'balanced' | 'locked-down', { readonly passed: readonly string[]; readonly denied: readonly string[] }>
> = {
  balanced: { passed: [], denied: [] },
  'locked-down': { passed: [], denied: [] },
}

describe('the shipped incidents against a preset', () => {
  test.each(['balanced', 'locked-down'] as const)(
    'HB-5: %s lets no harm through and denies no honest work',
    async (preset) => {
      const { report } = await attackJson({ preset })
      expect(report.summary).toMatchObject({
        suite: 'incidents',
        preset,
        attacks: incidents.length,
        tasks: incidents.length,
      })
      const kind = (wanted: string) => report.cases.filter((each) => each.kind === wanted)
      const { passed, denied } = OPEN[preset]
      const through = kind('incident').filter(({ result }) => result === 'passed')
      expect(through.map(({ task }) => task).filter((task) => !passed.includes(task))).toEqual([])
      const refused = [...kind('clean'), ...kind('poisoned')].filter(({ result }) => result === 'denied')
      expect(refused.map(({ task }) => task).filter((task) => !denied.includes(task))).toEqual([])
      // every attack got as far as its own calls
      expect(report.summary.stoppedAtRead).toBe(0)
    },
    120_000,
  )

  test('HB-5: balanced asks honest work only where a file says why', async () => {
    const { code, out } = await attack({ cases: true })
    expect(code).toBe(out.includes('PASSED') ? 1 : 0)
    const asked = [...out.matchAll(/^asked clean\/([\w-]+): (\w+) /gm)].map(([, name, tool]) => `${name}: ${tool}`)
    const declared = incidents.flatMap(({ name, twin }) => twin.asks.map(({ tool }) => `${name}: ${tool}`))
    expect(asked.filter((each) => !declared.includes(each))).toEqual([])
    expect(declared.length).toBeLessThan(incidents.length / 3)
  }, 120_000)
})
