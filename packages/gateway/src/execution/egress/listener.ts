import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Server } from 'node:net'
import { SallyportError } from '@sallyport/core'

/** Where the way out stands, on the loopback of a sandbox. */
const EGRESS_PORT = 3_128
export const EGRESS_URL = `http://127.0.0.1:${EGRESS_PORT}`

/** Serves a listener until what it returns is called. */
export type WayOut = (listener: Server) => () => void

/** Longest that the listener may take, ms. */
const LISTEN_LIMIT = 10_000

/**
 * Opens the listener inside and gives it away: what is accepted on it belongs to the sandbox, whoever accepts. Ends when the other end
 * has it, and when there is no other end (isolation note 2.4).
 */
export const LISTENER = [
  `const s=require("net").createServer({pauseOnConnect:true})`,
  `s.listen(${EGRESS_PORT},"127.0.0.1",511,()=>process.send("listening",s))`,
  `process.on("message",()=>process.exit(0)).on("disconnect",()=>process.exit(1))`,
].join(';')

/**
 * The listener that `LISTENER` opens inside, when it is told to.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when nothing inside can listen
 */
export async function listenerOf(child: ChildProcess, say: (word: string) => void): Promise<Server> {
  const limit = AbortSignal.timeout(LISTEN_LIMIT)
  const gone = new AbortController()
  child.once('exit', () => gone.abort())
  say('listen')
  try {
    const [, handle] = (await once(child, 'message', { signal: AbortSignal.any([limit, gone.signal]) })) as unknown[]
    // not disconnected: Node would never say that the child has closed
    if (handle instanceof Server && child.connected) {
      child.send('taken')
      return handle
    }
  } catch {
    // said below
  }
  throw new SallyportError('SP_SANDBOX_UNAVAILABLE', 'Nothing can listen on the loopback of the sandbox.')
}
