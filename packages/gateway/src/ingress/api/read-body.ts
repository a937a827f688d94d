import type { IncomingMessage } from 'node:http'
import { decodeUtf8, parseJson, SallyportError, type Json } from '@sallyport/core'

export interface Body {
  readonly text: string
  readonly value: Json | undefined
}

const TYPE = /^application\/json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?$/i

/**
 * Reads a body of at most `limit` bytes as strict JSON.
 * @throws SallyportError SP_JSON_*, SP_API_MEDIA_TYPE
 */
export async function readBody(request: IncomingMessage, limit: number, depth: number): Promise<Body> {
  const text = await readText(request, limit)
  if (text === '') return { text, value: undefined }
  if (!TYPE.test(request.headers['content-type'] ?? '')) throw new SallyportError('SP_API_MEDIA_TYPE')
  return { text, value: parseJson(text, { maxLength: limit, maxDepth: depth }) }
}

/** Reads at most `limit` bytes of strict UTF-8, whatever the head promised. @throws SallyportError SP_JSON_* */
export async function readText(request: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = (): SallyportError => new SallyportError('SP_JSON_TOO_LARGE', `The limit is ${limit} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new SallyportError('SP_JSON_INVALID', 'The body ended early.', { cause })
  }
  if (size > limit) throw tooLarge()
  return decodeUtf8(Buffer.concat(chunks))
}
