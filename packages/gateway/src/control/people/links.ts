import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { JsonObject } from '@sallyport/core'
import { pass, refuse, type Clock, type Random, type Verdict } from '../../boundary/ports.ts'
import { createSteadyClock } from '../../clock.ts'
import type { Document, Store } from '../../store/ports.ts'

/** What a link or code lets its browser do: claim the gateway, or make a passkey for a person. */
type LinkFor = 'first' | 'invitation' | 'recovery' | 'device'

/** Times in ms since 1970. */
export interface Link {
  readonly id: string
  readonly for: LinkFor
  /** Whose passkey it is about; '' where nobody is known yet. */
  readonly operator: string
  readonly by: string
  readonly createdAt: number
  readonly endsAt: number
  /** Digest of the cookie of the browser that redeemed it; '' before. */
  readonly bound: string
  /** Where that browser is. */
  readonly from: string
  /** Its person has said that this browser is theirs; asked for devices only. */
  readonly confirmed: boolean
}

/** How long a link and a pairing code wait for their browser (TM-ACCESS-001, E-43), and how long that browser has then. */
const LINK_MS = 600_000
export const PAIRING_MS = 30_000
const BOUND_MS = 900_000
const OPEN_LINKS = 50

export interface LinksDeps {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** Outside the store: what is kept of a code that people type is worth nothing to who reads the store. */
  readonly pepper: Uint8Array
}

/**
 * One-time links (threat-model §3.2): 256 random bits, kept as a keyed digest, redeemed once, and from then on bound to the
 * browser that redeemed them by a cookie of its own.
 */
export class Links {
  readonly #deps: LinksDeps

  constructor(deps: LinksDeps) {
    this.#deps = { ...deps, clock: createSteadyClock(deps.clock) }
  }

