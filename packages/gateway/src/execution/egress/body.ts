import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'

/** Whether there is anything behind the head of a request (RFC 9112 section 6.3). */
export const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

/** The whole body, or undefined when it is longer than `most` bytes; then the rest is not read. Rejects when the client goes away. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return undefined
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > most) return undefined
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
