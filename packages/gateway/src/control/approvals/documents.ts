import {
  isJsonObject,
  type Approval,
  type ApprovalRequest,
  type ApprovalState,
  type ApprovalVote,
  type Grant,
  type JsonObject,
} from '@sallyport/core'
import type { Document } from '../../store/ports.ts'

/** An approval as stored: what may be trusted of it is decided by its proofs, never by the row (T-004). */
export interface StoredApproval {
  readonly approval: Approval
  readonly version: number
}

type Row = Omit<Document, 'version' | 'updatedAt'>

export const approvalRow = ({ request, state, votes }: Approval): Row => ({
  kind: 'approval',
  id: request.id,
  state,
  expiresAt: request.expiresAt,
  body: { request, votes } as unknown as JsonObject,
})

export function approvalOf(document: Document | undefined): StoredApproval | undefined {
  const request = document?.body['request']
  const votes = document?.body['votes']
  if (document === undefined || !isJsonObject(request) || !Array.isArray(votes)) return undefined
  if (request['id'] !== document.id || request['expiresAt'] !== document.expiresAt) return undefined
  const approval = {
    request: request as unknown as ApprovalRequest,
    state: document.state as ApprovalState,
    votes: votes as unknown as readonly ApprovalVote[],
  }
  return { approval, version: document.version }
}

export const grantRow = (grant: Grant, state: 'active' | 'revoked'): Row => ({
  kind: 'grant',
  id: grant.id,
  state,
  expiresAt: grant.until,
  body: { origin: grant.origin, scope: grant.scope, createdAt: grant.createdAt } as unknown as JsonObject,
})

export function grantOf(document: Document | undefined): Grant | undefined {
  if (document === undefined || document.state !== 'active') return undefined
  const { origin, scope, createdAt } = document.body
  if (!isJsonObject(origin) || !isJsonObject(scope) || typeof createdAt !== 'number') return undefined
  const grant = { id: document.id, origin, scope, createdAt, until: document.expiresAt }
  return grant as unknown as Grant
}

/** Points from a call digest to the request that is open for it, so that identical calls join on every node. */
export const indexId = (callDigest: string): string => `approval-of:${callDigest}`
