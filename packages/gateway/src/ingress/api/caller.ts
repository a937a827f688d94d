import type { Principal } from '@sallyport/core'
import type { Caller, Ingress, Random } from '../../boundary/ports.ts'
import type { Channel, RequestHead } from './request-head.ts'

/** Names connections and turns an authenticated request into a `Caller`; what the agent says of itself is only shown. */
export class Callers {
  readonly #ids = new WeakMap<object, string>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  of(
    principal: Principal,
    ingress: Ingress,
    channel: Channel,
    socket: object,
    headers: RequestHead['headers'],
  ): Caller {
    const { surface = 'local' } = principal
    return Object.freeze({
      principal,
      ingress,
      connection: this.#connection(socket),
      sessionHint: plainText(headers['sallyport-session']),
      surface,
      channel: channel.kind,
      chatType: '',
      contentTrust: surface === 'public' ? 'untrusted' : 'semi-trusted',
      purpose: plainText(headers['sallyport-purpose']),
    })
  }

  #connection(socket: object): string {
    const id = this.#ids.get(socket) ?? this.#random.uuid()
    this.#ids.set(socket, id)
    return id
  }
}

/** A claim fit to be shown: no control characters, no odd spaces, at most 128 characters (T-171). */
export const plainText = (text: string | undefined): string =>
  (text ?? '')
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, 128)
