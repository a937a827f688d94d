import { createGunzip } from 'node:zlib'
import { Readable } from 'node:stream'
import { fromBufferPromise, type Entry } from 'yauzl'
import { subjectFile } from './decode.ts'
import type { ReadingNote, ReadLimits, SubjectFile } from './file.ts'
import { byteKind } from './kind.ts'
import { tarFault } from './tar-layout.ts'
import { zipFault } from './zip-layout.ts'

/** What is left of the bounds of a scan; shared by all archives of a subject. */
export interface Budget {
  readonly limits: ReadLimits
  files: number
  bytes: number
}

/** What an archive holds. Nothing of it is written anywhere. */
export interface Unpacked {
  readonly files: readonly SubjectFile[]
  readonly notes: readonly ReadingNote[]
}

/** What makes a zip an office document, and the members of one whose text the reader of documents reads. */
const OFFICE: readonly (readonly [mark: string, holds: RegExp, part: string, read: RegExp])[] = [
  ['[Content_Types].xml', /<Types\b/, 'word/document.xml', /^(?:\[Content_Types\]\.xml$|word\/[^!]*\.(?:xml|rels)$)/],
  ['[Content_Types].xml', /<Types\b/, 'xl/workbook.xml', /^(?:\[Content_Types\]\.xml$|xl\/[^!]*\.(?:xml|rels)$)/],
  ['[Content_Types].xml', /<Types\b/, 'ppt/presentation.xml', /^(?:\[Content_Types\]\.xml$|ppt\/[^!]*\.(?:xml|rels)$)/],
  ['mimetype', /^application\/vnd\.oasis\.opendocument\./, 'content.xml', /^(?:mimetype|content\.xml)$/],
]

/** The members that are read as a part of their document; undefined: the archive is no office document, and each is a file of its own. */
function officeParts(members: readonly Member[]): RegExp | undefined {
  const text = (name: string): string | undefined => {
    const member = members.find((one) => one.name === name)
    return member === undefined ? undefined : Buffer.from(member.bytes).toString('utf8', 0, 4_000)
  }
  return OFFICE.find(([mark, holds, part]) => holds.test(text(mark) ?? '') && text(part) !== undefined)?.[3]
}

/**
 * Unpacks zip, tar and gzip in memory, archives in archives as well, within the bounds. What is not unpacked is a note, and so is a
 * name that would leave its folder, and what other readers would find something else in (T-145, T-146).
 */
export async function unpack(file: SubjectFile, budget: Budget, depth = 1): Promise<Unpacked> {
  const { path, kind } = file
  const own = kind === 'zip' || kind === 'gzip' || kind === 'tar' ? await unpackOne(file, budget, depth) : NOTHING
  const behind = kind === 'zip' || kind === 'tar' ? undefined : zipBehind(file)
  if (behind === undefined) return own
  const { files, notes } = await unpackOne(behind, budget, depth)
  // a program may stand in front of its parts, and has no reason to look like anything else
  const odd: readonly ReadingNote[] =
    kind === 'text' || kind === 'binary' ? [] : [{ name: 'layout', path, detail: `a zip archive behind ${kind}` }]
  return { files: [...own.files, ...files], notes: [...own.notes, ...odd, ...notes] }
}

async function unpackOne(file: SubjectFile, budget: Budget, depth: number): Promise<Unpacked> {
  const { path, kind } = file
  if (depth > budget.limits.nesting)
    return { files: [], notes: [{ name: 'too-deep', path, detail: `archive in archive ${depth} deep` }] }
  const { members, notes, tar = file.bytes } = await readMembers(file, budget)
  if (notes.length === 0) {
    const isTape = kind === 'tar' || tar !== file.bytes
    const fault = isTape ? tarFault(tar) : kind === 'zip' ? await zipFault(file.bytes) : undefined
    if (fault !== undefined) notes.push({ name: 'layout', path, detail: fault })
  }
  const files: SubjectFile[] = []
  const seen = new Set<string>()
  for (const { name, bytes, executable } of members) {
    if (leaves(name)) notes.push({ name: 'traversal', path, detail: name.slice(0, 200) })
    const clean = name.replaceAll('\\', '/')
    if (seen.has(clean)) notes.push({ name: 'duplicate', path, detail: clean.slice(0, 200) })
    seen.add(clean)
    const member = subjectFile(`${path}!${clean}`, bytes, executable)
    files.push(member)
    const inner = await unpack(member, budget, depth + 1)
    files.push(...inner.files)
    notes.push(...inner.notes)
  }
  const parts = kind === 'zip' ? officeParts(members) : undefined
  return {
    files: parts === undefined ? files : files.filter(({ path: inner }) => !parts.test(inner.slice(path.length + 1))),
    notes,
  }
}

