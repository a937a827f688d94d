import type { IncomingMessage } from 'node:http'
import { SallyportError } from '@sallyport/core'

/**
 * The whole body of a request.
 * @param most bytes
 * @param limit ms
 * @throws SallyportError SP_VAULT_BODY for one that is longer, or that does not come; then the rest is left where it is, and the request
 *   can still be answered
 */
export function readBody(request: IncomingMessage, most: number, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.reject(tooLong(most))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const over = (then: () => void): void => {
      clearTimeout(late)
      request.off('data', take).off('end', end).off('close', broken).pause()
      then()
    }
    const refuse = (error: SallyportError): void => over(() => reject(error))
    const take = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size > most) refuse(tooLong(most))
    }
    const end = (): void => over(() => resolve(Buffer.concat(chunks, size)))
    const broken = (): void => refuse(unfinished())
    const late = setTimeout(broken, limit)
    request.on('data', take).once('end', end).once('close', broken)
  })
}

const tooLong = (most: number): SallyportError =>
  new SallyportError('SP_VAULT_BODY', `Its body may have ${most} bytes at most.`)
const unfinished = (): SallyportError => new SallyportError('SP_VAULT_BODY', 'Its body did not come to its end.')
