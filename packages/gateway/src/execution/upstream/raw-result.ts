import type { RawResult } from '../../boundary/ports.ts'
import type { Reply } from './connection.ts'

/** What a server's reply is to the boundary. An error of the server stays its own and is passed on as it is. */
export function rawResult(reply: Reply, confinement: string): RawResult {
  switch (reply.kind) {
    case 'result':
      return { outcome: 'success', resultText: reply.resultText, confinement }
    case 'error': {
      const { code, message } = reply.error
      const error = { code: 'SP_MCP_UPSTREAM_FAILED', reason: `The server answered with error ${code}.` } as const
      const data = reply.error.data === undefined ? {} : { data: reply.error.data }
      return { outcome: 'failure', error, rpcError: { code, message, ...data }, confinement }
    }
    case 'lost':
      return { outcome: reply.how, error: { code: reply.code, reason: reply.reason }, confinement }
  }
}