const NOTHING: Unpacked = { files: [], notes: [] }

const ZIP_END = Buffer.from('PK\x05\x06', 'latin1')
const ZIP_END_LENGTH = 22
const ZIP_ENTRY = 0x02014b50
const ZIP_64 = 0xffffffff
/** Readers of zip look for its end so far from the end of the file. */
const MOST_BEHIND = 65_535 + ZIP_END_LENGTH

/** The archive behind another beginning: readers of zip begin at the end, so that `python logo.png` runs what lies there. */
function zipBehind(file: SubjectFile): SubjectFile | undefined {
  const buffer = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length)
  const first = Math.max(0, buffer.length - MOST_BEHIND)
  let end = buffer.lastIndexOf(ZIP_END, buffer.length - ZIP_END_LENGTH)
  for (; end >= first && end > 0; end = buffer.lastIndexOf(ZIP_END, end - 1)) {
    const [size, offset] = [buffer.readUInt32LE(end + 12), buffer.readUInt32LE(end + 16)]
    if (size === ZIP_64 || offset === ZIP_64) return { ...file, kind: 'zip' }
    const [directory, comment] = [end - size, buffer.readUInt16LE(end + 20)]
    if (directory - offset >= 0 && size >= 4 && buffer.readUInt32LE(directory) === ZIP_ENTRY)
      return { ...file, kind: 'zip', bytes: file.bytes.subarray(directory - offset, end + ZIP_END_LENGTH + comment) }
  }
  return undefined
}

/** A file in an archive, under the name that it has there. */
interface Member {
  readonly name: string
  readonly bytes: Uint8Array
  readonly executable: boolean
}

/** The files of one archive, without those of archives in it. */
export interface Members {
  readonly members: readonly Member[]
  /** Names of links; no file stands for them. */
  readonly links: readonly string[]
  readonly notes: ReadingNote[]
  /** What a gzip file held. */
  readonly tar?: Uint8Array
}

interface Reading {
  readonly members: Member[]
  readonly links: string[]
  readonly notes: ReadingNote[]
  readonly budget: Budget
}

/** Reads one archive within the bounds; a bound that is reached is a note, and what was read before it is there. */
export async function readMembers(file: SubjectFile, budget: Budget): Promise<Members> {
  const { path, kind } = file
  const into: Reading = { members: [], links: [], notes: [], budget }
  let tar: Uint8Array | undefined
  try {
    if (kind === 'zip') await zipMembers(file, into)
    else if (kind === 'tar') tarMembers(file.bytes, path, into)
    else {
      const bytes = await gunzip(file.bytes, budget)
      if (byteKind(bytes) === 'tar') tarMembers((tar = bytes), path, into)
      else {
        const name = path.replace(/.*[/!]/, '').replace(/\.gz$/i, '') || 'content'
        into.members.push({ name, bytes, executable: false })
      }
    }
  } catch (thrown) {
    into.notes.push(
      thrown instanceof Bound
        ? { name: thrown.kind, path, detail: thrown.message }
        : { name: 'malformed', path, detail: String(thrown).slice(0, 120) },
    )
  }
  const { members, links, notes } = into
  return { members, links, notes, ...(tar === undefined ? {} : { tar }) }
}

