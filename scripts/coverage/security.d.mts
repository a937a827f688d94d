export declare const FOLDERS: readonly string[]
export declare const BAR: number
interface Counts {
  readonly total: number
  readonly covered: number
}
interface Measured {
  readonly lines: number
  readonly branches: number
  readonly passed: boolean
}
export interface SecurityCoverage {
  readonly bar: number
  readonly passed: boolean
  readonly folders: readonly (Measured & { readonly folder: string; readonly files: number })[]
  readonly low: readonly (Measured & { readonly file: string })[]
}
export declare function judge(
  summary: Readonly<Record<string, { readonly lines: Counts; readonly branches: Counts }>>,
): SecurityCoverage
export declare function tableOf(coverage: SecurityCoverage): string
