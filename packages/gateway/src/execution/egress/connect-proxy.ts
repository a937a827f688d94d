import { lookup } from 'node:dns/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { decideEgress, readTarget, type EgressRefusal, type EgressRules } from '@sallyport/core'

/** One attempt to get out, as it is logged (AC-6.5.3). */
export interface EgressAttempt {
  /** As the client asked for it, cut. */
  readonly target: string
  readonly verdict: 'allowed' | 'refused'
  /** Why it was refused. */
  readonly reason?: EgressRefusal | 'method' | 'too_many'
  /** Entry of a list that decided. */
  readonly rule?: string
}

export interface EgressDeps {
  readonly rules: EgressRules
  /** Told of every attempt before anything is connected; what it throws refuses the attempt. */
  readonly report: (attempt: EgressAttempt) => void | Promise<void>
  /** All addresses of a name, each asked for once. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

const RESOLVE_LIMIT = 5_000
const CONNECT_LIMIT = 10_000
/** Silence after which a tunnel is closed, ms. */
const IDLE_LIMIT = 600_000
const TUNNELS = 256
const SHOWN = 300

/**
 * The way out of one sandbox: a listener that stands inside of it. Whoever connects to it is that sandbox, so there is no password
 * (isolation note 2.4). It opens tunnels (CONNECT, RFC 9110 section 9.3.6) to hosts of a list, to an address that was resolved and
 * judged once, and refuses all else.
 * @returns closes it and every tunnel
 */
export function serveEgress(listener: Server, { rules, report, resolve = addressesOf }: EgressDeps): () => void {
  const open = new Set<Duplex>()
  const keep = (socket: Duplex): void => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
  }
  const refuse = async (
    client: Duplex,
    target: string,
    why: Omit<EgressAttempt, 'target' | 'verdict'>,
  ): Promise<void> => {
    await report({ target: target.slice(0, SHOWN), verdict: 'refused', ...why })
    client.end(refusal(why.reason ?? 'not_allowlisted'))
  }
  const tunnel = async (client: Duplex, target: string, head: Buffer): Promise<void> => {
    if (open.size > 2 * TUNNELS) return refuse(client, target, { reason: 'too_many' })
    const read = readTarget(target)
    if (read === undefined) return refuse(client, target, { reason: 'malformed' })
    let verdict = decideEgress(read, rules)
    if (verdict.kind === 'look-up') verdict = verdict.answers(await within(RESOLVE_LIMIT, resolve(verdict.host)))
    if (verdict.kind !== 'connect') {
      const { reason, rule } =
        verdict.kind === 'refused' ? verdict : { reason: 'dns_failed' as const, rule: verdict.rule }
      return refuse(client, target, { reason, ...(rule === undefined ? {} : { rule }) })
    }
    await report({ target, verdict: 'allowed', rule: verdict.rule })
    const upstream = await dial(verdict.addresses, read.port)
    if (upstream === undefined) return void client.end(`HTTP/1.1 502 Bad Gateway\r\n${CLOSE}`)
    keep(upstream)
    if (client.destroyed) return void upstream.destroy()
    join(client, upstream, head)
  }
  const http = createServer({ insecureHTTPParser: false, requestTimeout: CONNECT_LIMIT })
  http.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    keep(client)
    void tunnel(client, request.url ?? '', head).catch(() => client.destroy())
  })
  http.on('request', (request, response) => {
    const target = `${request.method ?? ''} ${request.url ?? ''}`.slice(0, SHOWN)
    void Promise.resolve(report({ target, verdict: 'refused', reason: 'method' })).then(
      () => response.writeHead(403, { 'x-sallyport-deny': 'method', connection: 'close' }).end('only CONNECT\n'),
      () => request.socket.destroy(),
    )
  })
  http.on('clientError', (_error, socket) => socket.destroy())
  // who has said all may still listen; the listener comes from another process, which could not say so
  Object.assign(listener, { allowHalfOpen: true })
  listener.on('connection', (socket: Socket) => {
    keep(socket)
    http.emit('connection', socket)
  })
  return () => {
    listener.close()
    for (const socket of open) socket.destroy()
  }
}

const CLOSE = 'connection: close\r\ncontent-length: 0\r\n\r\n'

function refusal(reason: string): string {
  const body = `${JSON.stringify({ error: 'refused by Sallyport', reason })}\n`
  const head = ['HTTP/1.1 403 Forbidden', `x-sallyport-deny: ${reason}`, 'content-type: application/json']
  return [...head, `content-length: ${Buffer.byteLength(body)}`, 'connection: close', '', body].join('\r\n')
}

function join(client: Duplex, upstream: Socket, head: Buffer): void {
  client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
  if (head.length > 0) upstream.write(head)
  upstream.setTimeout(IDLE_LIMIT, () => upstream.destroy())
  client.pipe(upstream)
  upstream.pipe(client)
  // what was read is still written: only an end that nobody announced is one for both
  client.once('close', () => client.readableEnded || upstream.destroy())
  upstream.once('close', () => upstream.readableEnded || client.destroy())
}

/** Connects to the first of some judged addresses that answers; the name is not asked again. */
async function dial(addresses: readonly string[], port: number): Promise<Socket | undefined> {
  for (const host of addresses) {
    const socket = connect({ host, port, allowHalfOpen: true })
    socket.on('error', () => socket.destroy())
    const connected = await new Promise<boolean>((resolve) => {
      socket.setTimeout(CONNECT_LIMIT, () => socket.destroy())
      socket.once('connect', () => resolve(true))
      socket.once('close', () => resolve(false))
    })
    if (connected) return socket.setTimeout(0)
  }
  return undefined
}

const addressesOf = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)

/** No answer in time is no answer. */
async function within(ms: number, answer: Promise<readonly string[]>): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), ms)
  })
  try {
    return await Promise.race([answer, late])
  } catch {
    return []
  } finally {
    clearTimeout(timer)
  }
}
