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
  // Not `for await`: leaving that loop early destroys the socket, and the client never sees why.
  const whole = new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) reject(tooLarge())
      else chunks.push(chunk)
    })
    request.once('end', resolve)
    request.once('close', () => reject(new SallyportError('SP_JSON_INVALID', 'The body ended early.')))
  })
  await whole
  return decodeUtf8(Buffer.concat(chunks))
}
