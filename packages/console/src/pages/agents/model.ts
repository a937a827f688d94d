/** What the gateway says of agents. Times in ms since 1970. */
export interface AgentHead {
  readonly name: string
  readonly state: 'active' | 'revoked'
  readonly trustLevel: number
  /** Whom it faces: local, public or admin. */
  readonly surface: string
  readonly ingresses: readonly string[]
  readonly sessions: number
  readonly running: number
  readonly stopped: { readonly reason: string; readonly by: string; readonly at: number } | null
  readonly lastSeenAt: number
  readonly carries: {
    readonly integrity: number
    readonly confidentiality: number
    readonly sources: readonly string[]
  }
  readonly credential: { readonly issuedAt: number | null; readonly expiresAt: number | null }
  readonly callsToday: number
  readonly deniedToday: number
}

interface Session {
  readonly id: string
  readonly ingress: string
  readonly surface: string
  readonly hint: string
  readonly calls: number
  readonly lastActivityAt: number
}

export interface AgentDetail extends AgentHead {
  readonly createdAt: number
  readonly createdBy: string
  readonly keyExpiresAt: number
  readonly instance: { readonly id: string; readonly since: number }
  readonly scopes: readonly string[]
  readonly effects: readonly string[]
  readonly budget: null
  readonly open: readonly Session[]
  readonly rights: {
    readonly tools: readonly { readonly key: string; readonly count: number; readonly last: string }[]
    readonly toolsUnused: readonly string[]
    readonly credentials: readonly { readonly name: string; readonly uses: number; readonly leases: number }[]
    readonly hosts: readonly { readonly host: string; readonly hits: number }[]
  }
  readonly hours: readonly { readonly at: number; readonly calls: number; readonly denied: number }[]
  readonly isComplete: boolean
}

export const TRUST = ['new', 'proven', 'full'] as const

/** `11 min of 15`: how much of its life a credential has used up; undefined when it is not known. */
export function credentialAge({ credential }: AgentHead, now: number): string | undefined {
  const { issuedAt, expiresAt } = credential
  if (issuedAt === null || expiresAt === null) return undefined
  const minutes = (ms: number): number => Math.floor(ms / 60_000)
  return now > expiresAt
    ? `expired ${minutes(now - expiresAt)} min ago`
    : `${minutes(now - issuedAt)} min of ${Math.round((expiresAt - issuedAt) / 60_000)}`
}

/** Amber in the last quarter of its life, crimson behind it. */
export function credentialTone({ credential }: AgentHead, now: number): 'plain' | 'warn' | 'bad' {
  const { issuedAt, expiresAt } = credential
  if (issuedAt === null || expiresAt === null) return 'plain'
  if (now > expiresAt) return 'bad'
  return (now - issuedAt) / (expiresAt - issuedAt) > 0.75 ? 'warn' : 'plain'
}
