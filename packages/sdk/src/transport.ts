import { lstatSync, type Stats } from 'node:fs'
import { Agent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'
import { dirname } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { DeniedError, UnreachableError } from './errors.ts'

/** Where the gateway is. Only what is passed here counts: no environment variable and no file changes it (T-039). */
export interface Endpoint {
  /** Path of the agent socket, `<state>/run/agent.sock`. */
  readonly socket?: string
  /** `http://127.0.0.1:7443`, or https for another machine. */
  readonly url?: string
  /** Uid that may own the socket besides root and the own user: that of the gateway's service account. */
  readonly socketOwner?: number
  /** PEM of the certificate authority that the gateway's certificate has to be from. */
  readonly ca?: string
}

export interface Send {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly authorization: string
  readonly headers?: Readonly<Record<string, string>>
  readonly bodyText?: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface Transport {
  /** @throws UnreachableError when no answer came; DeniedError SP_AUTHN_SERVER when the socket is not to be trusted */
  send(what: Send): Promise<Reply>
  close(): void
}

const MAX_REPLY = 32 * 1024 * 1024
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** @throws SallyportError SP_CONFIG_INVALID, SP_CONFIG_INSECURE */
export function createTransport(endpoint: Endpoint): Transport {
  const { options, secure, check } = target(endpoint)
  const send = secure ? httpsRequest : httpRequest
  const agent = secure
    ? new TlsAgent({ keepAlive: true, ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }) })
    : new Agent({ keepAlive: true })

  return {
    close: () => agent.destroy(),
    send: ({ method, path, authorization, headers = {}, bodyText, timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        check()
        const body = bodyText === undefined ? {} : bodyHeaders(bodyText)
        const sent = { accept: 'application/json', authorization, ...body, ...headers }
        const request = send({
          ...options,
          method,
          path,
          agent,
          headers: sent,
          ...(signal === undefined ? {} : { signal }),
        })
        const deadline = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
        const fail = (cause: Error): void => {
          clearTimeout(deadline)
          reject(new UnreachableError(cause.message, { cause }))
        }
        request.on('error', fail)
        request.on('response', (response) => {
          const chunks: Buffer[] = []
          let size = 0
          response.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size > MAX_REPLY) request.destroy(new Error('the answer is too large'))
            else chunks.push(chunk)
          })
          response.on('error', fail)
          response.on('end', () => {
            clearTimeout(deadline)
            const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
            const text = Buffer.concat(chunks).toString('utf8')
            resolve({
              status: response.statusCode ?? 0,
              headers: Object.fromEntries(flat) as Record<string, string>,
              text,
            })
          })
        })
        request.end(bodyText)
      }),
  }
}

const bodyHeaders = (text: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  'content-length': String(Buffer.byteLength(text)),
})

function target(endpoint: Endpoint): { options: RequestOptions; secure: boolean; check: () => void } {
  const { socket, url } = endpoint
  if ((socket === undefined) === (url === undefined)) {
    throw new SallyportError('SP_CONFIG_INVALID', 'connect() takes either socket or url.')
  }
  if (socket !== undefined) {
    return { options: { socketPath: socket }, secure: false, check: () => checkSocket(socket, endpoint.socketOwner) }
  }
  const parsed = new URL(url ?? '')
  const { protocol, hostname, port, pathname, username, password, search } = parsed
  if (pathname !== '/' || search !== '' || username !== '' || password !== '') {
    throw new SallyportError('SP_CONFIG_INVALID', 'url: only scheme, host and port.')
  }
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.has(hostname))) {
    throw new SallyportError('SP_CONFIG_INSECURE', 'url: https, or http on a loopback address.')
  }
  const secure = protocol === 'https:'
  const host = hostname.replace(/^\[|\]$/g, '')
  return { options: { host, port: port === '' ? (secure ? 443 : 80) : Number(port) }, secure, check: () => undefined }
}

/**
 * The client knows the server before it sends anything: socket and directory belong to this user, root, or the gateway's
 * account, and nobody else can put another socket there (threat-model §4).
 */
function checkSocket(path: string, owner: number | undefined): void {
  const owners = new Set([0, process.getuid?.() ?? 0, ...(owner === undefined ? [] : [owner])])
  const refuse = (what: string): never => {
    throw new DeniedError({ code: 'SP_AUTHN_SERVER', reason: what })
  }
  const socket = statOf(path)
  const directory = statOf(dirname(path))
  if (!socket.isSocket()) refuse(`${path} is not a socket.`)
  if (!directory.isDirectory()) refuse(`${dirname(path)} is not a directory.`)
  if (!owners.has(socket.uid) || !owners.has(directory.uid)) refuse(`${path} belongs to somebody else.`)
  if ((directory.mode & 0o022) !== 0) refuse(`${dirname(path)} can be written by others.`)
}

function statOf(path: string): Stats {
  try {
    return lstatSync(path)
  } catch (cause) {
    throw new UnreachableError(`nothing is at ${path}`, { cause })
  }
}
