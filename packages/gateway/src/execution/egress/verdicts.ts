import { decideEgress, readEgressTarget, type EgressRules, type EgressTarget } from '@sallyport/core'

type EgressVerdict = ReturnType<typeof decideEgress>

/** Most clients go to few places again and again. */
const MOST = 256

/** Reads and decides as `core` does, and remembers the last places as long as the rules are the same object. */
export function createVerdicts() {
  const targets = new Map<string, EgressTarget | undefined>()
  let [rules, verdicts] = [undefined as EgressRules | undefined, new Map<string, EgressVerdict>()]
  return {
    read: (asked: string): EgressTarget | undefined => remembered(targets, asked, () => readEgressTarget(asked)),
    decide: (target: EgressTarget, now: EgressRules): EgressVerdict => {
      if (now !== rules) [rules, verdicts] = [now, new Map()]
      return remembered(verdicts, `${target.host} ${target.port}`, () => decideEgress(target, now))
    },
  }
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const last = known.get(key)
  if (last !== undefined) return last
  const made = make()
  known.set(key, made)
  const [oldest] = known.keys()
  if (known.size > MOST && oldest !== undefined) known.delete(oldest)
  return made
}
