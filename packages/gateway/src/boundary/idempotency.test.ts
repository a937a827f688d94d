import { expect, test } from 'vitest'
import { bench, call, caller, verdict } from './fixtures/ports.ts'
import { createBoundary } from './boundary.ts'

const DAY = 86_400_000
const keyed = (args: unknown) => call(args, { idempotencyKey: 'once' })

/** A boundary whose clock a test sets. */
function timed() {
  const b = bench()
  let now = 0
  const clock = { now: () => now, monotonic: () => now }
  return { b, boundary: createBoundary({ ...b.ports, clock }), pass: (ms: number) => void (now += ms) }
}

test('ND-1.1.b: the same key runs once, for the agent that chose it, and has one answer', async () => {
  const { b, boundary } = timed()
  const [first, second] = await Promise.all([
    boundary.cross(caller(), keyed({ path: '/a' })),
    boundary.cross(caller(), keyed({ path: '/a' })),
  ])
  expect(second).toEqual(first)
  expect(b.ran).toHaveLength(1)
  const other = await boundary.cross(caller('other'), keyed({ path: '/a' }))
  expect(other.auditId).not.toBe(first.auditId)
  expect(b.ran).toHaveLength(2)
})

test('ND-1.1.b: with other arguments it is refused, and that is recorded', async () => {
  const { b, boundary } = timed()
  await boundary.cross(caller(), keyed({ path: '/a' }))
  const refused = await boundary.cross(caller(), keyed({ path: '/b' }))
  expect(refused).toMatchObject({ outcome: 'denied', code: 'SP_CAP_MISMATCH' })
  expect(b.ran).toEqual([{ path: '/a' }])
  expect(b.records.at(-1)).toMatchObject({ auditId: refused.auditId, code: 'SP_CAP_MISMATCH' })
})

test('ND-1.1.b: a denied call may be tried again, and what was done is remembered for a day', async () => {
  const { b, boundary, pass } = timed()
  const tried = async (name: string) =>
    (await boundary.cross(caller(), call({ path: '/a' }, { idempotencyKey: name }))).outcome
  const allow = b.decide
  b.decide = () => verdict('deny')
  expect(await tried('denied')).toBe('denied')
  b.decide = allow
  expect(await tried('denied')).toBe('executed')
  expect(await tried('denied')).toBe('executed')
  expect(b.ran).toHaveLength(1)
  pass(DAY + 1)
  expect(await tried('another')).toBe('executed')
  // forgotten here, and spent for good where that is kept
  expect(await tried('denied')).toBe('denied')
  expect(b.ran).toHaveLength(2)
})
