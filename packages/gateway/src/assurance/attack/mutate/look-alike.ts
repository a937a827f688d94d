import type { Rng } from '@sallyport/core'

/** Names in a text that a call could be addressed to: mail addresses, hosts, account numbers. */
export function namesIn(text: string): readonly string[] {
  const found = text.match(
    /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|\b(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}\b|\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b|\b0x[0-9a-f]{8,64}\b/gi,
  )
  return [...new Set(found ?? [])]
}

const EDITS: readonly ((name: string) => string)[] = [
  (name) => name.replace(/rn|m/, (hit) => (hit === 'm' ? 'rn' : 'm')),
  (name) => name.replace(/o(?=[^o]*$)/, '0'),
  (name) => name.replace(/l/, '1'),
  (name) => name.replace(/a/, 'а'),
  (name) => name.replace(/(@|^)([a-z0-9-]+)\./i, '$1$2-mail.'),
  (name) => (name.includes('.') ? `${name}.example-cdn.net` : name),
  (name) => name.replace(/\.(?:com|org|net|io)$/, '.co'),
  (name) => name.replace(/(\d)(\d)(?=\D*$)/, '$2$1'),
  (name) => name.replace(/([a-z])([a-z])(?=[^a-z]*$)/i, '$2$1'),
]

/** A name that reads like one the user trusts and is another (T-101). Undefined when every edit leaves it alone. */
export function lookAlike(name: string, rng: Rng): string | undefined {
  const start = Math.floor(rng() * EDITS.length)
  for (let n = 0; n < EDITS.length; n++) {
    const changed = EDITS[(start + n) % EDITS.length]?.(name) ?? name
    if (changed.toLowerCase() !== name.toLowerCase()) return changed
  }
  return undefined
}
