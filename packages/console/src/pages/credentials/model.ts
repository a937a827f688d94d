/** What the gateway says of credentials; never a value. Times in ms since 1970, 0: never. */
export interface Secret {
  readonly name: string
  readonly type: string
  readonly state: 'active' | 'revoked'
  readonly version: number
  readonly createdAt: number
  readonly expiresAt: number
  readonly by: string
  readonly fingerprint: string
  readonly usedBy: readonly string[]
  readonly lastUsedAt: number
}
interface Elsewhere {
  readonly name: string
  readonly secret: string
  readonly isBounded: boolean
  readonly lastUsedAt: number
}
export interface Vault {
  readonly secrets: readonly Secret[]
  readonly refused: readonly string[]
  readonly elsewhere: readonly Elsewhere[]
}

/** A credential of the configuration: where the value may go, and for whom. */
interface Bound {
  readonly name: string
  readonly secret: string
  readonly category: string
  readonly agents: readonly string[]
  readonly hosts: readonly string[]
  readonly form: string
  readonly permissions: readonly string[]
}
interface Use {
  readonly credential: string
  readonly agent: string
  readonly host: string
  readonly count: number
  readonly refused: number
  readonly first: string
  readonly last: string
}
export interface Usage {
  readonly uses: readonly Use[]
  readonly credentials: readonly Bound[]
  readonly isComplete: boolean
}

export interface Event {
  readonly at: string
  readonly operation: string
  readonly success: boolean
  readonly by: string
  readonly version: string
  readonly host: string
  readonly reason: string
  readonly error: string
  readonly auditId: string
}
export interface SecretStory {
  readonly changes: readonly Event[]
  readonly uses: readonly Event[]
  readonly credentials: readonly Bound[]
  readonly isComplete: boolean
}

interface Lease {
  readonly id?: string
  readonly credential: string
  readonly holder: string
  readonly uses: number
  readonly expiresAt: number
}
export interface Leases {
  readonly leases: readonly Lease[]
  readonly takenBack: readonly { readonly all?: true; readonly credential?: string; readonly holder?: string }[]
}

/** Share of its life that a value has lived, 0 to 1 and beyond. */
export const lived = ({ createdAt, expiresAt }: Secret, now: number): number =>
  (now - createdAt) / Math.max(1, expiresAt - createdAt)

/** Grey, amber past three quarters, crimson past its end. */
export const ageTone = (share: number): 'grey' | 'ask' | 'deny' =>
  share >= 1 ? 'deny' : share >= 0.75 ? 'ask' : 'grey'

export const TYPES = ['api_key', 'oauth', 'token', 'service', 'device', 'gateway', 'channel'] as const
