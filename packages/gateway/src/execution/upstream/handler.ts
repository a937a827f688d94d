import { joinCall, SallyportError } from '@sallyport/core'
import { ControlContext } from '../../boundary/contexts.ts'
import type { Caller, RawResult } from '../../boundary/ports.ts'
import type { Upstreams } from './upstreams.ts'

/**
 * Step 10 for servers: puts the released call together again (`joinCall` checks that the text says what was released) and
 * sends it on the caller's own connection to the server. An MCP connection has its own; requests of one session share theirs,
 * however many sockets they come in on.
 */
export function createUpstreamHandler(
  upstreams: Pick<Upstreams, 'call'>,
  mayUse: (caller: Caller, server: string) => boolean,
) {
  return {
    async run(control: ControlContext): Promise<RawResult> {
      const { tool, argsText, meta, caller, sessionId, signal, onProgress, decideWritten } =
        ControlContext.open(control)
      if (!mayUse(caller, tool.server))
        throw new SallyportError('SP_MCP_UNKNOWN_SERVER', 'It belongs to another agent.')
      const { method, paramsText } = joinCall(tool.name, argsText, meta)
      const connection = caller.ingress.startsWith('mcp-') ? caller.connection : sessionId
      return upstreams.call(tool.server, connection, method, paramsText, {
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined ? {} : { onProgress }),
        decideWritten,
      })
    },
  }
}
