import type { CliIo } from '../command.ts'
import type { Site } from '../init/plan.ts'

type CheckStatus = 'ok' | 'warn' | 'fail'

/** One line of the report. `fix` is a command or a sentence that says what to do; absent when all is well. */
export interface Finding {
  readonly id: string
  readonly status: CheckStatus
  readonly detail: string
  readonly fix?: string
  /** Done by `--fix`. May only tighten: never grants, opens or switches anything off (T-051). */
  readonly tighten?: () => void
}

/** What a check may look at. Everything outside comes through here, so that tests can be the machine. */
export interface Examination {
  readonly io: CliIo
  readonly site: Site
  readonly env: Readonly<Record<string, string | undefined>>
  readonly uid: number
  readonly now: number
}

export type Check = (on: Examination) => Promise<readonly Finding[]>

export const ok = (id: string, detail: string): Finding => ({ id, status: 'ok', detail })
export const warn = (id: string, detail: string, fix: string): Finding => ({ id, status: 'warn', detail, fix })
export const fail = (id: string, detail: string, fix: string, tighten?: () => void): Finding => ({
  id,
  status: 'fail',
  detail,
  fix,
  ...(tighten === undefined ? {} : { tighten }),
})
