import type { Readable } from 'node:stream'
import { createBrotliDecompress, createUnzip } from 'node:zlib'
import { SallyportError } from '@sallyport/core'
import type { Answer } from '../egress/ask.ts'

export interface Body {
  readonly bytes: Buffer
  /** There was more of it. */
  readonly cut: boolean
}

/** One encoding at most: packing what is packed already is how small answers become large ones. */
const UNPACKERS = new Map<string, () => NodeJS.ReadWriteStream>([
  ['gzip', () => createUnzip()],
  ['x-gzip', () => createUnzip()],
  ['deflate', () => createUnzip()],
  ['br', () => createBrotliDecompress()],
])
/** RFC 9112 section 6.3. */
const BODILESS: ReadonlySet<number> = new Set([204, 304])
export const UNPACKED = 'gzip, deflate, br'

/**
 * Reads a body to its end, or to `most` bytes, packed as unpacked. The connection is gone afterwards.
 * @throws SallyportError SP_EGRESS_ANSWER for one that is broken or packed otherwise, and whatever `signal` is aborted with
 */
export async function readBody(answer: Answer, most: number, signal: AbortSignal, method = 'GET'): Promise<Body> {
  const encoding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  // nothing is not packed, whatever is said of it (RFC 9110 section 6.4.1)
  const isEmpty = method === 'HEAD' || BODILESS.has(answer.statusCode) || answer.headers['content-length'] === '0'
  const unpacker = isEmpty ? undefined : UNPACKERS.get(encoding)
  try {
    if (!isEmpty && encoding !== 'identity' && encoding !== '' && unpacker === undefined)
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
function unpacked(answer: Answer, unpacker: NodeJS.ReadWriteStream, most: number): NodeJS.ReadableStream {
  let taken = 0
  answer.on('data', (chunk: Buffer) => {
    taken += chunk.length
    if (taken > 2 * most) answer.destroy(new Error('too much'))
  })
  answer.once('error', (error) => (unpacker as unknown as Readable).destroy(error))
  return answer.pipe(unpacker)
}
