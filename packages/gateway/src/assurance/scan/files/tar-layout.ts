const BLOCK = 512
/** Members that say something about the next one, or about all. */
const PAX = new Set(['x', 'g'])
const KNOWN = new Set(['0', '\0', '7', '1', '2', '5', 'L', 'x', 'g'])

/**
 * Where readers of tar would disagree about what is in an archive; undefined when they would not. Headers with a wrong sum, sizes that are
 * said twice, members after the end, kinds that few know (T-145).
 */
export function tarFault(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let isNamed = false
  let said: string | undefined
  for (let at = 0; at + BLOCK <= buffer.length;) {
    const header = buffer.subarray(at, at + BLOCK)
    if (isZero(header)) return isZero(buffer.subarray(at)) ? undefined : 'there is something behind its end'
    const octal = /^ *([0-7]{1,11})[ \0]*$/.exec(header.toString('latin1', 124, 136))?.[1]
    if (octal === undefined) return 'the size of a member is none'
    if (sumOf(header) !== Number.parseInt(header.toString('latin1', 148, 156), 8))
      return 'the header of a member is damaged'
    const type = String.fromCharCode(header[156] ?? 0)
    if (!KNOWN.has(type)) return 'a member is of a kind that is not taken'
    const size = Number.parseInt(octal, 8)
    if ('125'.includes(type) && size > 0) return 'a link or folder has content'
    const data = buffer.subarray(at + BLOCK, at + BLOCK + size)
    if (data.length < size) return 'it ends within a member'
    if (type === 'L') {
      if (isNamed) return 'a member has two names'
      isNamed = true
    } else if (PAX.has(type)) {
      const records = readPax(data, type)
      if (typeof records === 'string') return records
      if (records.has('path') && isNamed) return 'a member has two names'
      if (records.has('size') && said !== undefined) return 'a member has two sizes'
      isNamed ||= records.has('path')
      said ??= records.get('size')
    } else {
      if (said !== undefined && said !== String(size)) return 'a member has two sizes'
      isNamed = false
      said = undefined
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return buffer.length % BLOCK === 0 ? undefined : 'it ends within a member'
}

/** The commit that `git archive` writes into an archive: the comment of a header for all members, in front. */
export function tarComment(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2 * BLOCK))
  if (String.fromCharCode(head[156] ?? 0) !== 'g') return undefined
  return /^\d{1,3} comment=([0-9a-f]{40})\n/.exec(head.toString('latin1', BLOCK))?.[1]
}

/** What the extended header of a member says must be said once, and must not be what the reader does not heed. */
function readPax(data: Buffer, type: string): ReadonlyMap<string, string> | string {
  const seen = new Map<string, string>()
  for (let at = 0; at < data.length;) {
    if (isZero(data.subarray(at))) return seen
    const space = data.indexOf(0x20, at)
    const digits = data.toString('latin1', at, Math.min(space, at + 9))
    const length = /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : 0
    const record = data.subarray(space + 1, at + length)
    if (space < 0 || length === 0 || at + length > data.length || record.at(-1) !== 0x0a)
      return 'an extended header is damaged'
    const equals = record.indexOf(0x3d)
    const key = record.toString('utf8', 0, Math.max(0, equals))
    const value = record.subarray(equals + 1, -1)
    if (equals <= 0 || seen.has(key)) return 'an extended header says something twice'
    if (/^(?:GNU\.sparse\..*|hdrcharset)$/.test(key)) return 'a member is of a kind that is not taken'
    if (type === 'g' && /^(?:path|linkpath|size)$/.test(key)) return 'an extended header names all members'
    // some readers look for lines and not for lengths
    if (value.includes(0x0a)) return 'an extended header has a line break in it'
    if (key === 'path' && (value.includes(0) || value.length === 0)) return 'a member has no name'
    seen.set(key, value.toString('utf8'))
    at += length
  }
  return seen
}

const isZero = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0)

/** Of all bytes, those of the sum itself as spaces. */
function sumOf(header: Buffer): number {
  let sum = 0
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte
  return sum
}
