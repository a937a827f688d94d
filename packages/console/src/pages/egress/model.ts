/** What the gateway says of ways out. */
export interface BlockedHost {
  readonly host: string
  readonly domain: string
  readonly count: number
  readonly first: string
  readonly last: string
  readonly agents: readonly { readonly agent: string; readonly count: number }[]
  readonly reasons: readonly { readonly reason: string; readonly count: number }[]
  readonly requests: readonly { readonly request: string; readonly count: number }[]
  readonly mayDraft: boolean
}
export interface Blocked {
  readonly hosts: readonly BlockedHost[]
  readonly reached: number
  readonly attempts: number
  readonly refused: number
  readonly isComplete: boolean
}

export interface Rule {
  readonly name: string
  readonly source: string
  readonly agents: readonly string[]
  readonly hosts: readonly string[]
  readonly requests: readonly string[]
  readonly denied: readonly string[]
  readonly credentials?: string
  readonly hits: number
  readonly lastAt: string
}

export interface Allowed {
  readonly id: string
  readonly host: string
  readonly agent?: string
  readonly until: number
  readonly by: string
}

export interface Connection {
  readonly id: string
  readonly holder: string
  readonly target: string
  readonly address: string
  readonly since: number
  readonly sent: number
  readonly received: number
  readonly isInspected: boolean
}

const WHY: Readonly<Record<string, string>> = {
  not_allowlisted: 'in no rule',
  blocked: 'on a block list',
  ip_private: 'private address',
  ip_loopback: 'this machine',
  ip_metadata: 'cloud metadata',
  ip_link_local: 'link-local address',
  ip_embedded: 'address inside an address',
  ip_special: 'special address',
  malformed: 'not an address',
  host_mismatch: 'name mismatch',
  rate_limited: 'too many',
  approval_denied: 'a human said no',
  approval_required: 'nobody was asked in time',
}

/** Why a host was refused, in words; the reason as it is logged where there are none. */
export const why = (reason: string): string => WHY[reason] ?? reason.replaceAll('_', ' ')

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`
  return count < 1024 * 1024 ? `${(count / 1024).toFixed(1)} kB` : `${(count / 1024 / 1024).toFixed(1)} MB`
}
