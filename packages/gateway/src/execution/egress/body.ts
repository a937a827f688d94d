import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Transform } from 'node:stream'

/** A request whose body has not been looked at. */
export interface Message {
  readonly headers: IncomingMessage['headers']
  readonly hasBody: boolean
  /** The whole body; `long` when it is longer than `most` bytes, `crowded` when there is no room for it. */
  readonly read: (most: number) => Promise<Buffer | 'long' | 'crowded'>
}

/** What a client inside sends. */
export const incomingMessage = (request: IncomingMessage, take: TakeRoom): Message => ({
  headers: request.headers,
  hasBody: hasBody(request),
  read: async (most) => readBody(request, most, take),
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
export function createRoom(): (response: Pick<ServerResponse, 'once'>) => TakeRoom {
  let held = 0
  return (response) => {
    let [own, isOver] = [0, false]
    response.once('close', () => {
      isOver = true
      held -= own
    })
    return (bytes, most) => {
      if (isOver || held + bytes > Math.max(MOST_HELD, most)) return false
      held += bytes
      own += bytes
      return true
    }
  }
}

/**
 * The whole body; `long` when it is longer than `most` bytes, `crowded` when there is no room for it: then the rest is not read. Rejects
 * when the client goes away.
 */
async function readBody(request: IncomingMessage, most: number, take: TakeRoom): Promise<Buffer | 'long' | 'crowded'> {
  if (Number(request.headers['content-length'] ?? 0) > most) return 'long'
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > most) return 'long'
    if (!take(chunk.length, most)) return 'crowded'
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
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
