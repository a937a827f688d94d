import { expect, test } from 'vitest'
import { killRounds } from './kill.ts'

const ROUNDS = 20

test(`HB-141 T-046 T-167 E-13: killed ${ROUNDS} times under load, every executed call has its intent, nothing ran twice, the log verifies`, async () => {
  const report = await killRounds(ROUNDS, 16)
  expect(report).toMatchObject({ rounds: ROUNDS, twice: [], withoutIntent: [], fault: '' })
  expect(report.answered).toBeGreaterThanOrEqual(ROUNDS)
  expect(report.executed).toBeGreaterThanOrEqual(report.answered)
}, 600_000)
