import { createHmac } from 'node:crypto'
import {
  expiryOf,
  hasEnded,
  judgeLifetime,
  LIFETIMES,
  SallyportError,
  type CredentialType,
  type JsonObject,
} from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import type { Document, Store } from '../../store/ports.ts'
import { open, rewrap, seal, type Envelope, type RowName } from './envelope.ts'
import type { MasterKeys } from './master-keys.ts'
import type { VersionFile } from './versions.ts'

/** What may be known of a credential; never its value, nor the length of it. Times in ms since 1970. */
export interface SecretInfo {
  readonly name: string
  readonly type: CredentialType
  readonly state: 'active' | 'revoked'
  /** Of the value: 1 for the first one. */
  readonly version: number
  readonly createdAt: number
  readonly expiresAt: number
  /** Who set this value. */
  readonly by: string
  /** Keyed, so that two records can be told to be of one value, and nothing else (E-46). */
  readonly fingerprint: string
  /** Id of the master key. */
  readonly master: string
}

export interface NewSecret {
  readonly type: CredentialType
  /** Seconds; undefined: what is usual for the type. */
  readonly ttl?: number
  /** When its issuer ends it, ms since 1970. */
  readonly providerExpiry?: number
}

/** What was done to a credential (AC-4.5.2). */
export interface SecretEvent {
  readonly operation: 'create' | 'rotate' | 'revoke' | 'rewrap' | 'rekey'
  readonly info: SecretInfo
  readonly by: string
  readonly reason?: string
}

export interface VaultDeps {
  readonly store: Pick<Store, 'get' | 'list' | 'put'>
  readonly keys: MasterKeys
  readonly versions: VersionFile
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<Random, 'bytes'>
  /** Key of fingerprints. */
  readonly tagKey: Uint8Array
  /** Resolves when it is durable; when it rejects, nothing is done. */
  readonly record: (event: SecretEvent) => Promise<void>
}

const KIND = 'secret'
const PAGE = 500
const SECRET_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
/** Bytes. */
const MOST = 64 * 1024

interface Row {
  readonly document: Document
  readonly info: SecretInfo
  readonly envelope: Envelope | undefined
}

/**
 * Values that agents must never hold (HB-84), encrypted one by one in the store. A value leaves through `use` alone, for as long as it
 * is used, and never once it has expired or was revoked.
 */
export class Vault {
  readonly #deps: VaultDeps

  private constructor(deps: VaultDeps) {
    this.#deps = deps
  }

  /** @throws SallyportError SP_VAULT_ROLLED_BACK, SP_VAULT_KEY_MISSING for a row that none of the master keys opens */
  static async open(deps: VaultDeps): Promise<Vault> {
    const vault = new Vault(deps)
    const rows = await vault.#rows()
    deps.versions.check(new Map(rows.map(({ document }) => [document.id, document.version])))
    for (const { info, envelope } of rows)
      if (envelope !== undefined && deps.keys.find(envelope.master) === undefined)
        throw new SallyportError('SP_VAULT_KEY_MISSING', `${info.name} needs ${envelope.master}.`)
    return vault
  }

