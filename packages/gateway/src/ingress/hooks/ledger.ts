import type { NativeAnswer } from '../../hosts/event.ts'

/** One tool call of a host, from the first hook that asked to the hook that reported. */
export interface LedgerEntry {
  readonly key: string
  readonly instance: string
  readonly tool: string
  /** Digest of tool name and exact input text. */
  readonly digest: string
  readonly inputText: string
  readonly at: number
  /** The same answer for every hook that asks about this call (T-045, hosts that load another host's hooks). */
  answer: Promise<NativeAnswer>
  state: 'asked' | 'denied' | 'allowed' | 'reported'
  auditId: string | undefined
  /** Set when the call goes through the gateway as MCP and is decided there. */
  routedTo: { readonly alias: string; readonly tool: string } | undefined
  /** Set when an MCP tool was let through: which call the gateway may see for it, and whether it has. */
  mcp: { readonly argsDigest: string; paired: boolean } | undefined
  /** What the report was answered, for a second delivery of it. */
  reported: Promise<NativeAnswer> | undefined
}

const DAY = 86_400_000

/**
 * Calls in flight, per agent instance and call id. Bounded per instance, so that one agent cannot push out another's
 * entries; finished ones go first.
 */
export class Ledger {
  readonly #instances = new Map<string, Map<string, LedgerEntry>>()
  readonly #limit: number

  constructor(limitPerInstance = 2000) {
    this.#limit = limitPerInstance
  }

  find(instance: string, key: string): LedgerEntry | undefined {
    return this.#instances.get(instance)?.get(key)
  }

  /**
   * The oldest hook since then that let this MCP call through and belongs to no other call yet. The host's name of the
   * server is not compared: `init` may have had to give it another alias.
   */
  unpaired(instance: string, tool: string, argsDigest: string, since: number): LedgerEntry | undefined {
    const calls = [...(this.#instances.get(instance)?.values() ?? [])]
    return calls.find(
      ({ at, mcp, tool: hooked }) =>
        at >= since && mcp?.paired === false && mcp.argsDigest === argsDigest && hooked.endsWith(`__${tool}`),
    )
  }

  add(entry: LedgerEntry, now: number): void {
    const calls = this.#instances.get(entry.instance) ?? new Map<string, LedgerEntry>()
    this.#instances.set(entry.instance, calls)
    calls.set(entry.key, entry)
    if (calls.size <= this.#limit) return
    const old = [...calls.values()].find(
      (call) => call.state === 'reported' || call.state === 'denied' || now - call.at > DAY,
    )
    const oldest = old ?? calls.values().next().value
    if (oldest !== undefined) calls.delete(oldest.key)
  }
}
