import { parseJson, SallyportError, toSallyportError, type ErrorCode, type Json } from '@sallyport/core'
import { refusalOf } from './backend.ts'

/** The guarded way out of the gateway, as far as backends use it. */
export type Exchange = (
  url: string,
  order: {
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    readonly signal: AbortSignal
  },
) => Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> }>

/** Longest that a backend may take, ms, and say by itself, bytes. */
const LIMIT = 10_000
const MOST = 1 << 20

/**
 * One question to a backend, which may answer with `most` bytes. What it answers with an error is not shown to anybody: it may quote a value.
 * @throws SallyportError SP_VAULT_UNKNOWN, SP_VAULT_DENIED, SP_VAULT_UNAVAILABLE, naming `what`
 */
export async function ask(
  exchange: Exchange,
  what: string,
  url: string,
  order: Omit<Parameters<Exchange>[1], 'signal'>,
  refusal: (status: number, text: string) => ErrorCode | undefined = refusalOf,
  most = MOST,
): Promise<Json> {
  try {
    const { status, body } = await exchange(url, { ...order, signal: AbortSignal.timeout(LIMIT) })
    const text = await textOf(body, most)
    const code = refusal(status, text)
    if (code !== undefined) throw new SallyportError(code, `${what} (status ${status}).`)
    return parseJson(text)
  } catch (thrown) {
    const { code } = toSallyportError(thrown)
    if (code.startsWith('SP_VAULT_')) throw thrown
    throw new SallyportError('SP_VAULT_UNAVAILABLE', `${what} (${code}).`)
  }
}

async function textOf(body: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > most) throw new SallyportError('SP_VAULT_UNAVAILABLE', 'The answer is too long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
