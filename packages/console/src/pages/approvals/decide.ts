import { post } from '../../api/client.ts'
import type { ApprovalState } from './model.ts'

/** What the decision covers, if it is to approve. */
export type Scope = { readonly kind: 'once' } | { readonly kind: 'value' }

export interface Decided {
  readonly id: string
  readonly state: ApprovalState
}

export const pathOf = (id: string): string => `/api/v1/approvals/${encodeURIComponent(id)}`

/** Denies; needs no passkey. `endSession` stops the agent too. @throws Problem */
export const deny = (id: string, reason: string, endSession = false): Promise<Decided> =>
  post<Decided>(`${pathOf(id)}/deny`, { reason, endSession })
