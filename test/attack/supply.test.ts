import { describe, expect, test } from 'vitest'
import type { SupplyCase } from '../../packages/gateway/src/assurance/attack/supply/case.ts'
import { attackSupply, type SupplyControls, type SupplySuite } from '../../packages/gateway/src/cli/attack/supply.ts'
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