/** A bound that was reached. */
class Bound extends Error {
  readonly kind: ReadingNote['name']
  constructor(kind: ReadingNote['name'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** Whether a name of a member would leave the folder that it is put into. */
const leaves = (name: string): boolean =>
  /^(?:[/\\]|[A-Za-z]:)/.test(name) || name.split(/[/\\]/).includes('..') || name.includes('\0')

function take(budget: Budget, size: number, packed: number): void {
  budget.bytes -= size
  if (budget.bytes < 0) throw new Bound('bomb', 'the subject unpacks to more than is read')
  if (size > budget.limits.ratioFrom && size / Math.max(1, packed) > budget.limits.ratio)
    throw new Bound('bomb', `${size} bytes out of ${packed}`)
}

function count(budget: Budget): void {
  if (--budget.files < 0) throw new Bound('too-many', `more than ${budget.limits.files} files`)
}

async function collect(stream: AsyncIterable<Uint8Array>, budget: Budget, packed: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > budget.limits.file) throw new Bound('bomb', `a member unpacks to more than ${budget.limits.file} bytes`)
    if (size > budget.limits.ratioFrom && size / Math.max(1, packed) > budget.limits.ratio)
      throw new Bound('bomb', `${size} bytes and more out of ${packed}`)
    chunks.push(chunk)
  }
  take(budget, size, packed)
  return Buffer.concat(chunks)
}

const gunzip = (bytes: Uint8Array, budget: Budget): Promise<Buffer> => {
  const stream = Readable.from([bytes]).pipe(createGunzip())
  return collect(stream as AsyncIterable<Uint8Array>, budget, bytes.length)
}

async function zipMembers({ bytes, path }: SubjectFile, { budget, members, links, notes }: Reading): Promise<void> {
  // names are judged here, so that one that leaves its folder is a finding and not an error
  const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
    lazyEntries: true,
    autoClose: false,
    decodeStrings: false,
    strictFileNames: false,
  } as never)
  for await (const entry of zip.eachEntry()) {
    const name = nameOf(entry)
    if (/[/\\]$/.test(name)) {
      if (leaves(name)) notes.push({ name: 'traversal', path, detail: name.slice(0, 200) })
      continue
    }
    count(budget)
    const mode = (entry.externalFileAttributes >>> 16) & 0xffff
    if (entry.isEncrypted()) {
      notes.push({ name: 'encrypted', path: `${path}!${name}`, detail: 'a member is encrypted' })
      continue
    }
    const stream = await zip.openReadStreamPromise(entry)
    const data = await collect(stream as AsyncIterable<Uint8Array>, budget, entry.compressedSize)
    if ((mode & 0xf000) === 0xa000) {
      const target = data.toString('utf8').slice(0, 400)
      links.push(name)
      if (leaves(target)) notes.push({ name: 'symlink', path: `${path}!${name}`, detail: `leads to ${target}` })
      continue
    }
    members.push({ name, bytes: data, executable: (mode & 0o111) !== 0 })
  }
}

function nameOf(entry: Entry): string {
  const name: unknown = entry.fileName
  return typeof name === 'string' ? name : Buffer.from(name as Uint8Array).toString('utf8')
}

const BLOCK = 512

/** ustar, GNU long names and pax paths. */
function tarMembers(bytes: Uint8Array, path: string, { budget, members, links, notes }: Reading): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const field = (at: number, from: number, length: number): string =>
    buffer.toString('utf8', at + from, at + from + length).replace(/\0[^]*$/, '')
  let long: string | undefined
  for (let at = 0; at + BLOCK <= buffer.length;) {
    if (buffer.subarray(at, at + BLOCK).every((byte) => byte === 0)) break
    const size = Number.parseInt(field(at, 124, 12).trim() || '0', 8)
    if (!Number.isFinite(size) || size < 0 || at + BLOCK + size > buffer.length)
      throw new Bound('malformed', 'a member is longer than the archive')
    const type = String.fromCharCode(buffer[at + 156] ?? 0)
    const data = buffer.subarray(at + BLOCK, at + BLOCK + size)
    const prefix = field(at, 345, 155)
    const name = long ?? (prefix === '' ? field(at, 0, 100) : `${prefix}/${field(at, 0, 100)}`)
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
    if (type === 'L') long = data.toString('utf8').replace(/\0[^]*$/, '')
    else if (type === 'x' || type === 'g') long = /(?:^|\n)\d+ path=([^\n]*)/.exec(data.toString('utf8'))?.[1] ?? long
    else {
      long = undefined
      if (type === '5') {
        if (leaves(name)) notes.push({ name: 'traversal', path, detail: name.slice(0, 200) })
        continue
      }
      count(budget)
      if (type === '1' || type === '2') {
        const target = field(at - BLOCK - Math.ceil(size / BLOCK) * BLOCK, 157, 100)
        links.push(name)
        if (leaves(target) || leaves(name))
          notes.push({ name: 'symlink', path: `${path}!${name}`, detail: `leads to ${target}` })
      } else if (type === '0' || type === '\0' || type === '7') {
        take(budget, size, size)
        members.push({
          name,
          bytes: Buffer.from(data),
          executable: (Number.parseInt(field(at - BLOCK - Math.ceil(size / BLOCK) * BLOCK, 100, 8), 8) & 0o111) !== 0,
        })
      } else notes.push({ name: 'special', path: `${path}!${name}`, detail: `member of type ${type}` })
    }
  }
}
