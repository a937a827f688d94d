import { createBoundary } from '../../packages/gateway/src/boundary/boundary.ts'
import { bench, call, caller } from '../../packages/gateway/src/boundary/fixtures/ports.ts'
import type { CrossingResult, IncomingCall } from '../../packages/gateway/src/boundary/ports.ts'
import type { Spending } from './spending.ts'

/** The real boundary with these budgets; its only tool is `files.read_file`. */
export function boundaryWith({ budgets }: Pick<Spending, 'budgets'>) {
  const stand = bench()
  const boundary = createBoundary({ ...stand.ports, budgets: budgets.calls })
  const cross = (extra: Partial<IncomingCall> = {}, agent = 'coder'): Promise<CrossingResult> =>
    boundary.cross(caller(agent), call({ path: '/w/a.txt' }, extra))
  return { stand, boundary, cross }
}

export const codesOf = (results: readonly CrossingResult[]): Readonly<Record<string, number>> => {
  const words = results.map((one) => ('code' in one ? one.code : one.outcome))
  return Object.fromEntries([...new Set(words)].map((word) => [word, words.filter((one) => one === word).length]))
}
