import type { IncomingMessage } from 'node:http'
import { decodeUtf8, parseJson, SallyportError, type Json } from '@sallyport/core'

export interface Body {
  readonly text: string
  readonly value: Json | undefined
}

const TYPE = /^application\/json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?$/i

/**
 * Reads a body of at most `limit` bytes: strict UTF-8, strict JSON. Stops at the limit, whatever the head promised.
 * @throws SallyportError SP_JSON_*, SP_API_MEDIA_TYPE
 */
export async function readBody(
  request: IncomingMessage,
  type: string | undefined,
  limit: number,
  depth: number,
): Promise<Body> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limit) throw tooLarge(limit)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw tooLarge(limit)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    throw new SallyportError('SP_JSON_INVALID', 'The body ended early.', { cause })
  }
  if (size === 0) return { text: '', value: undefined }
  if (type === undefined || !TYPE.test(type)) throw new SallyportError('SP_API_MEDIA_TYPE')
  const text = decodeUtf8(Buffer.concat(chunks))
  return { text, value: parseJson(text, { maxLength: limit, maxDepth: depth }) }
}

const tooLarge = (limit: number): SallyportError =>
  new SallyportError('SP_JSON_TOO_LARGE', `The limit is ${limit} bytes.`)
