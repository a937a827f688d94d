import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { sha256 } from '@sallyport/core'
import { PrepareThread } from './prepare-thread.ts'
import { whyNot } from './prepared.ts'

vi.mock('../../worker.ts', async (original) => {
  const real = await original<typeof import('../../worker.ts')>()
  let started = 0
  return {
    startWorker: (...order: Parameters<typeof real.startWorker>): Worker =>
      started++ === 0 ? new Worker('throw new Error("dead on arrival")', { eval: true }) : real.startWorker(...order),
  }
})

test('T-160: a thread that dies before its first order takes nothing along, and the order gets a new one', async () => {
  const thread = new PrepareThread()
  thread.start()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const text = '// version: 1.0\n@id("a") permit (principal, action, resource);'
  const files = [
    { path: 'a.cedar', origin: 'file', language: 'cedar', text, digest: sha256(text), real: '', owned: true } as const,
  ]
  const check = { budgetMs: 500, requests: 1, every: 'policy' } as const
  const made = await thread.run({ files, options: { tools: [], extent: 'change', check, seed: 1 } })
  expect(whyNot(made)).toBeUndefined()
  expect(made.policies.map(({ id }) => id)).toEqual(['a'])
  thread.close()
})
