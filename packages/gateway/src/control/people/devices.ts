import type { JsonObject } from '@sallyport/core'
import { pass, refuse, type Clock, type EvidencePort, type Random, type Verdict } from '../../boundary/ports.ts'
import type { Document, Store } from '../../store/ports.ts'
import { IdentityLog } from '../identity/record.ts'
import { checkOf, PAIRING_MS, type Link, type Links } from './links.ts'
import type { From } from './login.ts'
import type { Logins } from './logins.ts'
import type { Passkeys } from '../presence/passkeys.ts'
import { plainCode, readableCode } from './recovery.ts'

/** A phone or second machine that shows calls by itself (threat-model §3.4). `pairedAt` in ms since 1970. */
export interface Device {
  readonly id: string
  readonly operator: string
  readonly credential: string
  readonly label: string
  readonly address: string
  readonly pairedAt: number
}

export interface DevicesDeps {
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly links: Links
  readonly logins: Logins
  readonly passkeys: Passkeys
  /** Whether an address is one of this machine's own: what runs here is no second device. */
  readonly isOwnAddress: (address: string) => boolean
  readonly alert: (name: string, severity: 'medium' | 'high', details: JsonObject) => void
}

const PER_PERSON = 5
const OPEN_CODES = 3
const FULL = `A person has at most ${PER_PERSON} devices.`

/** A browser that came with somebody's code and waits until they say that it is theirs. */
export interface Waiting {
  readonly id: string
  /** Stands on the device too. */
  readonly check: string
  readonly address: string
  readonly endsAt: number
}

/**
 * Devices that people paired: a short code for 30 seconds, from another machine than the gateway's, and then a word of the
 * person on the browser that came with it: whoever saw the code and was faster gets nothing (TM-ACCESS-001).
 */
export class Devices {
  readonly #deps: DevicesDeps
  readonly #log: IdentityLog

  constructor(deps: DevicesDeps) {
    this.#deps = deps
    this.#log = new IdentityLog(deps.evidence, deps.clock, deps.random)
  }

  async list(operator?: string): Promise<readonly Device[]> {
    const documents = await this.#deps.store.list('device', { state: 'active', limit: 5000 })
    const devices = documents.map(deviceOf).filter((each) => each !== undefined)
    return devices.filter((each) => operator === undefined || each.operator === operator)
  }

  /** A code to type on the other device; its holder makes a passkey there. */
  async pairingCode(operator: string): Promise<Verdict<{ readonly code: string; readonly endsAt: number }>> {
    const { links, random } = this.#deps
    if ((await this.list(operator)).length >= PER_PERSON) return refuse('SP_PEOPLE_LIMIT', FULL)
    const code = readableCode(random, 8)
    const made = await links.make(
      { for: 'device', operator, by: operator },
      { code: plainCode(code), forMs: PAIRING_MS },
    )
    if (!made.ok) return made
    // Counted with this one in it, which nobody has seen yet: of those who ask at one moment, on any node, the last sees all (FV-6).
    if ((await this.#codes(operator)) > OPEN_CODES) {
      await links.end(made.value.id)
      return refuse('SP_PEOPLE_LIMIT', `At most ${OPEN_CODES} codes are open at a time.`)
    }
    await this.#log.append('device.code', operator, {}, 'warn')
    return pass({ code, endsAt: made.value.endsAt })
  }

  async #codes(operator: string): Promise<number> {
    const open = await this.#deps.links.open()
    return open.filter((each) => each.for === 'device' && each.operator === operator).length
  }

  /** Browsers that came with codes of theirs and are not confirmed. */
  async waiting(operator: string): Promise<readonly Waiting[]> {
    return (await this.#redeemed(operator)).map((link) => ({
      ...{ id: nameOf(link), check: checkOf(link), address: link.from, endsAt: link.endsAt },
    }))
  }

  /** The browser that shows this check is theirs, and may make its passkey. */
  async confirm(operator: string, id: string, check: string): Promise<Verdict<null>> {
    const link = (await this.#redeemed(operator)).find((each) => nameOf(each) === id && checkOf(each) === check)
    if (link === undefined) return refuse('SP_AUTHN_LINK', 'No browser with this number waits for you.')
    await this.#log.append('device.confirmed', operator, { address: link.from }, 'warn')
    return (await this.#deps.links.confirm(link.id, link.bound)) ? pass(null) : refuse('SP_AUTHN_LINK', 'It has ended.')
  }

  async #redeemed(operator: string): Promise<readonly Link[]> {
    const open = await this.#deps.links.open()
    return open.filter(
      (each) => each.for === 'device' && each.operator === operator && each.bound !== '' && !each.confirmed,
    )
  }

  /** Whether this browser can become a device of theirs. */
  async mayPair(operator: string, from: From): Promise<Verdict<null>> {
    if (this.#deps.isOwnAddress(from.address))
      return refuse('SP_AUTHN_LINK', 'This is the machine of the gateway; open the page on another device.')
    const full = operator !== '' && (await this.list(operator)).length >= PER_PERSON
    return full ? refuse('SP_PEOPLE_LIMIT', FULL) : pass(null)
  }

  async paired(operator: string, credential: string, label: string, { address }: From): Promise<Verdict<Device>> {
    const { store, clock, random } = this.#deps
    const device: Device = {
      ...{ id: random.uuid(), operator, credential, label: label.slice(0, 64), address, pairedAt: clock.now() },
    }
    const { id, ...body } = device
    await this.#log.append('device.paired', operator, { device: id, credential, address }, 'warn')
    await store.put({ kind: 'device', id, state: 'active', expiresAt: 0, body: body as unknown as JsonObject }, 0)
    // as codes are: of those who pair at one moment, on any node, the last sees all
    if ((await this.list(operator)).length > PER_PERSON) {
      await this.remove(id, operator)
      return refuse('SP_PEOPLE_LIMIT', FULL)
    }
    this.#deps.alert('device.paired', 'high', { operator, device: id, label: device.label, address })
    return pass(device)
  }

  /** Its sessions end at once, and its passkey with them. */
  async remove(id: string, by: string): Promise<Verdict<Device>> {
    const { store, logins, passkeys } = this.#deps
    const document = await store.get('device', id)
    const device = document === undefined ? undefined : deviceOf(document)
    if (document === undefined || device === undefined) return refuse('SP_PEOPLE_UNKNOWN')
    const own = logins.list().filter(({ credential }) => credential === device.credential)
    for (const { id: session } of own) await logins.end(session, 'revoked', by)
    const removed = await passkeys.remove(device.credential, by)
    if (!removed.ok && (await passkeys.list(device.operator)).some((each) => each.id === device.credential))
      return removed
    await this.#log.append('device.removed', by, { device: id, operator: device.operator }, 'warn')
    await store.put({ kind: 'device', id, state: 'removed', expiresAt: 0, body: document.body }, document.version)
    return pass(device)
  }
}

const nameOf = ({ id }: Link): string => id.slice('link:'.length)

function deviceOf({ id, state, body }: Document): Device | undefined {
  const { operator, credential, label, address, pairedAt } = body
  const texts = [operator, credential, label, address].every((text) => typeof text === 'string')
  return state === 'active' && texts && Number.isFinite(pairedAt) ? { ...(body as unknown as Device), id } : undefined
}
