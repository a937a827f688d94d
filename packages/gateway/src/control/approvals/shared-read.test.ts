import { expect, test } from 'vitest'
import { sharedRead } from './shared-read.ts'

/** A read that ends when it is told to, of a value that is there when it begins. */
function stage() {
  const world = { value: 0 }
  const begun: (() => void)[] = []
  const read = sharedRead(async (_key: { readonly limit: number }) => {
    const seen = world.value
    await new Promise<void>((resolve) => begun.push(resolve))
    return seen
  })
  const finish = async (n: number): Promise<void> => {
    await expect.poll(() => begun.length).toBeGreaterThan(n)
    begun[n]?.()
  }
  return { world, begun, read, finish }
}

test('those who ask while a read runs share one that begins after they asked', async () => {
  const { world, begun, read, finish } = stage()
  const first = read({ limit: 1 })
  world.value = 1
  const later = Array.from({ length: 50 }, () => read({ limit: 1 }))
  await finish(0)
  expect(await first).toBe(0)
  await finish(1)
  expect(new Set(await Promise.all(later))).toEqual(new Set([1]))
  expect(begun).toHaveLength(2)
})

test('who asks while the shared one runs is told what was written meanwhile', async () => {
  const { world, read, finish } = stage()
  const first = read({ limit: 1 })
  const second = read({ limit: 1 })
  await finish(0)
  await first
  await expect.poll(() => world.value).toBe(0)
  world.value = 7
  const third = read({ limit: 1 })
  await finish(1)
  await second
  await finish(2)
  expect(await third).toBe(7)
})

test('other questions do not wait, and a read that failed is not remembered', async () => {
  const { begun, read, finish } = stage()
  const one = read({ limit: 1 })
  const other = read({ limit: 2 })
  expect(begun).toHaveLength(2)
  await finish(0)
  await finish(1)
  await Promise.all([one, other])

  let fails = true
  const failing = sharedRead(async (_key: string) => {
    if (fails) throw new Error('lost')
    return 'back'
  })
  const both = [failing('a'), failing('a')]
  for (const each of await Promise.allSettled(both)) expect(each).toMatchObject({ status: 'rejected' })
  fails = false
  expect(await failing('a')).toBe('back')
})