  async list(): Promise<readonly SecretInfo[]> {
    return (await this.#rows()).map(({ info }) => info)
  }

  /** @throws SallyportError SP_VAULT_UNKNOWN */
  async info(name: string): Promise<SecretInfo> {
    return (await this.#row(name)).info
  }

  /**
   * Keeps a value under a name: a first one, or the next one of a credential that is replaced.
   * @throws SallyportError SP_VAULT_INVALID, SP_STORE_*, SP_AUDIT_*
   */
  async set(name: string, value: Uint8Array, given: NewSecret, by: string): Promise<SecretInfo> {
    const { type, ttl, providerExpiry } = given
    if (!SECRET_NAME.test(name)) throw invalid('A name is 1 to 64 of a-z, 0-9, `.`, `_`, `-`.')
    if (value.length === 0 || value.length > MOST) throw invalid(`A value has 1 to ${MOST} bytes.`)
    if (judgeLifetime(type, ttl ?? LIFETIMES[type].usual).kind === 'refused')
      throw invalid(`A credential of the type ${type} may not live that long.`)
    const before = await this.#deps.store.get(KIND, name)
    const createdAt = this.#deps.clock.now()
    const version = (before === undefined ? 0 : rowOf(before).info.version) + 1
    const envelope = seal(value, { name, version }, this.#deps.keys.active, this.#deps.random)
    const info: SecretInfo = {
      ...{ name, type, state: 'active', version, createdAt, by },
      expiresAt: expiryOf(type, createdAt, ttl, providerExpiry),
      fingerprint: this.#fingerprint(value),
      master: envelope.master,
    }
    await this.#write(
      { operation: before === undefined ? 'create' : 'rotate', info, by },
      envelope,
      before?.version ?? 0,
    )
    return info
  }

  /**
   * Hands the value to one function and overwrites it afterwards (best effort: strings that are made of it stay).
   * @throws SallyportError SP_VAULT_UNKNOWN, SP_VAULT_REVOKED, SP_VAULT_EXPIRED, SP_VAULT_TAMPERED, SP_VAULT_KEY_MISSING
   */
  async use<T>(name: string, act: (value: Buffer, info: SecretInfo) => T | Promise<T>): Promise<T> {
    const { info, envelope } = await this.#row(name)
    if (envelope === undefined) throw new SallyportError('SP_VAULT_REVOKED', `${name} is gone.`)
    if (hasEnded(info, this.#deps.clock.now())) throw new SallyportError('SP_VAULT_EXPIRED', `${name} has ended.`)
    const value = open(envelope, row(info), this.#deps.keys.find)
    try {
      return await act(value, info)
    } finally {
      value.fill(0)
    }
  }

  /** Ends a credential for good: its value is gone, its row stays, so that no older one can come back unseen (T-129). */
  async revoke(name: string, by: string, reason: string): Promise<SecretInfo> {
    const { info, document } = await this.#row(name)
    const gone: SecretInfo = { ...info, state: 'revoked' }
    await this.#write({ operation: 'revoke', info: gone, by, reason }, undefined, document.version)
    return gone
  }

  /** Puts all keys of values under the master key in use; values stay as they are. @returns how many were under another one */
  async rewrap(by: string): Promise<number> {
    const { keys, random } = this.#deps
    return this.#each('rewrap', by, ({ envelope, info }) =>
      envelope.master === keys.active.id ? undefined : rewrap(envelope, row(info), keys.find, keys.active, random),
    )
  }

  /** Encrypts all values anew, each with a new key. @returns how many */
  async rekey(by: string): Promise<number> {
    const { keys, random } = this.#deps
    return this.#each('rekey', by, ({ envelope, info }) => {
      const value = open(envelope, row(info), keys.find)
      try {
        return seal(value, row(info), keys.active, random)
      } finally {
        value.fill(0)
      }
    })
  }

  async #each(
    operation: 'rewrap' | 'rekey',
    by: string,
    change: (row: Row & { readonly envelope: Envelope }) => Envelope | undefined,
  ): Promise<number> {
    let count = 0
    for (const each of await this.#rows()) {
      const { envelope } = each
      if (envelope === undefined) continue
      const changed = change({ ...each, envelope })
      if (changed === undefined) continue
      const info = { ...each.info, master: changed.master }
      await this.#write({ operation, info, by }, changed, each.document.version)
      count++
    }
    return count
  }

  async #write(event: SecretEvent, envelope: Envelope | undefined, expected: number): Promise<void> {
    const { info } = event
    await this.#deps.record(event)
    const body = { ...info, ...(envelope === undefined ? {} : { envelope }) } as unknown as JsonObject
    const document = { kind: KIND, id: info.name, state: info.state, expiresAt: 0, body } as const
    if (!(await this.#deps.store.put(document, expected)))
      throw new SallyportError('SP_STORE_BUSY', `${info.name} was changed by somebody else at the same time.`)
    this.#deps.versions.wrote(info.name, expected + 1)
  }

  async #row(name: string): Promise<Row> {
    const found = await this.#deps.store.get(KIND, name)
    if (found === undefined) throw new SallyportError('SP_VAULT_UNKNOWN', JSON.stringify(name.slice(0, 64)))
    return rowOf(found)
  }

  async #rows(): Promise<readonly Row[]> {
    const rows: Row[] = []
    for (let after = ''; ;) {
      const page = await this.#deps.store.list(KIND, { after, limit: PAGE })
      rows.push(...page.map(rowOf))
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return rows
      after = last.id
    }
  }

  #fingerprint(value: Uint8Array): string {
    return createHmac('sha256', this.#deps.tagKey).update('sallyport/credential/1\n').update(value).digest('hex')
  }
}

const row = ({ name, version }: SecretInfo): RowName => ({ name, version })
const invalid = (what: string): SallyportError => new SallyportError('SP_VAULT_INVALID', what)

/** The store has checked that this gateway wrote it. */
function rowOf(document: Document): Row {
  const { envelope, ...info } = document.body as unknown as SecretInfo & { readonly envelope?: Envelope }
  return { document, info, envelope }
}