  /** `code` when it is given is what somebody types; else a new one of 256 bits. Older ones of `first`, and invitations of the same person, end. */
  async make(
    wanted: Pick<Link, 'for' | 'operator' | 'by'>,
    { code = this.#code(), forMs = LINK_MS } = {},
  ): Promise<Verdict<{ readonly id: string; readonly code: string; readonly endsAt: number }>> {
    const open = await this.open()
    const isOnly = wanted.for === 'first' || wanted.for === 'invitation'
    const older = open.filter((each) => isOnly && each.for === wanted.for && each.operator === wanted.operator)
    for (const link of older) await this.end(link.id)
    if (wanted.for !== 'first' && open.length - older.length >= OPEN_LINKS)
      return refuse('SP_PEOPLE_LIMIT', 'Too many links are open.')
    const createdAt = this.#deps.clock.now()
    const link: Link = {
      ...wanted,
      id: this.#idOf(code, wanted.for === 'device'),
      createdAt,
      endsAt: createdAt + forMs,
      ...{ bound: '', from: '', confirmed: false },
    }
    if (!(await this.#deps.store.put(rowOf(link), 0))) return refuse('SP_PEOPLE_LIMIT', 'Ask again.')
    return pass({ id: link.id, code, endsAt: link.endsAt })
  }

  /** Open links and codes, and those whose browser is not done yet. */
  async open(): Promise<readonly Link[]> {
    const documents = await this.#deps.store.list('login', { state: 'link', limit: 1000 })
    return documents.map(linkOf).filter((link) => link !== undefined && this.#lives(link)) as readonly Link[]
  }

  /**
   * Gives the link to one browser: what its cookie has to hold from now on. For exactly one caller, on all nodes. `typed`: a
   * short code, whose guesses the caller counts; nothing but a device is found by it, and a device by nothing else.
   */
  async redeem(
    code: string,
    { typed = false, from = '' } = {},
  ): Promise<Verdict<{ readonly link: Link; readonly cookie: string }>> {
    const document = await this.#deps.store.get('login', this.#idOf(code, typed))
    const link = document === undefined ? undefined : linkOf(document)
    if (document === undefined || link === undefined) return refuse('SP_AUTHN_LINK', 'There is no such link.')
    if (link.bound !== '') return refuse('SP_AUTHN_LINK', 'It was already used.')
    if (!this.#lives(link)) return refuse('SP_AUTHN_LINK', `It ended at ${new Date(link.endsAt).toISOString()}.`)
    const secret = this.#code()
    const endsAt = this.#deps.clock.now() + BOUND_MS
    const bound: Link = { ...link, bound: digestOf(secret), from, endsAt }
    if (!(await this.#deps.store.put(rowOf(bound), document.version)))
      return refuse('SP_AUTHN_LINK', 'It was already used.')
    return pass({ link: bound, cookie: `${link.id.slice('link:'.length)}.${secret}` })
  }

  /** The link that this browser's cookie belongs to. */
  async of(cookie: string | undefined): Promise<Verdict<Link>> {
    const [, id, secret] = /^([0-9a-f]{64})\.([A-Za-z0-9_-]{43})$/.exec(cookie ?? '') ?? []
    const document = id === undefined ? undefined : await this.#deps.store.get('login', `link:${id}`)
    const link = document === undefined ? undefined : linkOf(document)
    if (link === undefined || link.bound === '' || secret === undefined || !same(link.bound, digestOf(secret)))
      return refuse('SP_AUTHN_LINK', 'This browser has no open link.')
    return this.#lives(link) ? pass(link) : refuse('SP_AUTHN_LINK', 'It has ended.')
  }

  /** Its browser is its person's: true for the one caller who said so of this very browser. */
  async confirm(id: string, bound: string): Promise<boolean> {
    const document = await this.#deps.store.get('login', id)
    const link = document === undefined ? undefined : linkOf(document)
    if (document === undefined || link === undefined || link.confirmed || !this.#lives(link)) return false
    if (link.bound === '' || link.bound !== bound) return false
    return this.#deps.store.put(rowOf({ ...link, confirmed: true }), document.version)
  }

  /** True for the one caller who ended it. */
  async end(id: string): Promise<boolean> {
    const document = await this.#deps.store.get('login', id)
    return document !== undefined && this.#deps.store.remove('login', id, document.version)
  }

  #lives({ endsAt, createdAt }: Link): boolean {
    const now = this.#deps.clock.now()
    return now < endsAt && now - createdAt < LINK_MS + BOUND_MS
  }

  #idOf(code: string, typed: boolean): string {
    const digest = createHmac('sha256', this.#deps.pepper).update(`sallyport/${typed ? 'pairing' : 'link'}/1\n${code}`)
    return `link:${digest.digest('hex')}`
  }

  #code(): string {
    return Buffer.from(this.#deps.random.bytes(32)).toString('base64url')
  }
}

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** Six digits that a device and its person compare: of the very browser that redeemed the code. */
export function checkOf({ bound }: Pick<Link, 'bound'>): string {
  const digest = createHash('sha256').update(`sallyport/pairing-check/1\n${bound}`).digest()
  const digits = String(digest.readUInt32BE(0) % 1_000_000).padStart(6, '0')
  return `${digits.slice(0, 3)} ${digits.slice(3)}`
}

const rowOf = ({ id, ...body }: Link) =>
  ({ kind: 'login', id, state: 'link', expiresAt: body.endsAt, body: body as unknown as JsonObject }) as const

const KINDS: readonly LinkFor[] = ['first', 'invitation', 'recovery', 'device']

function linkOf({ id, state, body }: Document): Link | undefined {
  const { operator, by, createdAt, endsAt, bound, from = '', confirmed } = body
  const kind = KINDS.find((each) => each === body['for'])
  const texts = [operator, by, bound].every((text) => typeof text === 'string')
  if (state !== 'link' || kind === undefined || !texts) return undefined
  if (typeof from !== 'string') return undefined
  if (!Number.isFinite(createdAt) || !Number.isFinite(endsAt)) return undefined
  return { ...(body as unknown as Link), id, from, confirmed: confirmed === true }
}
