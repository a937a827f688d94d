import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'

/** A request whose body has not been looked at. */
export interface Message {
  readonly headers: IncomingMessage['headers']
  readonly hasBody: boolean
  /** The whole body; undefined when it is longer than `most` bytes. */
  readonly read: (most: number) => Promise<Buffer | undefined>
}

/** A body has to be there after so long, ms. */
const BODY_LIMIT = 600_000

/** What a client inside sends. */
export const incomingMessage = (request: IncomingMessage): Message => ({
  headers: request.headers,
  hasBody: hasBody(request),
  read: async (most) => {
    const body = await readBody(request, most, BODY_LIMIT)
    if (body === 'unfinished') throw new Error('The body did not come to its end.')
    return body === 'too_large' ? undefined : body
  },
})

/** What is here already. */
export const wholeMessage = (headers: Message['headers'], body: Buffer | undefined): Message => ({
  headers,
  hasBody: body !== undefined,
  read: async (most) => Promise.resolve(body === undefined || body.length > most ? undefined : body),
})

/** Whether there is anything behind the head of a request (RFC 9112 section 6.3). */
const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

/**
 * The whole body of a request, or why there is none; then the rest is left where it is, and the request can still be answered.
 * @param most bytes
 * @param limit ms until it has to be there
 */
export async function readBody(
  request: IncomingMessage,
  most: number,
  limit: number,
): Promise<Buffer | 'too_large' | 'unfinished'> {
  if (Number(request.headers['content-length'] ?? 0) > most) return 'too_large'
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const over = (what: Buffer | 'too_large' | 'unfinished'): void => {
      clearTimeout(late)
      request.off('data', take).off('end', end).off('close', broken).pause()
      resolve(what)
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size > most) over('too_large')
    }
    const end = (): void => over(Buffer.concat(chunks, size))
    const broken = (): void => over('unfinished')
    const late = setTimeout(broken, limit)
    request.on('data', take).once('end', end).once('close', broken)
  })
}

/** A body as its reader will see it; undefined for an encoding that is not known here, a broken one, or more than `most` bytes. */
export async function decodeBody(
  body: Buffer,
  encoding: string | undefined,
  most: number,
): Promise<Buffer | undefined> {
  const name = (encoding ?? 'identity').trim().toLowerCase()
  if (name === 'identity' || name === '') return body
  const decoder = await decoderOf(name)
  if (decoder === undefined) return undefined
  decoder.end(body)
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of decoder as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > most) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

async function decoderOf(name: string): Promise<Transform | undefined> {
  const { createBrotliDecompress, createGunzip, createInflate } = await import('node:zlib')
  if (name === 'gzip' || name === 'x-gzip') return createGunzip()
  return name === 'deflate' ? createInflate() : name === 'br' ? createBrotliDecompress() : undefined
}
