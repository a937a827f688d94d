/** What the gateway says of servers and tools. Times in ms since 1970, 0: never. */
export interface ServerHead {
  readonly alias: string
  readonly transport: string
  readonly target: string
  readonly tools: number
  readonly pinned: number
  readonly held: number
  readonly unreviewed: number
  readonly refused: number
  /** Held changes that somebody looked at and left held. */
  readonly kept: number
  readonly pinnedAt: number
  readonly heldAt: number
  readonly callsToday?: number
}

export interface Definition {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly inputSchema: unknown
}

interface Finding {
  readonly where: string
  readonly rule: string
  readonly category: string
  readonly severity: 'critical' | 'high' | 'medium' | 'low' | 'info'
}

export interface Tool {
  readonly id: string
  readonly name: string
  readonly state: 'pinned' | 'unreviewed' | 'drifted' | 'disabled' | 'refused'
  readonly note: string
  readonly annotated: boolean
  readonly elevated: boolean
  readonly definition: Definition
  readonly pin: string
  readonly candidate: string
  readonly seen: Definition | null
  readonly annotation: {
    readonly effect: string
    readonly groups: readonly string[]
    readonly args: Readonly<Record<string, string>>
    readonly irreversible: boolean
    readonly persist: boolean
    readonly source: 'operator' | 'catalogue' | 'claim' | 'unknown'
    readonly result?: { readonly integrity: number; readonly confidentiality: number }
  }
  readonly hints: Readonly<Record<string, unknown>> | null
  readonly findings: readonly Finding[]
  readonly pinnedBy: string
  readonly pinnedAt: number
  readonly seenAt: number
  readonly kept: { readonly by: string; readonly at: number } | null
  readonly history: readonly {
    readonly pin: string
    readonly by: string
    readonly at: number
    readonly definition: Definition
  }[]
  readonly calls: number
}

export interface ServerDetail extends Omit<ServerHead, 'tools'> {
  readonly tools: readonly Tool[]
  readonly usedBy: readonly { readonly agent: string; readonly calls: number }[]
  readonly launch: Readonly<Record<string, unknown>>
  readonly isComplete: boolean
}

export const SOURCES = {
  operator: 'said by the operator',
  catalogue: 'from the shipped catalogue',
  claim: 'claimed by the program, pinned with it',
  unknown: 'nobody said: worst case',
} as const
export const text = (definition: Definition | null | undefined): string => definition?.description ?? ''
export const schema = (definition: Definition | null | undefined): string =>
  definition == null ? '' : JSON.stringify(definition.inputSchema, null, 2)
