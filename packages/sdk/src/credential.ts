import { lstatSync, readFileSync } from 'node:fs'
import { isAgentKey, isJsonObject, parseJson, SallyportError } from '@sallyport/core'
import { DeniedError, UnreachableError } from './errors.ts'
import { readProblem } from './problem.ts'
import type { Transport } from './transport.ts'

export interface CredentialOptions {
  readonly agent: string
  /** The agent's key, `spk_…`; exchanged for 15-minute credentials. */
  readonly key?: string
  /** `<state>/agents/NAME/credential`, which a running gateway keeps fresh. */
  readonly credentialFile?: string
}

/** Where the `Authorization` header comes from. */
export interface CredentialSource {
  /** @throws DeniedError, UnreachableError */
  authorization(timeoutMs: number): Promise<string>
  /** The gateway refused what `authorization` gave: the next one is fresh. */
  expire(): void
}

/** Renewed when a third of its life is left. */
const RENEW_AT = 300_000

/** @throws SallyportError SP_CONFIG_INVALID */
export function createCredentialSource(
  options: CredentialOptions,
  transport: Transport,
  now: () => number,
): CredentialSource {
  const { agent, key, credentialFile } = options
  if ((key === undefined) === (credentialFile === undefined)) {
    throw new SallyportError('SP_CONFIG_INVALID', 'connect() takes either key or credentialFile.')
  }
  if (credentialFile !== undefined) return fromFile(credentialFile, agent)
  if (key === undefined || !isAgentKey(key)) throw new SallyportError('SP_CONFIG_INVALID', 'key: not an agent key.')
  return fromKey(key, agent, transport, now)
}

function fromKey(key: string, agent: string, transport: Transport, now: () => number): CredentialSource {
  let current: { readonly authorization: string; readonly expiresAt: number } | undefined
  let running: Promise<string> | undefined

  async function exchange(timeoutMs: number): Promise<string> {
    const reply = await transport.send({ method: 'POST', path: '/v1/token', authorization: `Bearer ${key}`, timeoutMs })
    if (reply.status !== 200) throw new DeniedError(readProblem(reply))
    const body = parseJson(reply.text)
    const { credential, expiresAt, agent: named } = isJsonObject(body) ? body : {}
    if (typeof credential !== 'string' || typeof expiresAt !== 'string') {
      throw new DeniedError({ code: 'SP_AUTHN_SERVER', reason: 'The answer to the key exchange is odd.' })
    }
    if (named !== agent) throw new DeniedError({ code: 'SP_AUTHN_INVALID', reason: `The key is not that of ${agent}.` })
    current = { authorization: `Bearer ${credential}`, expiresAt: Date.parse(expiresAt) }
    return current.authorization
  }

  return {
    expire: () => void (current = undefined),
    async authorization(timeoutMs) {
      if (current !== undefined && current.expiresAt - now() > RENEW_AT) return current.authorization
      running ??= exchange(timeoutMs).finally(() => (running = undefined))
      return running
    },
  }
}

function fromFile(path: string, agent: string): CredentialSource {
  return {
    expire: () => undefined,
    authorization: () => {
      const line = readPrivate(path)
      const authorization = /^authorization: (Bearer [A-Za-z0-9._-]+)\n?$/.exec(line)?.[1]
      if (authorization === undefined) {
        throw new DeniedError({ code: 'SP_AUTHN_INVALID', reason: `${path} holds no credential.` })
      }
      if (subjectOf(authorization) !== agent) {
        throw new DeniedError({ code: 'SP_AUTHN_INVALID', reason: `${path} is not the credential of ${agent}.` })
      }
      return Promise.resolve(authorization)
    },
  }
}

/** A file that others can write could make this program somebody else; one that others can read is no secret. */
function readPrivate(path: string): string {
  let text: string
  let mode: number
  let uid: number
  try {
    ;({ mode, uid } = lstatSync(path))
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UnreachableError(`${path} is not there: no gateway is running`, { cause })
  }
  const own = uid === 0 || uid === (process.getuid?.() ?? uid)
  if (!own || (mode & 0o077) !== 0) {
    throw new DeniedError({ code: 'SP_AUTHN_INVALID', reason: `${path} is open to others.` })
  }
  return text
}

/** For a clear message only; the gateway alone decides who this is. */
function subjectOf(authorization: string): unknown {
  try {
    const claims = parseJson(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return isJsonObject(claims) ? claims['sub'] : undefined
  } catch {
    return undefined
  }
}
