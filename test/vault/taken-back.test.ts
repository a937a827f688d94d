import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeClock, makeDirectory, makeKeys } from '../store/temporary.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import { TakenBack, type Reach } from '../../packages/gateway/src/custody/broker/taken-back.ts'

const open = async (directory = makeDirectory(), keys = makeKeys()) => ({
  ...{ directory, keys },
  store: await openStore({ driver: 'sqlite', path: `${directory}/state.db` }, keys, makeClock()),
})

describe('credentials that were taken back', () => {
  test('HB-57: it holds over a restart', async () => {
    const first = await open()
    await new TakenBack(first.store).take({ credential: 'api' })
    await first.store.close()
    const { store } = await open(first.directory, first.keys)
    const again = new TakenBack(store)
    expect([await again.covers('api', 'coder'), await again.covers('other', 'coder')]).toEqual([true, false])
    expect(await again.list()).toEqual([{ credential: 'api' }])
    await store.close()
  })

  test('HB-57: whatever is taken and given, the last word that names a pair decides; a holder is given to as one', async () => {
    const { store } = await open()
    const names = ['a', 'b', '__proto__', 'all']
    const reach = fc.oneof(
      fc.constant<Reach>({ all: true }),
      fc.constantFrom(...names).map((credential): Reach => ({ credential })),
      fc.constantFrom(...names).map((holder): Reach => ({ holder })),
    )
    const step = fc.record({ act: fc.constantFrom('take', 'give'), reach })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const taken = new TakenBack(store)
        await taken.take({ all: true })
        await taken.give({ all: true })
        for (const { act, reach: of } of steps) await taken[act as 'take' | 'give'](of)
        for (const credential of names)
          for (const holder of names)
            expect(await taken.covers(credential, holder)).toBe(model(steps, credential, holder))
      }),
      { numRuns: 60 },
    )
    await store.close()
  })

  test('HB-57: of those who take at once each is heard', async () => {
    const { store } = await open()
    const taken = new TakenBack(store)
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((credential) => taken.take({ credential })))
    for (const credential of ['a', 'b', 'c', 'd', 'e']) expect(await taken.covers(credential, 'x')).toBe(true)
    await store.close()
  })
})

/** The same, said in another way: three switches for each pair. */
function model(steps: readonly { act: string; reach: Reach }[], credential: string, holder: string): boolean {
  const off = { all: false, credential: false, holder: false }
  for (const { act, reach } of steps) {
    const isTaken = act === 'take'
    if ('all' in reach) Object.assign(off, isTaken ? { all: true } : { all: false, credential: false, holder: false })
    else if ('credential' in reach && reach.credential === credential)
      Object.assign(off, isTaken ? { credential: true } : { all: false, credential: false })
    else if ('holder' in reach && reach.holder === holder)
      Object.assign(off, isTaken ? { holder: true } : { all: false, holder: false })
  }
  return off.all || off.credential || off.holder
}
