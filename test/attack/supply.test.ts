import { describe, expect, test } from 'vitest'
import type { SupplyCase } from '../../packages/gateway/src/assurance/attack/supply/case.ts'
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
    const played = await play('skills')
    expect(through(played)).toEqual([])
    expect(played.code).toBe(0)
    expect(played.summary).toMatchObject({ suite: 'skills', passed: 0, held: 0, unverified: 0 })
    expect(played.summary['attacks']).toBeGreaterThanOrEqual(35)
    expect(played.summary['benign']).toBeGreaterThanOrEqual(10)
  }, 60_000)
})

/** The product with one control taken out → what then gets through. */
const WITHOUT: readonly (readonly [string, SupplySuite, (controls: SupplyControls) => SupplyControls, RegExp])[] = [
  [
    'the scan of skills',
    'skills',
    (all) => ({
      ...all,
      admission: { ...all.admission, scan: async (skill) => ({ ...(await all.admission.scan(skill)), findings: [] }) },
    }),
    /^post-the-key scan$/,
  ],
  ['the scan of servers', 'skills', (all) => ({ ...all, scanServers: () => [] }), /^orders-in-a-description scan$/],
  ['the review before use', 'skills', (all) => ({ ...all, load: async () => undefined }), /^post-the-key admission$/],
  [
    'a scan that is sure',
    'skills',
    (all) => ({
      ...all,
      admission: {
        ...all.admission,
        scan: async (skill) => ({ ...(await all.admission.scan(skill)), findings: [finding('skill.x', 'high')] }),
      },
    }),
    /^headings skill\.x$/,
  ],
  ['hashes at use', 'drift', (all) => ({ ...all, load: async () => undefined }), /^one-byte load$/],
  ['the lock', 'drift', (all) => ({ ...all, verify: async () => [] }), /^back-to-an-older-one lock$/],
  ['the comparison', 'drift', (all) => ({ ...all, compare: () => [] }), /^description-rug-pull comparison$/],
]

describe('a control that is taken out', () => {
  test.each(WITHOUT)(
    'HB-147: without %s the suite %s is red and says what got through',
    async (_, suite, weaken, told) => {
      const played = await play(suite, weaken)
      expect(played.code).toBe(1)
      expect(through(played)).toContainEqual(expect.stringMatching(told))
    },
    60_000,
  )
})

describe('the command', () => {
  test('HB-147: prints a table by category, and what is not there yet is no success', async () => {
    const { code, out } = await attack({ suite: 'drift', cases: true })
    expect(code).toBe(0)
    expect(out).toMatch(/^drift against scan, admission and lock\n/)
    expect(out).toContain('stopped instructions/one-byte: SP_SKILL_DRIFT')
    for (const suite of ['memory', 'a2a'])
      expect(await attack({ suite })).toEqual({ code: 3, out: `${suite}: not installed\n` })
  }, 60_000)

  test.each([{ preset: 'balanced' }, { data: '/x' }, { fuzz: true }, { ablate: true }])(
    'an option of other suites is refused: %j',
    async (options) => {
      await expect(attack({ suite: 'skills', ...options })).rejects.toMatchObject({ code: 'SP_CLI_USAGE' })
    },
  )
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
