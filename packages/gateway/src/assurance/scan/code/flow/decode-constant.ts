import { constantText, type Given, type Value } from './value.ts'

const LONGEST = 4096

/** A constant that is decoded, reversed or changed in case: what somebody hides in the text is constant all the same. */
export function decodeConstant(path: string, subject: Value, rest: readonly Given[]): string | undefined {
  const text = constantText(subject) ?? codesOf(subject)
  if (text === undefined || text.length > LONGEST) return undefined
  if (path === 'Buffer.alloc' || path === 'Uint8Array') return '\0'
  const name = path.slice(path.lastIndexOf('.') + 1)
  const [first] = rest
  const way = first === undefined ? undefined : constantText(first.value)
  switch (name) {
    case 'atob':
    case 'b64decode':
    case 'urlsafe_b64decode':
    case 'standard_b64decode':
    case 'decode64':
    case 'strict_decode64':
    case 'urlsafe_decode64':
      return Buffer.from(text, 'base64').toString('latin1')
    case 'from':
      if (way === 'base64' || way === 'base64url' || way === 'hex') return Buffer.from(text, way).toString('latin1')
      return text
    case 'fromhex':
    case 'unhexlify':
      return Buffer.from(text, 'hex').toString('latin1')
    case 'toLowerCase':
    case 'lower':
    case 'downcase':
      return text.toLowerCase()
    case 'toUpperCase':
    case 'upper':
    case 'upcase':
      return text.toUpperCase()
    case 'reverse':
      return [...text].reverse().join('')
    case 'unescape':
    case 'decodeURIComponent':
      return text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    default:
      return undefined
  }
}

/** `bytes([101, 118])`, `String.fromCharCode(…)`. */
function codesOf({ items }: Value): string | undefined {
  if (items === undefined || items.length === 0) return undefined
  const codes = items.map(({ atom }) => (typeof atom === 'number' ? atom : undefined))
  return codes.every((code) => code !== undefined && code >= 0 && code < 65536)
    ? String.fromCharCode(...(codes as number[]))
    : undefined
}
