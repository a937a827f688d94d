import { SallyportError } from '@sallyport/core'
import type { z } from 'zod'

/**
 * `value` in the form of `schema`. Members that the schema does not name are refused, not dropped: nobody smuggles in an
 * identity, and a typo is told (T-003).
 * @throws SallyportError SP_API_INVALID, naming the place
 */
export function readAs<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const issue = read.error.issues[0]
  const path = issue?.path.map(String).join('.') ?? ''
  throw new SallyportError(
    'SP_API_INVALID',
    `${path === '' ? 'body' : path.slice(0, 120)}: ${(issue?.message ?? 'odd').slice(0, 200)}.`,
  )
}
