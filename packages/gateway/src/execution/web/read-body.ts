import type { Readable } from 'node:stream'
import { createBrotliDecompress, createUnzip } from 'node:zlib'
import { SallyportError } from '@sallyport/core'

export interface Body {
  readonly bytes: Buffer
  /** There was more of it. */
  readonly cut: boolean
}

/** An answer whose body has not been read. */
export type Unread = Readable & { readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> }

/** One encoding at most: packing what is packed already is how small answers become large ones. */
const UNPACKERS = new Map<string, () => NodeJS.ReadWriteStream>([
  ['gzip', () => createUnzip()],
  ['x-gzip', () => createUnzip()],
  ['deflate', () => createUnzip()],
  ['br', () => createBrotliDecompress()],
])
export const UNPACKED = 'gzip, deflate, br'

/**
 * Reads a body to its end, or to `most` bytes, packed as unpacked. The connection is gone afterwards.
 * @throws SallyportError SP_EGRESS_ANSWER for one that is broken or packed otherwise, and whatever `signal` is aborted with
 */
export async function readBody(answer: Unread, most: number, signal: AbortSignal): Promise<Body> {
  const encoding = String(answer.headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase()
  const unpacker = UNPACKERS.get(encoding)
  try {
    if (encoding !== 'identity' && encoding !== '' && unpacker === undefined)
      throw new SallyportError('SP_EGRESS_ANSWER', 'It is packed in a way that was not asked for.')
    const chunks: Buffer[] = []
    let left = most
    const source = unpacker === undefined ? answer : unpacked(answer, unpacker(), most)
    for await (const chunk of source as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, left))
      left -= chunk.length
      if (left < 0) break
    }
    return { bytes: Buffer.concat(chunks), cut: left < 0 }
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof SallyportError) throw cause
    throw new SallyportError('SP_EGRESS_ANSWER', 'It ends before it is whole, or is packed wrongly.', { cause })
  } finally {
    answer.destroy()
  }
}

/** What unpacks to nothing for ever is bounded as well. */
function unpacked(answer: Unread, unpacker: NodeJS.ReadWriteStream, most: number): NodeJS.ReadableStream {
  let taken = 0
  answer.on('data', (chunk: Buffer) => {
    taken += chunk.length
    if (taken > 2 * most) answer.destroy(new Error('too much'))
  })
  answer.once('error', (error) => (unpacker as unknown as Readable).destroy(error))
  return answer.pipe(unpacker)
}
