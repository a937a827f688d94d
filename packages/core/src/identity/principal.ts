import type { Effect } from '../action/tool.ts'
import type { Surface } from '../surface/surface.ts'

export type PrincipalKind = 'human' | 'agent' | 'service'

/**
 * What a credential may be used for (AC-4.4.1, E-48). Agents never hold `approve` or `policy`. `vouch`: say what the user said, for
 * applications that keep their credential away from the model (threat-model §4).
 */
export type Scope = 'read' | 'write' | 'execute' | 'vouch' | 'approve' | 'policy' | 'admin'

/** 0 = reads, every write asks · 1 = writes by policy, external always asks · 2 = policy alone (HB-145). */
export type TrustLevel = 0 | 1 | 2

/** Who acts. Built by the gateway from the authenticated connection, never from what a request says (T-003). */
export interface Principal {
  readonly kind: PrincipalKind
  readonly id: string
  /** Delegation chain, outermost first: on whose behalf `id` acts. */
  readonly chain: readonly string[]
  readonly scopes: readonly Scope[]
  readonly trustLevel: TrustLevel
  /** The agent instance that all connections of one agent join; label state hangs on it (T-088). Empty for humans. */
  readonly instance: string
  /** Whom it faces; absent = `local`. Nothing that a request says changes it (HB-82). */
  readonly surface?: Surface
  /** What calls under this credential may cause at most; absent = everything the agent may (HB-64). */
  readonly effects?: readonly Effect[]
  /** When this principal last proved who it is, ms since 1970. An expired session only reopens after a newer proof. */
  readonly authenticatedAt?: number
}

/** True when one of two principals acts for the other, for itself, or both act for a common ancestor (T-008). */
export function shareAncestor(a: Principal, b: Principal): boolean {
  const line = new Set([...a.chain, a.id])
  return [...b.chain, b.id].some((id) => line.has(id))
}
