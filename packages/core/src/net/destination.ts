import { readAddressList } from './address-list.ts'
import { mailboxOf } from './mail-providers.ts'
import { sinkIdentity } from './sink.ts'
import { readHost, readUrl } from './url.ts'

/** A recipient, host or URL read alone, for comparing two of them. */
export type Destination =
  | { readonly kind: 'mail'; readonly id: string; readonly local: string; readonly host: string }
  | { readonly kind: 'url'; readonly id: string; readonly host: string; readonly tenant: string }
  | { readonly kind: 'host'; readonly id: string; readonly host: string }

/** Undefined when the text is not exactly one destination. */
export function destinationOf(text: string): Destination | undefined {
  const value = text.trim()
  if (value.includes('://')) {
    const reading = readUrl(value)
    if (reading.kind === 'refused') return undefined
    const { id, host, tenant } = sinkIdentity(reading.url)
    return { kind: 'url', id, host, tenant }
  }
  if (value.includes('@')) {
    const { mailboxes, others } = readAddressList(value.replace(/^mailto:/i, ''))
    const [mailbox] = mailboxes
    if (mailbox === undefined || mailboxes.length > 1 || others.length > 0) return undefined
    const host = readHost(mailbox.domain)
    if (typeof host === 'string') return undefined
    return { kind: 'mail', id: mailboxOf(mailbox.local, host.host), local: mailbox.local, host: host.host }
  }
  const host = readHost(value)
  return typeof host === 'string' ? undefined : { kind: 'host', id: host.host, host: host.host }
}

/**
 * True when both lead to one account: the same mailbox by the provider's rules, the same host, the same tenant. Texts that
 * are not exactly one destination are the same only when they are equal.
 */
export function sameDestination(a: string, b: string): boolean {
  const [first, second] = [destinationOf(a), destinationOf(b)]
  if (first === undefined || second === undefined) return a === b
  return first.kind === second.kind && first.id === second.id
}
