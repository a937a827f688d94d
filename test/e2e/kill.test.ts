import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestGateway } from './gateway.ts'
import { killUnderLoad } from './kill.ts'

const ROUNDS = 20
const gateway = new TestGateway()
beforeAll(() => gateway.start(), 60_000)
afterAll(() => gateway.close())

test(`HB-141 T-046 T-167 E-13: killed ${ROUNDS} times under load, every executed call has its intent, nothing ran twice, the log verifies`, async () => {
  let answered = 0
  for (let round = 0; round < ROUNDS; round++) {
    const result = await killUnderLoad(gateway, round, 16)
    answered += result.round.answered
    await gateway.start()
    // whoever got no answer asks again with the same key
    await Promise.all(result.unanswered.map((id) => gateway.call(id, id)))
  }
  const exported = gateway.cli('log', 'export', '--format', 'ndjson', '--kind', 'decision')
  expect(exported.code, exported.err).toBe(0)
  await gateway.kill('SIGTERM')

  const ran = gateway.ran()
  expect(answered).toBeGreaterThan(ROUNDS)
  expect(new Set(ran).size, 'no call ran twice').toBe(ran.length)
  const verified = gateway.cli('log', 'verify', '--json')
  expect(verified.code, verified.out + verified.err).toBe(0)
  const intents = new Set(
    exported.out
      .split('\n')
      .filter((line) => line.includes('"policyDecision":"allowed"'))
      .map((line) => (JSON.parse(line) as { record: { parameters: { id: string } } }).record.parameters.id),
  )
  expect(
    ran.filter((id) => !intents.has(id)),
    'executed without a durable intent',
  ).toEqual([])
}, 600_000)
