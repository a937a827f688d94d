import { isJsonObject, type Json } from '@sallyport/core'
import type { refusalOf } from './backend.ts'
import { ask, type Exchange } from './http.ts'

export interface HashicorpServer {
  readonly address: string
  readonly namespace?: string | undefined
  readonly token: () => string
  /** Aborted: tokens are renewed no more. */
  readonly until: AbortSignal
}

/** One question to the server: `path` is below `/v1/`, a `body` makes it a POST. Throws as `ask`. */
export type AskHashicorp = (
  what: string,
  path: string,
  body?: Readonly<Record<string, string>>,
  refusal?: typeof refusalOf,
) => Promise<Json>

/**
 * A client of HashiCorp Vault or OpenBao (developer.hashicorp.com/vault/api-docs, 2026-11-28). The token is renewed when half of its time
 * is over, also while nobody asks.
 */
export function hashicorpClient(
  { address, namespace, token, until }: HashicorpServer,
  exchange: Exchange,
): AskHashicorp {
  const send = (login: string, ...[what, path, body, refusal]: Parameters<AskHashicorp>): Promise<Json> => {
    const headers = {
      ...{ 'x-vault-token': login, 'x-vault-request': 'true' },
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
    }
    const url = `${address.replace(/\/$/, '')}/v1/${path}`
    if (body === undefined) return ask(exchange, what, url, { method: 'GET', headers }, refusal)
    const json = { ...headers, 'content-type': 'application/json' }
    return ask(exchange, what, url, { method: 'POST', headers: json, body: JSON.stringify(body) }, refusal)
  }
  const keepAlive = tokenKeeper(until, (login, path, body) => send(login, 'HashiCorp Vault: its token', path, body))
  return async (...question) => {
    const login = token()
    const answer = await send(login, ...question)
    keepAlive(login)
    return answer
  }
}

/** Longest that a timer of Node can wait, ms. */
const MOST_WAIT = 2 ** 31 - 1
/** Shortest wait between two tries, ms. */
const LEAST_WAIT = 1_000

/**
 * Renews a token when half of its time is over (developer.hashicorp.com/vault/api-docs/auth/token, "Lookup a token (self)": `ttl`,
 * `renewable`; "Renew a token (self)": `auth.lease_duration`, `auth.renewable`; 2026-11-28). One that cannot be renewed is left to
 * end: then it is refused, and so is what asks with it.
 */
function tokenKeeper(
  until: AbortSignal,
  send: (token: string, path: string, body?: Readonly<Record<string, string>>) => Promise<Json>,
): (token: string) => void {
  let kept: string | undefined
  const wait = (token: string, seconds: unknown, isRenewable: unknown): void => {
    if (kept !== token || until.aborted || isRenewable !== true || typeof seconds !== 'number' || seconds <= 0) return
    const ms = Math.min(Math.max(seconds * 500, LEAST_WAIT), MOST_WAIT)
    setTimeout(() => void renew(token, seconds / 2), ms).unref()
  }
  const renew = async (token: string, left: number): Promise<void> => {
    if (kept !== token || until.aborted) return
    try {
      const { lease_duration: seconds, renewable } = membersOf(
        member(await send(token, 'auth/token/renew-self', {}), 'auth'),
      )
      wait(token, seconds, renewable)
    } catch {
      // again at half of what is left; in the end the token is refused
      if (left * 1_000 > LEAST_WAIT) wait(token, left, true)
    }
  }
  return (token) => {
    if (kept === token) return
    kept = token
    void send(token, 'auth/token/lookup-self').then(
      (answer) => {
        const { ttl, renewable } = membersOf(member(answer, 'data'))
        wait(token, ttl, renewable)
      },
      // asked again with the next value
      () => (kept = undefined),
    )
  }
}

/** A path of several segments, each encoded. */
export const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
export const membersOf = (value: Json | undefined): Readonly<Record<string, Json>> => (isJsonObject(value) ? value : {})
export const member = (value: Json, name: string): Json | undefined => membersOf(value)[name]
