import type { Severity } from '../../ui/severities.ts'

export interface Finding {
  readonly id: string
  readonly severity: Severity
  /** Area that it is about, e.g. `network`. */
  readonly category: string
  readonly title: string
  readonly why: string
  readonly next: string
  readonly page?: string
  readonly cost: number
  readonly since: number
}

/** `GET /api/v1/health` */
export interface Report {
  readonly checkedAt?: number
  readonly nextAt: number
  readonly score?: number
  readonly cap: number
  readonly findings: readonly Finding[]
  readonly fine: readonly { readonly id: string; readonly title: string; readonly proof: string }[]
  readonly unknown: readonly { readonly id: string; readonly title: string; readonly why: string }[]
  readonly week: Figures
}

export interface Figures {
  readonly calls: number
  readonly asked: number
  readonly denied: number
  readonly answerMs?: number
  readonly addedMs?: number
}

/** `GET /api/v1/health/history` */
export interface History {
  readonly days: readonly (Figures & { readonly day: string; readonly score?: number; readonly lowest?: number })[]
  readonly events: readonly Grave[]
  readonly change?: number
}

export interface Grave {
  readonly id: string
  readonly title: string
  readonly since: number
  readonly until?: number
}

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const MINUTE = 60_000
const HOUR = 60 * MINUTE

function lasting(ms: number): string {
  if (ms < HOUR) return `${Math.max(1, Math.round(ms / MINUTE))} min`
  return ms < 72 * HOUR ? `${Math.round(ms / HOUR)} h` : `${Math.round(ms / (24 * HOUR))} days`
}

/** `1 Nov: open to the network without TLS, mended in 41 h` */
export function graveWords({ title, since, until }: Grave): string {
  const length = lasting((until ?? since) - since)
  return `${DATE.format(since)}: ${title}, ${until === undefined ? 'still so' : `mended in ${length}`}`
}

/** What has to be mended for a full score: `Fix the medium and the low finding to reach 100.` */
export function aim({ score, cap, findings }: Report): string {
  const costly = findings.filter(({ cost }) => cost > 0)
  if (costly.length === 0) return score === undefined ? '' : 'Nothing to fix.'
  const words = (['critical', 'high', 'medium', 'low'] as const).flatMap((severity) => {
    const count = costly.filter((one) => one.severity === severity).length
    return count === 0 ? [] : [count === 1 ? `the ${severity}` : `${count} ${severity}`]
  })
  const last = words.pop() ?? ''
  const list = words.length === 0 ? last : `${words.join(', ')} and ${last}`
  const held = cap < 100 ? `A ${cap < 40 ? 'critical' : 'high'} finding holds it at ${cap}. ` : ''
  return `${held}Fix ${list} ${/\d/.test(list) ? 'findings' : 'finding'} to reach 100.`
}

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${(Math.floor((1000 * part) / whole) / 10).toLocaleString('en', { minimumFractionDigits: 1 })} %`

export interface Measure {
  readonly value: string
  readonly unit: string
}

/** `38 s`, `0.31 ms`, `4 min`. */
export function time(ms: number | undefined): Measure {
  if (ms === undefined) return { value: '–', unit: '' }
  if (ms < 10) return { value: ms.toFixed(2), unit: 'ms' }
  if (ms < 1000) return { value: String(Math.round(ms)), unit: 'ms' }
  if (ms < 10_000) return { value: (ms / 1000).toFixed(1), unit: 's' }
  if (ms < 120_000) return { value: String(Math.round(ms / 1000)), unit: 's' }
  return { value: String(Math.round(ms / 60_000)), unit: 'min' }
}
