/** What `GET /api/v1/health` says, as far as a terminal shows it. */
export interface HealthReport {
  readonly checkedAt?: number
  readonly score?: number
  readonly cap: number
  readonly findings: readonly {
    readonly severity: string
    readonly title: string
    readonly why: string
    readonly next: string
    readonly cost: number
  }[]
  readonly fine: readonly { readonly title: string; readonly proof: string }[]
  readonly unknown: readonly { readonly title: string; readonly why: string }[]
}
