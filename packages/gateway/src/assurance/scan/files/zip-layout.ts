import { fromBufferPromise } from 'yauzl'

const LOCAL = 0x04034b50
const LOCAL_LENGTH = 30
/** Longest that a data descriptor is, bytes. */
const MOST_DESCRIPTOR = 24
const ENTRY_LENGTH = 46
/** Another name of the entry, in an extra field of Info-ZIP. */
const UNICODE_PATH = 0x7075
const END_LENGTH = 22

interface Place {
  readonly start: number
  readonly end: number
}

/**
 * Where readers of zip would disagree about what is in an archive; undefined when they would not: a name that is another one in front of
 * the data, bytes that belong to no member, members that share bytes, a second name, or more entries than there are said to be (T-145).
 */
export async function zipFault(bytes: Uint8Array): Promise<string | undefined> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const zip = await fromBufferPromise(buffer, {
    lazyEntries: true,
    autoClose: false,
    decodeStrings: false,
    strictFileNames: false,
  } as never)
  const comment = Buffer.from(zip.comment as unknown as Uint8Array)
  // it can hold a second directory
  if (comment.includes('PK')) return 'its comment looks like a part of it'
  const places: Place[] = []
  let directory = 0
  for await (const entry of zip.eachEntry()) {
    const name = Buffer.from(entry.fileName as unknown as Uint8Array)
    if (entry.extraFields.some(({ id }) => id === UNICODE_PATH)) return 'a member has two names'
    const start = entry.relativeOffsetOfLocalHeader
    if (start + LOCAL_LENGTH > buffer.length || buffer.readUInt32LE(start) !== LOCAL)
      return 'a member is not where it should be'
    const nameLength = buffer.readUInt16LE(start + 26)
    const data = start + LOCAL_LENGTH + nameLength + buffer.readUInt16LE(start + 28)
    if (!name.equals(buffer.subarray(start + LOCAL_LENGTH, start + LOCAL_LENGTH + nameLength)))
      return 'a member has two names'
    if (buffer.readUInt16LE(start + 8) !== entry.compressionMethod) return 'a member is packed in two ways'
    places.push({ start, end: data + entry.compressedSize })
    directory += ENTRY_LENGTH + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength
  }
  return gapIn(places, buffer.length - directory - END_LENGTH - comment.length)
}

/** @param directory where the directory begins, when nothing lies between it and the end */
function gapIn(places: readonly Place[], directory: number): string | undefined {
  let at = 0
  for (const { start, end } of places.toSorted((a, b) => a.start - b.start)) {
    if (start < at) return 'members share bytes'
    if (start - at > (at === 0 ? 0 : MOST_DESCRIPTOR)) return 'there are bytes in it that belong to no member'
    at = end
  }
  // archives that need more than 4 GB have two more records there, and are too large anyway
  return directory < at || directory - at > MOST_DESCRIPTOR
    ? 'there are bytes in it that belong to no member'
    : undefined
}
