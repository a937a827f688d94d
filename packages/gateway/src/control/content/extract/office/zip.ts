import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl'
import { BudgetEnd, type Sink } from '../extraction.ts'

/** Bounds of a package. */
const ZIP_LIMITS = Object.freeze({
  entries: 2_000,
  /** Unpacked bytes of one part, and of all. */
  part: 24_000_000,
  total: 60_000_000,
  /** Unpacked ÷ packed, for parts beyond `ratioFrom` bytes. XML packs well, up to some 60. */
  ratio: 250,
  ratioFrom: 1_000_000,
})

export interface Package {
  /** Names of all parts, in order. */
  readonly names: readonly string[]
  /** Unpacked bytes; undefined when there is no such part. @throws BudgetEnd when it unpacks to too much. */
  read(name: string): Promise<Buffer | undefined>
  /** Text behind the directory. */
  readonly comment: string
}

/**
 * Opens a zip in memory. Nothing is unpacked before it is read, and no more than is allowed; sizes that the directory claims are
 * not trusted.
 * @throws BudgetEnd `document.malformed`, `document.bomb`, `document.encrypted`
 */
export async function openPackage(bytes: Uint8Array, sink: Sink): Promise<Package> {
  const zip = await orMalformed(
    fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
      lazyEntries: true,
      autoClose: false,
    }),
  )
  if (zip.entryCount > ZIP_LIMITS.entries) throw new BudgetEnd('document.bomb', 'The package has too many parts.')
  const entries = new Map<string, Entry>()
  await orMalformed(
    (async () => {
      for await (const entry of zip.eachEntry()) {
        if (entries.has(entry.fileName)) sink.note('document.malformed', 'The package holds a part twice.')
        entries.set(entry.fileName, entry)
      }
    })(),
  )
  let total = 0
  return {
    names: [...entries.keys()],
    comment: zip.comment,
    async read(name) {
      const entry = entries.get(name)
      if (entry === undefined) return undefined
      if (entry.isEncrypted()) throw new BudgetEnd('document.encrypted', 'A part of the package is encrypted.')
      const data = await orMalformed(unpack(zip, entry, ZIP_LIMITS.total - total, sink))
      total += data.length
      return data
    },
  }
}

async function unpack(zip: ZipFile, entry: Entry, left: number, sink: Sink): Promise<Buffer> {
  const limit = Math.min(left, ZIP_LIMITS.part)
  const chunks: Buffer[] = []
  let size = 0
  const stream = await zip.openReadStreamPromise(entry)
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length
      sink.spend(chunk.length)
      const ratio = size / Math.max(1, entry.compressedSize)
      if (size > limit || (size > ZIP_LIMITS.ratioFrom && ratio > ZIP_LIMITS.ratio)) {
        throw new BudgetEnd('document.bomb', 'A part of the package unpacks to too much.')
      }
      chunks.push(chunk)
    }
  } finally {
    stream.destroy()
  }
  return Buffer.concat(chunks)
}

async function orMalformed<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (thrown) {
    if (thrown instanceof BudgetEnd) throw thrown
    throw new BudgetEnd('document.malformed', `The package cannot be read: ${String(thrown).slice(0, 120)}`)
  }
}
