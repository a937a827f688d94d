import { useState } from 'react'
import { Problem } from '../api/client.ts'

/** What a button does: runs, is busy meanwhile, and keeps the problem that the gateway named. */
export interface Act {
  readonly busy: boolean
  readonly problem: Problem | undefined
  run(task: () => Promise<unknown>): void
}

export function useAct(): Act {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const run = (task: () => Promise<unknown>): void => {
    setBusy(true)
    setProblem(undefined)
    task()
      .catch((thrown: unknown) => {
        if (!(thrown instanceof Problem)) throw thrown
        setProblem(thrown)
      })
      .finally(() => setBusy(false))
  }
  return { busy, problem, run }
}
