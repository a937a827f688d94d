import { POSTURE_SEVERITIES, type PostureSeverity } from '@sallyport/core'
import { auditPosture, type PostureReport, type ReportedFinding } from './audit.ts'
import type { Facts } from './facts.ts'

export interface PostureMonitorDeps {
  readonly gather: () => Promise<Facts>
  /** ms between two audits. */
  readonly every: number
  /** A finding at or above this that was not there before raises an alert. */
  readonly threshold: PostureSeverity
  readonly alert: (finding: ReportedFinding) => void
  /** Fingerprints that were told of, kept over a restart. */
  readonly memory: {
    read(): Promise<readonly string[] | undefined>
    write(known: readonly string[]): Promise<void>
  }
  /** An audit that could not be made. */
  readonly failed: (error: unknown) => void
}

export interface PostureMonitor {
  /** Looks now; tells nobody. */
  look(): Promise<PostureReport>
  /** Looks now, and tells of what is new. @returns what was told */
  audit(): Promise<readonly ReportedFinding[]>
  /** Audits soon, and then again and again. */
  start(): void
  close(): Promise<void>
}

/** A gateway that has just started is not yet as it will be, ms. */
const SETTLED = 60_000

/** The audit inside of a gateway (ND-7.1.a, `security.monitoring`). What is gone and comes back is told again. */
export function createPostureMonitor(deps: PostureMonitorDeps): PostureMonitor {
  const { gather, every, threshold, alert, memory, failed } = deps
  let timer: NodeJS.Timeout | undefined
  let running: Promise<readonly ReportedFinding[]> | undefined
  let closed = false
  const isTold = ({ severity }: ReportedFinding): boolean =>
    POSTURE_SEVERITIES.indexOf(severity) <= POSTURE_SEVERITIES.indexOf(threshold)

  const look = async (): Promise<PostureReport> => auditPosture(await gather())

  const auditOnce = async (): Promise<readonly ReportedFinding[]> => {
    const before = new Set(await memory.read())
    const { findings, unknown } = await look()
    const grave = findings.filter(isTold)
    const news = grave.filter(({ fingerprint }) => !before.has(fingerprint))
    // what could not be looked at is not gone: nothing is forgotten then
    const kept = unknown.some(({ hides }) => hides) ? [...before] : []
    const known = [...new Set([...kept, ...grave.map(({ fingerprint }) => fingerprint)])].sort()
    if (news.length > 0 || known.length !== before.size) await memory.write(known)
    for (const finding of news) alert(finding)
    return news
  }

  const audit = (): Promise<readonly ReportedFinding[]> => {
    running ??= auditOnce().finally(() => (running = undefined))
    return running
  }

  const again = (wait: number): void => {
    if (closed) return
    timer = setTimeout(() => {
      void audit()
        .catch(failed)
        .finally(() => again(every))
    }, wait)
    timer.unref()
  }

  return {
    ...{ look, audit },
    start: () => again(Math.min(SETTLED, every)),
    async close() {
      closed = true
      clearTimeout(timer)
      await running?.catch(() => undefined)
    },
  }
}
