import { isJsonObject, SallyportError } from '@sallyport/core'
import type { SecretBackend } from './backend.ts'
import { ask, type Exchange } from './http.ts'

/** A client of an authorisation server that gives tokens to programs. */
export interface OauthClient {
  readonly tokenUrl: string
  readonly clientId: string
  /** Reference of the client's secret, and of a refresh token where one is used. */
  readonly clientSecret: string
  readonly refreshToken?: string | undefined
  readonly scope?: string | undefined
}

/** Values of other references. */
export interface SecretAccess {
  readonly read: <T>(reference: string, act: (value: Buffer) => T | Promise<T>) => Promise<T>
  /** Replaces one, where that can be done. */
  readonly save: (reference: string, value: Buffer) => Promise<void>
}

/** A token without an end of its own lives so long, ms (E-44). */
const UNSAID = 24 * 3_600_000

/**
 * Tokens by the client-credentials and refresh grants (RFC 6749 sections 4.4 and 6): the client's secret goes to the token endpoint and
 * nowhere else. Servers that give a new refresh token take the old one once: the new one is kept.
 * @param now ms since 1970
 * @param part of its life after which a token is replaced; 1: when it has ended
 */
export function oauthBackend(
  clients: Readonly<Record<string, OauthClient>>,
  { read, save }: SecretAccess,
  exchange: Exchange,
  now: () => number,
  part = USUAL_PART,
): SecretBackend {
  return {
    async fetch(name) {
      const client = Object.hasOwn(clients, name) ? clients[name] : undefined
      if (client === undefined)
        throw new SallyportError('SP_VAULT_UNKNOWN', `There is no client ${name} under \`vault.oauth\`.`)
      const since = now()
      const answer = await read(client.clientSecret, async (secret) => {
        const login = `${encodeURIComponent(client.clientId)}:${encodeURIComponent(secret.toString('utf8'))}`
        const headers = {
          authorization: `Basic ${Buffer.from(login).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        }
        const body = await formOf(client, read)
        return ask(exchange, `OAuth: ${name}`, client.tokenUrl, { method: 'POST', headers, body })
      })
      const said = isJsonObject(answer) ? answer : {}
      const { access_token: token, token_type: type, expires_in: lives, refresh_token: next } = said
      if (typeof token !== 'string' || token === '' || typeof type !== 'string' || type.toLowerCase() !== 'bearer')
        throw new SallyportError('SP_VAULT_UNAVAILABLE', `OAuth: ${name} got no bearer token.`)
      const seconds = Number(lives)
      const life = seconds > 0 ? seconds * 1_000 : UNSAID
      if (client.refreshToken !== undefined && typeof next === 'string' && next !== '')
        await save(client.refreshToken, Buffer.from(next))
      return {
        value: Buffer.from(token),
        version: String(since),
        expiresAt: since + life,
        refreshAt: since + life * part,
      }
    },
  }
}

/** When a token is replaced, as a part of its life (AC-4.3.1). */
const USUAL_PART = 0.75

async function formOf({ refreshToken, scope }: OauthClient, read: SecretAccess['read']): Promise<string> {
  const form = new URLSearchParams(scope === undefined ? {} : { scope })
  if (refreshToken === undefined) form.set('grant_type', 'client_credentials')
  else {
    form.set('grant_type', 'refresh_token')
    await read(refreshToken, (value) => form.set('refresh_token', value.toString('utf8')))
  }
  return form.toString()
}
