import type { LogField } from '@sallyport/core'
import type { PageQuery, SessionQuery, SurveyQuery } from '../search/ports.ts'
import type { Failure } from './protocol.ts'

/** What is asked of a search thread. */
export type ToSearch =
  | { readonly type: 'page'; readonly id: number; readonly query: PageQuery }
  | { readonly type: 'survey'; readonly id: number; readonly query: SurveyQuery }
  | {
      readonly type: 'values'
      readonly id: number
      readonly field: LogField
      readonly prefix: string
      readonly limit: number
    }
  | { readonly type: 'sessions'; readonly id: number; readonly query: SessionQuery }
  | { readonly type: 'close' }

export type FromSearch = { readonly id: number } & ({ readonly value: unknown } | { readonly error: Failure })
