import { digestSignal, EVERYTHING, type AlertSeverity, type DigestCount, type LogSearch } from '@sallyport/core'
import type { Clock } from '../boundary/ports.ts'
import type { Memory } from './memory.ts'
import type { Store } from '../store/ports.ts'
import type { AlertService } from './service.ts'

export interface DigestDeps {
  /** When the last one was made, ms since 1970. */
  readonly memory: Pick<Memory<number>, 'read' | 'write'>
  readonly clock: Clock
  readonly service: Pick<AlertService, 'raise'>
  readonly search: Pick<Store['search'], 'survey'>
  /** ms; 0: never. */
  readonly every: number
  readonly severity: AlertSeverity
  readonly reviewedAt: () => number
  /** One that could not be made; it is tried again. Must not throw. */
  readonly failed: (error: unknown) => void
}

const DENIED: LogSearch = { terms: [{ field: 'decision', values: ['denied'], not: false }], words: [] }
const NONE: DigestCount = { n: 0, estimated: false }

/** A digest of the log, told like an alert every so often (HB-146), also after a restart and for the time that was missed. */
export async function createDigest(deps: DigestDeps): Promise<{ readonly sweep: () => Promise<void> }> {
  const { memory, clock, service, search, every, severity, reviewedAt, failed } = deps
  let last = await memory.read()
  if (last === undefined) await memory.write((last = clock.now()))
  let isMaking = false

  async function make(from: number, to: number): Promise<void> {
    const about = { from, to, buckets: 1 }
    const all = await search.survey({ search: EVERYTHING, ...about })
    const of = (field: 'decision' | 'kind', value: string): DigestCount =>
      all.facets[field]?.find((each) => each.value === value) ?? NONE
    const denied = of('decision', 'denied')
    const worst = denied.n === 0 ? undefined : await search.survey({ search: DENIED, ...about })
    const signal = digestSignal(
      {
        ...{ from, to, denied, reviewedAt: reviewedAt() },
        ...{ allowed: of('decision', 'allowed'), asked: of('decision', 'approval_required') },
        ...{ alerts: of('kind', 'alert'), changes: of('kind', 'policy') },
        deniedTools: worst?.facets.tool?.map(({ value }) => value) ?? [],
        deniedAgents: worst?.facets.agent?.map(({ value }) => value) ?? [],
      },
      severity,
    )
    await service.raise(signal).durable
    await memory.write((last = to))
  }

  return {
    async sweep() {
      const now = clock.now()
      if (every === 0 || isMaking || now - (last ?? now) < every) return
      isMaking = true
      try {
        await make(last ?? now, now)
      } catch (error) {
        failed(error)
      } finally {
        isMaking = false
      }
    },
  }
}
