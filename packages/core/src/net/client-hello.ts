/** What the first bytes of a connection are. */
export type Opening =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'not-tls' }
  /** A ClientHello; `serverName` in lower case, undefined when it names nobody. With ECH it is the outer name. */
  | { readonly kind: 'hello'; readonly serverName: string | undefined }

/** Longest ClientHello that is waited for, bytes: with post-quantum keys they have some 2 KiB. */
export const LONGEST_HELLO = 32 * 1_024
const HANDSHAKE = 22
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const HEADER = 5

/**
 * Reads the server name of a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3), also when it comes in several records. Lengths
 * that do not fit are no TLS.
 */
export function readOpening(bytes: Uint8Array): Opening {
  const joined = handshakeOf(bytes)
  if (!(joined instanceof Uint8Array)) return joined
  const reader = new Reader(joined)
  if (reader.byte() !== CLIENT_HELLO) return NOT_TLS
  const length = reader.number(3)
  if (length > LONGEST_HELLO) return NOT_TLS
  if (joined.length < 4 + length) return bytes.length > LONGEST_HELLO ? NOT_TLS : INCOMPLETE
  const hello = new Reader(joined.subarray(4, 4 + length))
  hello.skip(2 + 32)
  hello.skip(hello.number(1))
  hello.skip(hello.number(2))
  hello.skip(hello.number(1))
  const extensions = hello.part(hello.number(2))
  if (hello.failed || extensions.failed) return NOT_TLS
  let serverName: string | undefined
  while (!extensions.ended) {
    const type = extensions.number(2)
    const content = extensions.part(extensions.number(2))
    if (extensions.failed) return NOT_TLS
    if (type !== SERVER_NAME) continue
    // a second name would be one for us and one for the server
    if (serverName !== undefined) return NOT_TLS
    serverName = nameIn(content)
    if (serverName === undefined) return NOT_TLS
  }
  return { kind: 'hello', serverName }
}

const INCOMPLETE: Opening = Object.freeze({ kind: 'incomplete' })
const NOT_TLS: Opening = Object.freeze({ kind: 'not-tls' })

/** Handshake bytes of the first records, as far as they are here. */
function handshakeOf(bytes: Uint8Array): Uint8Array | Opening {
  const parts: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const [type = 0, major = 3, , high = 0, low = 0] = bytes.subarray(at, at + HEADER)
    if (type !== HANDSHAKE || major !== 3) return parts.length === 0 ? NOT_TLS : join(parts)
    if (bytes.length < at + HEADER) break
    const length = (high << 8) | low
    if (length === 0 || length > 16_384) return NOT_TLS
    parts.push(bytes.subarray(at + HEADER, at + HEADER + length))
    at += HEADER + length
  }
  const joined = join(parts)
  return joined.length < 4 ? INCOMPLETE : joined
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** The one host name of a `server_name` extension. */
function nameIn(content: Reader): string | undefined {
  const list = content.part(content.number(2))
  if (content.failed || !content.ended || list.number(1) !== 0) return undefined
  const name = list.rest(list.number(2))
  if (list.failed || !list.ended || name.length === 0) return undefined
  const text = String.fromCharCode(...name)
  return /^[\x21-\x7e]{1,255}$/.test(text) ? text.toLowerCase() : undefined
}

/** Reads numbers and parts; what is not there is 0 and `failed`. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0
  failed = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }

  byte(): number {
    return this.number(1)
  }

  number(size: 1 | 2 | 3): number {
    let value = 0
    for (const byte of this.rest(size)) value = (value << 8) | byte
    return value
  }

  skip(length: number): void {
    this.rest(length)
  }

  rest(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) {
      this.failed = true
      this.#at = this.#bytes.length
      return new Uint8Array(0)
    }
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  part(length: number): Reader {
    return new Reader(this.rest(length))
  }
}
