import { createHmac, timingSafeEqual } from 'node:crypto'
import { isJsonObject, parseJson, sha256, type JsonObject } from '@sallyport/core'
import type { Caller } from '../../boundary/ports.ts'

/** ms a client may take to come back with a `requestState`. */
const LIFETIME = 15 * 60_000

/** What a sealed `requestState` is for: a state of the server's own, or a question of ours about a held call. */
export type StateOf =
  { readonly kind: 'server'; readonly state: string } | { readonly kind: 'approval'; readonly approvalId: string }

/**
 * `requestState` as the client holds it (T-068): sealed with a key of this process, good for one principal, one instance and
 * one call (server, tool, arguments), for fifteen minutes. A state of the server's own travels inside.
 */
export class StateSeal {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  seal(caller: Caller, call: string, of: StateOf, now: number): string {
    const body = JSON.stringify({ ...of, for: bound(caller, call), until: now + LIFETIME })
    const payload = Buffer.from(body).toString('base64url')
    return `${payload}.${this.#mac(payload).toString('base64url')}`
  }

  /** The state, or undefined for one that was not sealed here, for this caller and this call, or that is too old. */
  open(caller: Caller, call: string, sealed: string, now: number): StateOf | undefined {
    const dot = sealed.lastIndexOf('.')
    if (dot < 0) return undefined
    const payload = sealed.slice(0, dot)
    const given = Buffer.from(sealed.slice(dot + 1), 'base64url')
    const expected = this.#mac(payload)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    const body = parseJson(Buffer.from(payload, 'base64url').toString('utf8')) as JsonObject
    if (!isJsonObject(body) || body['for'] !== bound(caller, call) || Number(body['until']) < now) return undefined
    const { kind, state, approvalId } = body
    if (kind === 'server' && typeof state === 'string') return { kind, state }
    return kind === 'approval' && typeof approvalId === 'string' ? { kind, approvalId } : undefined
  }

  #mac(payload: string): Buffer {
    return createHmac('sha256', this.#key).update(`sallyport/request-state/1\n${payload}`).digest()
  }
}

const bound = (caller: Caller, call: string): string =>
  sha256(JSON.stringify([caller.principal.id, caller.principal.instance, call]))
