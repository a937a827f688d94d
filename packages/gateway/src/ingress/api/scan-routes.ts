import type { Json, JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

/** What the route needs of the scanner. */
export interface CodeScanPort {
  /** @throws SallyportError SP_SCAN_* */
  scan(text: string, language: string): Promise<{ readonly findings: readonly object[]; readonly complete: boolean }>
}

/** Characters of one scan through the API: it runs beside what the gateway decides. */
const LONGEST = 262_144

const REQUEST = z.strictObject({ code: z.string().max(LONGEST), language: z.string().min(1).max(40) })

/** `/api/v1/scan/code` (HB-106): what CodeGuard objects to in one text. Comments in it accept nothing. */
export function scanRoutes(scanner: CodeScanPort): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/scan/code',
      plane: 'operator',
      scope: 'read',
      presence: 'inert',
      summary: 'Scan {code, language} and list what CodeGuard objects to. Nothing of it is executed or kept.',
      handle: async ({ body }) => {
        const { code, language } = readAs(REQUEST, body)
        const { findings, complete } = await scanner.scan(code, language)
        const verdict = findings.length > 0 ? 'flag' : 'clean'
        return { status: 200, body: { verdict, complete, findings: findings as unknown as Json } satisfies JsonObject }
      },
    },
  ]
}
