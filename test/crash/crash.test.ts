import { expect, it } from 'vitest'
import { crashRounds } from './rounds.ts'

const ROUNDS = 20

it(
  `T-167 E-12: ${ROUNDS} times kill -9 under 64 callers: nothing acknowledged is lost, the log verifies`,
  { timeout: 300_000 },
  async () => {
    const result = await crashRounds(ROUNDS)
    expect(result.lost).toBe(0)
    expect(result.acknowledged).toBeGreaterThan(ROUNDS * 20)
    expect(result.written).toBeGreaterThanOrEqual(result.acknowledged)
    expect(result.report.findings).toEqual([])
    expect(result.report.streams[0]?.size).toBe(result.written)
    console.log(
      `crash: ${result.rounds} rounds, ${result.acknowledged} acknowledged, ${result.lost} lost, ${result.written} in the log`,
    )
  },
)
