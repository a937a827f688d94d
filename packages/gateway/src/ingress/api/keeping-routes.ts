import type { Json } from '@sallyport/core'
import type { Route } from './route.ts'

/** What this gateway keeps, where, and for how long. Times in ms. */
export interface Kept {
  readonly store: 'sqlite' | 'postgres'
  /** Absolute; told to an admin only. */
  readonly place: string
  readonly log: number
  readonly policies: number
  readonly alerts: number
  /** File outside the state directory that every signed head of the log goes to; '' where there is none. */
  readonly heads: string
}

/** Something that weakens protection, and who answers for it until when. */
export interface AcceptedRisk {
  readonly kind: 'setting' | 'address' | 'finding'
  readonly name: string
  /** What it lets happen. */
  readonly why: string
  readonly reason: string
  readonly by: string
  /** Day after which it ends by itself. */
  readonly expires: string
}

/** What this gateway is set to, for those who look: what it keeps, and which risks people accepted in its configuration. */
export function keepingRoutes(kept: Kept, accepted: () => readonly AcceptedRisk[]): readonly Route[] {
  const base = { plane: 'operator', scope: 'read', method: 'GET' } as const
  return [
    {
      ...{ ...base, path: '/api/v1/keeping' },
      summary: 'What this gateway keeps and for how long; where it lies is told to an admin.',
      handle: async ({ principal }) => {
        const { place, heads, ...rest } = kept
        const where = principal.scopes.includes('admin') ? { place, heads } : {}
        return { status: 200, body: { ...rest, ...where, exportsHeads: heads !== '' } }
      },
    },
    {
      ...{ ...base, path: '/api/v1/accepted-risks' },
      summary: 'What weakens protection here and was accepted: by whom, why, until when.',
      handle: async () => ({ status: 200, body: { items: accepted() as unknown as Json } }),
    },
  ]
}
