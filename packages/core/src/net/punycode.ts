/** Host with its `xn--` labels decoded (RFC 3492). A label that does not decode stays as it is. */
export function unicodeHost(host: string): string {
  if (!host.includes('xn--')) return host
  return host
    .split('.')
    .map((label) => (label.startsWith('xn--') ? (decodeLabel(label.slice(4)) ?? label) : label))
    .join('.')
}

const [BASE, T_MIN, T_MAX, SKEW, DAMP] = [36, 1, 26, 38, 700]

function decodeLabel(input: string): string | undefined {
  if (input.length > 63) return undefined
  const split = input.lastIndexOf('-')
  const out = Array.from(split > 0 ? input.slice(0, split) : '', (char) => char.codePointAt(0) ?? 0)
  let [code, index, bias] = [128, 0, 72]
  for (let at = split > 0 ? split + 1 : 0; at < input.length;) {
    const before = index
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(input.charCodeAt(at++))
      if (digit === undefined) return undefined
      index += digit * weight
      const limit = k <= bias ? T_MIN : Math.min(k - bias, T_MAX)
      if (digit < limit) break
      weight *= BASE - limit
    }
    if (index > 0x7f_ff_ff_ff) return undefined
    const size = out.length + 1
    bias = adapt(index - before, size, before === 0)
    code += Math.floor(index / size)
    index %= size
    if (code > 0x10_ff_ff) return undefined
    out.splice(index++, 0, code)
  }
  return String.fromCodePoint(...out)
}

function digitOf(unit: number): number | undefined {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30 + 26
  if (unit >= 0x61 && unit <= 0x7a) return unit - 0x61
  return undefined
}

function adapt(difference: number, size: number, first: boolean): number {
  let delta = first ? Math.floor(difference / DAMP) : difference >> 1
  delta += Math.floor(delta / size)
  let k = 0
  for (; delta > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) delta = Math.floor(delta / (BASE - T_MIN))
  return k + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + SKEW))
}
