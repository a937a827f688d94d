/** One address of the web: what it leads to, however it is written. */
export interface WebAddress {
  /** Host in lower case without `www.`, then path, query and fragment as they are, without a last slash. */
  readonly key: string
  /** `http` or `https`; empty when it was left out. */
  readonly scheme: string
}

const ADDRESS =
  /^(?:(https?):\/\/)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})(?::(443|80))?((?:[/?#][^\s]*)?)$/i

/**
 * Reads a plain web address. Undefined for everything that two readers could read in two ways: user part, unusual port, backslash,
 * dot segments, encoded delimiters, letters beyond ASCII (T-101).
 */
export function webAddress(value: string): WebAddress | undefined {
  if (value.length > 2_048) return undefined
  const match = ADDRESS.exec(value)
  if (match === null) return undefined
  const [, scheme = '', host = '', port = '', rest = ''] = match
  // eslint-disable-next-line no-control-regex
  if (/[\\@\u0080-\uffff]|\/\.{1,2}(?:[/?#]|$)|%(?:2f|5c|2e|40|00|0a|0d)/i.test(rest)) return undefined
  if ((scheme.toLowerCase() === 'https' && port === '80') || (scheme.toLowerCase() !== 'https' && port === '443')) {
    return undefined
  }
  const key = `${host.toLowerCase().replace(/^www\./, '')}${rest.replace(/\/$/, '')}`
  return { key, scheme: scheme.toLowerCase() }
}

/** True when going to `value` is going where `said` leads: `https` may be added, never taken away. */
export const leadsTo = (value: WebAddress, said: WebAddress): boolean =>
  value.key === said.key && !(value.scheme === 'http' && said.scheme === 'https')

const IN_TEXT =
  /(?:https?:\/\/|www\.)[^\s<>"']{1,2048}|(?<![\p{L}\p{N}@._/-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?:\/[^\s<>"']{0,2048})?(?![\p{L}\p{N}@])/giu

/** Web addresses in running text with their places; marks that end a sentence or close a bracket are not part of them. */
export function* webAddressesIn(text: string): Generator<{ readonly text: string; readonly start: number }> {
  for (const match of text.matchAll(IN_TEXT)) {
    const found = match[0].slice(0, properEnd(match[0]))
    yield { text: found, start: match.index }
  }
}

const CLOSERS = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
])

/** Where an address ends that a sentence or a bracket goes on behind. One pass for each kind of bracket at most. */
function properEnd(text: string): number {
  let end = text.length
  const surplus = new Map<string, number>()
  for (;;) {
    const last = text[end - 1] ?? ''
    const opener = CLOSERS.get(last)
    if (opener === undefined) {
      if (last === '' || !'.,;:!?*_~'.includes(last)) return end
      end--
      continue
    }
    const open = surplus.get(last) ?? text.split(last).length - text.split(opener).length
    if (open <= 0) return end
    surplus.set(last, open - 1)
    end--
  }
}
