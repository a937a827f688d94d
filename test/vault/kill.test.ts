import { expect, test } from 'vitest'
import { killRounds } from './kill-rounds.ts'

const ROUNDS = 20

test(`T-129, E-12, AC-4.5.1: ${ROUNDS} times kill -9 while writing: it opens, nothing acknowledged is lost, and the log is true`, async () => {
  const { acknowledged, faults } = await killRounds(ROUNDS)
  expect(faults).toEqual([])
  expect(acknowledged).toBeGreaterThan(ROUNDS)
}, 300_000)
