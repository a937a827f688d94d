import { parseLogSearch, SallyportError, type LogField, type LogSearch } from '@sallyport/core'
import { z } from 'zod'
import type { ApiRequest } from '../route.ts'
import { invalid } from '../verdict-response.ts'

/** Place after which a list goes on: `time.number.stream`. */
export type Place = readonly [ts: number, seq: number, stream: string]

export interface SearchParams {
  readonly search: LogSearch
  readonly from?: number
  readonly to?: number
  readonly before?: Place
  readonly limit?: number
}

/** ISO 8601 or milliseconds since 1970. */
export const TIME = z
  .string()
  .transform((text) => (/^[0-9]+$/.test(text) ? Number(text) : Date.parse(text)))
  .refine((ms) => Number.isSafeInteger(ms), 'not a time: use ISO 8601 or milliseconds since 1970')
export const COUNT = z
  .string()
  .regex(/^[0-9]{1,15}$/, 'not a number')
  .transform(Number)

const SHORT = ['session', 'agent', 'tool', 'kind', 'decision', 'rule', 'person'] as const
const Params = z.strictObject({
  q: z.string().max(2_000).default(''),
  from: TIME.optional(),
  to: TIME.optional(),
  before: z.string().max(300).optional(),
  limit: COUNT.optional(),
  buckets: COUNT.optional(),
  format: z.enum(['ndjson', 'csv', 'ocsf']).optional(),
  proofs: z.enum(['true', 'false']).optional(),
  ...Object.fromEntries(SHORT.map((name) => [name, z.string().max(256).optional()])),
})
export type Params = z.infer<typeof Params>

/** What a search asks for: `q` in the language of searches, and single fields beside it. */
export function readParams(request: ApiRequest): { readonly params: Params; readonly asked: SearchParams } {
  const parsed = Params.safeParse(request.query)
  if (!parsed.success) return invalid(parsed.error)
  const { q, from, to, before, limit } = parsed.data
  const given = parsed.data as Readonly<Record<string, string | undefined>>
  const search = parseLogSearch(q)
  const terms = SHORT.flatMap((field) => {
    const value = given[field]
    return value === undefined ? [] : [{ field: field as LogField, values: [value], not: false }]
  })
  return {
    params: parsed.data,
    asked: {
      search: { ...search, terms: [...search.terms, ...terms] },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(before === undefined ? {} : { before: readPlace(before) }),
      ...(limit === undefined ? {} : { limit }),
    },
  }
}

export const writePlace = ([ts, seq, stream]: Place): string => `${ts}.${seq}.${stream}`

function readPlace(text: string): Place {
  const match = /^([0-9]{1,16})\.([0-9]{1,15})\.(.{1,256})$/s.exec(text)
  if (!match)
    throw new SallyportError('SP_API_INVALID', 'before: not a place of a list; take `next` of the page before.')
  return [Number(match[1]), Number(match[2]), match[3] ?? '']
}
