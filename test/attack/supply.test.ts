import { describe, expect, test } from 'vitest'
import type { SupplyCase } from '../../packages/gateway/src/assurance/attack/supply/case.ts'
import type { ScanFinding } from '../../packages/gateway/src/assurance/scan/finding.ts'
import { attackSupply, type SupplyControls, type SupplySuite } from '../../packages/gateway/src/cli/attack/supply.ts'
import { finding } from '../admission/kit.ts'
import { cliFrame } from '../cli/frame.ts'
import { attack } from './attack-cli.ts'

interface Played {
  readonly code: number
  readonly summary: Readonly<Record<string, unknown>>
  readonly cases: readonly SupplyCase[]
}

async function play(suite: SupplySuite, weaken?: (controls: SupplyControls) => SupplyControls): Promise<Played> {
  const { io, said } = cliFrame({ json: true })
  const code = await attackSupply(io, suite, {}, weaken)
  return { code, ...(JSON.parse(said.out) as Omit<Played, 'code'>) }
}
const through = ({ cases }: Played): readonly string[] =>
  cases.filter(({ result }) => result === 'passed' || result === 'held').map(({ id, by }) => `${id} ${by}`)

describe('the suite skills', () => {
  test('HB-147 HB-27 HB-28 HB-30: no malicious skill or server gets through, and nothing honest is held', async () => {
    const { code, out } = await attack({ suite: 'skills', cases: true })
    expect(out.match(/^(?:PASSED|HELD|NOT VERIFIED) .*$/gm)).toBeNull()
    expect(code).toBe(0)
    expect(out).toMatch(/^skills against scan, admission and lock\n/)
    const [, attacks, stopped, passed, honest, held] = /^all\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(out) ?? []
    expect([stopped, passed, held]).toEqual([attacks, '0', '0'])
    expect(Number(attacks)).toBeGreaterThanOrEqual(35)
    expect(Number(honest)).toBeGreaterThanOrEqual(10)
    expect(out).toMatch(/^stopped exfiltration\/post-the-key: skill\./m)
  }, 60_000)
})

describe('the suite drift', () => {
  test('HB-147 HB-35 E-85: every change is noticed, and what is none is not', async () => {
    const played = await play('drift')
    expect(through(played)).toEqual([])
    expect(played.code).toBe(0)
    expect(played.summary).toMatchObject({ suite: 'drift', passed: 0, held: 0 })
    expect(played.summary['attacks']).toBeGreaterThanOrEqual(25)
    expect(played.summary['benign']).toBeGreaterThanOrEqual(7)
  }, 60_000)
})

/** The product with controls of different cases taken out → what then gets through, and what was silent. */
const WITHOUT: readonly (readonly [
  string,
  SupplySuite,
  (controls: SupplyControls) => SupplyControls,
  readonly string[],
])[] = [
  [
    'the scans of skills and of servers',
    'skills',
    (all) => ({ ...all, ...scanning(all, []), scanServers: () => [] }),
    ['post-the-key scan', 'orders-in-a-description scan'],
  ],
  ['the review before use', 'skills', (all) => ({ ...all, load: async () => undefined }), ['post-the-key admission']],
  [
    'a scan that spares honest work',
    'skills',
    (all) => ({ ...all, ...scanning(all, [finding('skill.x', 'high')]) }),
    ['headings skill.x'],
  ],
  [
    'hashes at use, the lock and the comparison',
    'drift',
    (all) => ({ ...all, load: async () => undefined, verify: async () => [], compare: () => [] }),
    ['one-byte load', 'link-to-the-same-bytes load', 'back-to-an-older-one lock', 'description-rug-pull comparison'],
  ],
]

/** A scan of skills that knows what they can do, and finds what it is told. */
const scanning = ({ admission }: SupplyControls, findings: readonly ScanFinding[]) => ({
  admission: {
    ...admission,
    scan: async (skill: Parameters<typeof admission.scan>[0]) => ({ ...(await admission.scan(skill)), findings }),
  },
})

describe('a control that is taken out', () => {
  test.each(WITHOUT)(
    'HB-147: without %s the suite %s is red and says what got through',
    async (_, suite, weaken, told) => {
      const played = await play(suite, weaken)
      expect(played.code).toBe(1)
      expect(through(played)).toEqual(expect.arrayContaining([...told]))
    },
    60_000,
  )
})

describe('the command', () => {
  test.each(['memory', 'a2a'])('HB-147: the suite %s is not there yet, which is no success', async (suite) => {
    expect(await attack({ suite })).toEqual({ code: 3, out: `${suite}: not installed\n` })
  })

  test.each([{ preset: 'balanced' }, { data: '/x' }, { fuzz: true }, { ablate: true }])(
    'an option of other suites is refused: %j',
    async (options) => {
      await expect(attack({ suite: 'skills', ...options })).rejects.toMatchObject({ code: 'SP_CLI_USAGE' })
    },
  )
})
