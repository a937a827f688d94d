import { request, type IncomingMessage } from 'node:http'
import type { Json, JsonObject } from '@sallyport/core'
import { CODES, type ErrorCode } from '@sallyport/core/errors/codes'
import { SallyportError } from '@sallyport/core/errors/error'
import { parseJson } from '@sallyport/core/json/parse'
import type { GatewayClient } from './command.ts'

/** How long the gateway may take for an answer, ms. Streams have no limit. */
const ANSWER_LIMIT = 60_000

/** Client of the operator socket. No gateway, no answer, a wrong answer: an error, never a guess. */
export function operatorClient(socketPath: string, signal: AbortSignal): GatewayClient {
  const send = (method: string, path: string, body?: Json): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const headers = {
        host: 'localhost',
        accept: 'application/json',
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      }
      const sent = request({ socketPath, method, path, headers, signal }, resolve)
      sent.setTimeout(ANSWER_LIMIT, () => sent.destroy(new Error('The gateway did not answer in time.')))
      sent.on('error', (cause) => reject(new SallyportError('SP_AUTHZ_UNAVAILABLE', '', { cause })))
      sent.end(text)
    })

  return {
    async request(method, path, body) {
      const answer = await send(method, path, body)
      const text = await readText(answer)
      const value = text === '' ? null : parseJson(text)
      if ((answer.statusCode ?? 500) >= 400) throw problemError(value)
      return value
    },
    async *stream(path) {
      const answer = await send('GET', path)
      answer.socket.setTimeout(0)
      if ((answer.statusCode ?? 500) >= 400) throw problemError(parseJson(await readText(answer)))
      let rest = ''
      for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line.trim() !== '') yield parseJson(line)
      }
    },
    async alive() {
      try {
        const answer = await send('GET', '/health')
        answer.resume()
        return answer.statusCode === 200
      } catch {
        return false
      }
    },
  }
}

async function readText(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) text += chunk
  return text
}

function problemError(value: Json): SallyportError {
  const problem = (typeof value === 'object' && value !== null ? value : {}) as JsonObject
  const { code = '', detail = '' } = problem
  return new SallyportError(
    typeof code === 'string' && code in CODES ? (code as ErrorCode) : 'SP_INTERNAL',
    typeof detail === 'string' ? detail : '',
  )
}
