import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Transform } from 'node:stream'

/** Why a body was not read: longer than it may be, no room for it, or its end did not come. */
export type Unread = 'long' | 'crowded' | 'unfinished'

/** A request whose body has not been looked at. */
export interface Message {
  readonly headers: IncomingMessage['headers']
  readonly hasBody: boolean
  /** The whole body, if it has at most so many bytes. */
  readonly read: (most: number) => Promise<Buffer | Unread>
}

/** A body has to be there after so long, ms. */
const BODY_LIMIT = 600_000

/** What a client inside sends. */
export const incomingMessage = (request: IncomingMessage, take: TakeRoom, limit = BODY_LIMIT): Message => ({
  headers: request.headers,
  hasBody: hasBody(request),
  read: async (most) => readBody(request, most, take, limit),
})

/** What is here already. */
export const wholeMessage = (headers: Message['headers'], body: Buffer | undefined): Message => ({
  headers,
  hasBody: body !== undefined,
  read: async (most) => Promise.resolve(body === undefined || body.length > most ? 'long' : body),
})

/** Whether there is anything behind the head of a request (RFC 9112 section 6.3). */
export const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

/** Takes room for so many bytes more of one body, which must not get longer than `most`; false: there is none. */
type TakeRoom = (bytes: number, most: number) => boolean

/** Bytes of bodies that one sandbox may have in here at once, unless one alone may be longer. */
const MOST_HELD = 64 << 20

/** Room for the bodies of one sandbox: what a request takes it has until it is answered. */
export function createRoom(): (response: Pick<ServerResponse, 'once' | 'closed'>) => TakeRoom {
  let held = 0
  return (response) => {
    let [own, isOver] = [0, false]
    const over = (): void => {
      isOver = true
      held -= own
    }
    return (bytes, most) => {
      if (isOver || response.closed || held + bytes > Math.max(MOST_HELD, most)) return false
      if (own === 0) response.once('close', over)
      held += bytes
      own += bytes
      return true
    }
  }
}

/**
 * The whole body of a request, or why there is none; then the rest is left where it is, and the request can still be answered.
 * @param most bytes
 * @param limit ms until it has to be there
 */
async function readBody(
  request: IncomingMessage,
  most: number,
  take: TakeRoom,
  limit: number,
): Promise<Buffer | Unread> {
  if (Number(request.headers['content-length'] ?? 0) > most) return 'long'
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const over = (what: Buffer | Unread): void => {
      clearTimeout(late)
      request.off('data', more).off('end', end).off('close', broken).pause()
      resolve(what)
    }
    const more = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size > most) over('long')
      else if (!take(chunk.length, most)) over('crowded')
    }
    const end = (): void => over(Buffer.concat(chunks, size))
    const broken = (): void => over('unfinished')
    const late = setTimeout(broken, limit)
    request.on('data', more).once('end', end).once('close', broken)
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
