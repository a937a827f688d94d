import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

export interface Entry {
  readonly name: string
  readonly content?: string | Uint8Array
  /** Name in front of the data, when it is another one. */
  readonly localName?: string
  readonly mode?: number
  readonly encrypted?: boolean
  readonly extra?: Buffer
  /** Of tar: type and target. */
  readonly type?: string
  readonly target?: string
}

const bytesOf = (content: string | Uint8Array = ''): Buffer => Buffer.from(content as string)

/** A zip archive, with whatever lies are told. */
export function zip(entries: readonly Entry[], { before = '', between = '', comment = '' } = {}): Buffer {
  const parts: Buffer[] = [Buffer.from(before)]
  const directory: Buffer[] = []
  let at = before.length
  for (const {
    name,
    localName = name,
    content,
    mode = 0o100644,
    encrypted = false,
    extra = Buffer.alloc(0),
  } of entries) {
    const raw = bytesOf(content)
    const data = deflateRawSync(raw)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(encrypted ? 1 : 0, 2)
    head.writeUInt16LE(8, 4)
    head.writeUInt32LE(crc32(raw), 10)
    head.writeUInt32LE(data.length, 14)
    head.writeUInt32LE(raw.length, 18)
    const local = Buffer.from(head)
    local.writeUInt16LE(Buffer.byteLength(localName), 22)
    const member = Buffer.concat([Buffer.from('PK\x03\x04'), local, Buffer.from(localName), data, Buffer.from(between)])
    head.writeUInt16LE(Buffer.byteLength(name), 22)
    head.writeUInt16LE(extra.length, 24)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((mode << 16) >>> 0, 6)
    tail.writeUInt32LE(at, 10)
    directory.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), head, tail, Buffer.from(name), extra)
    parts.push(member)
    at += member.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(at, 12)
  end.writeUInt16LE(comment.length, 16)
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06'), end, Buffer.from(comment)])
}

const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)])

/** One member of a tar archive. */
export function tarMember({ name, content, type = '0', target = '', mode = 0o644 }: Entry): Buffer {
  const data = bytesOf(content)
  const head = Buffer.alloc(512)
  head.write(name, 0, 100)
  head.write(`${mode.toString(8).padStart(7, '0')}\0`, 100)
  head.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124)
  head.write('00000000000\0', 136)
  head.write('        ', 148)
  head.write(type, 156, 'latin1')
  head.write(target, 157, 100)
  head.write('ustar\x0000', 257, 'latin1')
  const sum = head.reduce((all, byte) => all + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([head, padded(data)])
}

/** What an extended header says, with the lengths that it needs. */
export function pax(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`
      let length = Buffer.byteLength(rest)
      while (String(length).length + Buffer.byteLength(rest) !== length)
        length = String(length).length + Buffer.byteLength(rest)
      return `${length}${rest}`
    })
    .join('')
}

export const tar = (entries: readonly Entry[]): Buffer => Buffer.concat([...entries.map(tarMember), Buffer.alloc(1024)])
export const tgz = (entries: readonly Entry[]): Buffer => gzipSync(tar(entries))
/** As `git archive` makes it. */
export const commitArchive = (commit: string, entries: readonly Entry[]): Buffer =>
  tgz([{ name: 'pax_global_header', type: 'g', content: pax({ comment: commit }) }, ...entries])
