import { request, type IncomingMessage } from 'node:http'
import { isAbsolute } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { environment } from '../../../config/environment.ts'
import { READY_LIMIT } from '../gate.ts'
import { realOf } from '../host.ts'
import { placeAt } from '../place.ts'

const USUAL = '/var/run/docker.sock'
/** Of what an engine answers, bytes and characters. */
const MOST_ANSWER = 4 * 2 ** 20
const MOST_SAID = 300

/** Answers are the engine's word: what they say is looked at from outside where it matters. */
interface Answer {
  readonly status: number
  readonly value: unknown
}

/** A Docker engine, asked at its socket and never through its command line: no context, plugin or proxy of an account has a say. */
export interface Engine {
  /** @throws SallyportError SP_SANDBOX_UNAVAILABLE when it does not answer, or refuses otherwise than with one of `expected` */
  ask(method: string, path: string, body?: Buffer | object, expected?: readonly number[]): Promise<Answer>
}

/**
 * The socket of the engine of this machine: DOCKER_HOST, else the usual one.
 * @returns what is missing, in words, where there is none that could be asked
 */
export function engineSocket(
  host = environment()['DOCKER_HOST'] ?? '',
): { readonly at: string } | { readonly missing: string } {
  const named = host === '' ? USUAL : host.startsWith('unix://') ? host.slice('unix://'.length) : ''
  if (!isAbsolute(named))
    return {
      missing: `docker: DOCKER_HOST is ${JSON.stringify(host)}; only an engine of this machine can be looked at: unset it or name a socket, unix:///….`,
    }
  const at = realOf(named)
  return placeAt(at)?.kind === 'other'
    ? { at }
    : {
        missing: `docker: no engine listens at ${named}: start it (\`systemctl start docker\`; \`apt-get install docker.io\` on Debian and Ubuntu), or name its socket with DOCKER_HOST.`,
      }
}

/** @throws SallyportError SP_SANDBOX_UNAVAILABLE where there is none on this machine */
export function openEngine(): Engine {
  const socket = engineSocket()
  if ('missing' in socket) throw new SallyportError('SP_SANDBOX_UNAVAILABLE', socket.missing)
  return {
    async ask(method, path, body, expected = []) {
      const answer = await sent(socket.at, method, path, body)
      const text = await textOf(answer)
      const status = answer.statusCode ?? 0
      if (status >= 400 && !expected.includes(status)) throw unavailable(`the engine says ${said(text)}`)
      return { status, value: parsed(text) }
    },
  }
}

export const unavailable = (what: string): SallyportError =>
  new SallyportError('SP_SANDBOX_UNAVAILABLE', `docker: ${what}.`)

function sent(socketPath: string, method: string, path: string, body?: Buffer | object): Promise<IncomingMessage> {
  const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
  const type = Buffer.isBuffer(body) ? 'application/x-tar' : 'application/json'
  const headers = {
    host: 'docker',
    ...(bytes === undefined ? {} : { 'content-type': type, 'content-length': bytes.length }),
  }
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, method, path, headers, agent: false, signal: AbortSignal.timeout(READY_LIMIT) },
      resolve,
    )
    asked.on('error', (error) => reject(unavailable(`its engine does not answer (${error.message})`)))
    asked.end(bytes)
  })
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
      text += chunk
      if (text.length > MOST_ANSWER) throw new Error('too long')
    }
  } catch (thrown) {
    throw unavailable(`its engine gave no whole answer (${(thrown as Error).message})`)
  }
  return text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function said(text: string): string {
  const message = (parsed(text) as { readonly message?: unknown } | undefined)?.message
  return JSON.stringify(typeof message === 'string' ? message.slice(0, MOST_SAID) : 'nothing')
}
