import { createHmac } from 'node:crypto'
import { expiryOf, hasEnded, judgeLifetime, LIFETIMES, SallyportError, type CredentialType } from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { codeOfOpening, open, rewrap, seal, type Envelope, type RowName } from './envelope.ts'
import { Journal, rolledBack, type JournalDeps } from './journal.ts'
import type { MasterKeys } from './master-keys.ts'
import { rowOf, SECRET_KIND, type Row, type SecretInfo } from './secret.ts'

export interface NewSecret {
  readonly type: CredentialType
  /** Seconds; undefined: what is usual for the type. */
  readonly ttl?: number
  /** When its issuer ends it, ms since 1970. */
  readonly providerExpiry?: number
}

export interface VaultDeps extends JournalDeps {
  readonly store: Pick<Store, 'get' | 'list' | 'put'>
  readonly keys: MasterKeys
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
  /** Key of fingerprints. */
  readonly tagKey: Uint8Array
  /** The latest time that is vouched for, ms since 1970: a clock that says less brings nothing back that has ended. */
  readonly since: number
}

const PAGE = 500
const SECRET_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
/** Bytes. */
const MOST = 64 * 1024

/**
 * Values that agents must never hold (HB-84), encrypted one by one in the store. A value leaves through `use` alone, for as long as it
 * is used, and never once it has expired or was revoked.
 */
export class Vault {
  readonly #deps: VaultDeps
  readonly #journal: Journal
  /** Names whose rows are older than they were, or gone, when the vault was opened. */
  readonly lost: readonly string[]
  #latest: number

  private constructor(deps: VaultDeps, lost: readonly string[], latest: number) {
    this.#deps = deps
    this.#journal = new Journal(deps)
    this.lost = lost
    this.#latest = latest
  }

  /**
   * Outcomes that a crash kept from the log are recorded first. A row that was put back is refused by its name, and all others work.
   * @throws SallyportError SP_VAULT_KEY_MISSING for a row that none of the master keys is for, SP_VAULT_LOCKED when a master key is not
   * the one that was used under its id, SP_AUDIT_*
   */
  static async open(deps: VaultDeps): Promise<Vault> {
    const { versions, keys, since } = deps
    const rows = await rowsOf(deps.store)
    const serials = new Map(rows.map(({ info, serial }) => [info.name, serial]))
    const lost = versions.names().filter((name) => (serials.get(name) ?? 0) < versions.newest(name))
    requireKeys(rows, keys)
    const vault = new Vault(deps, lost, Math.max(since, ...rows.map(({ info }) => info.createdAt)))
    await vault.#journal.recover(rows)
    return vault
  }

  async list(): Promise<readonly SecretInfo[]> {
    const rows = await rowsOf(this.#deps.store)
    return rows.filter(({ info, serial }) => serial >= this.#deps.versions.newest(info.name)).map(({ info }) => info)
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
    const { store, keys, random, versions } = this.#deps
    const found = await store.get(SECRET_KIND, name)
    const before = found === undefined ? undefined : rowOf(found)
    const createdAt = this.#now()
    const newest = versions.newest(name)
    // over a row that was lost, higher than any it can have had
    const version = (before === undefined || before.serial < newest ? newest : before.info.version) + 1
    const envelope = seal(value, { name, version }, keys.active, random)
    const info: SecretInfo = {
      ...{ name, type, state: 'active', version, createdAt, by },
      expiresAt: expiryOf(type, createdAt, ttl, providerExpiry),
      fingerprint: this.#fingerprint(value),
      master: envelope.master,
    }
    await this.#journal.write({ operation: before === undefined ? 'create' : 'rotate', by }, info, envelope, before)
    return info
  }

  /**
   * Hands the value to one function and overwrites it afterwards (best effort: strings that are made of it stay).
   * @throws SallyportError SP_VAULT_UNKNOWN, SP_VAULT_REVOKED, SP_VAULT_EXPIRED, SP_VAULT_TAMPERED, SP_VAULT_ROLLED_BACK,
   * SP_VAULT_KEY_MISSING
   */
  async use<T>(name: string, act: (value: Buffer, info: SecretInfo) => T | Promise<T>): Promise<T> {
    await this.#journal.settle(name)
    const { info, envelope } = await this.#row(name)
    if (envelope === undefined) throw new SallyportError('SP_VAULT_REVOKED', `${name} is gone.`)
    if (hasEnded(info, this.#now())) throw new SallyportError('SP_VAULT_EXPIRED', `${name} has ended.`)
    const value = open(envelope, row(info), this.#deps.keys.find)
    try {
      return await act(value, info)
    } finally {
      value.fill(0)
    }
  }

  /** Ends a credential for good: its value is gone, its row stays, so that no older one can come back unseen (T-129). */
  async revoke(name: string, by: string, reason: string): Promise<SecretInfo> {
    const before = await this.#row(name)
    const gone: SecretInfo = { ...before.info, state: 'revoked' }
    await this.#journal.write({ operation: 'revoke', by, reason }, gone, undefined, before)
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
    for (const each of await rowsOf(this.#deps.store)) {
      const { envelope } = each
      if (envelope === undefined || each.serial < this.#deps.versions.newest(each.info.name)) continue
      const changed = change({ ...each, envelope })
      if (changed === undefined) continue
      const info = { ...each.info, master: changed.master }
      await this.#journal.write({ operation, by }, info, changed, each)
      count++
    }
    return count
  }

  async #row(name: string): Promise<Row> {
    const { store, versions } = this.#deps
    const found = await store.get(SECRET_KIND, name)
    const row = found === undefined ? undefined : rowOf(found)
    if ((row?.serial ?? 0) < versions.newest(name)) throw rolledBack(name)
    if (row === undefined) throw new SallyportError('SP_VAULT_UNKNOWN', JSON.stringify(name.slice(0, 64)))
    return row
  }

  /** ms since 1970, and never less than before: what has ended stays so when the clock is put back. */
  #now(): number {
    return (this.#latest = Math.max(this.#latest, this.#deps.clock.now()))
  }

  #fingerprint(value: Uint8Array): string {
    return createHmac('sha256', this.#deps.tagKey).update('sallyport/credential/1\n').update(value).digest('hex')
  }
}

const row = ({ name, version }: SecretInfo): RowName => ({ name, version })
const invalid = (what: string): SallyportError => new SallyportError('SP_VAULT_INVALID', what)

async function rowsOf(store: Pick<Store, 'list'>): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (let after = ''; ;) {
    const page = await store.list(SECRET_KIND, { after, limit: PAGE })
    rows.push(...page.map(rowOf))
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return rows
    after = last.id
  }
}

/** Each master key opens something that was encrypted under its id: a wrong passphrase is found before anything is encrypted with it. */
function requireKeys(rows: readonly Row[], { find }: MasterKeys): void {
  const right = new Set<string>()
  const wrong = new Set<string>()
  for (const { info, envelope } of rows) {
    if (envelope === undefined || right.has(envelope.master)) continue
    const code = codeOfOpening(envelope, row(info), find)
    if (code === 'SP_VAULT_KEY_MISSING')
      throw new SallyportError(code, `${info.name} needs the master key ${envelope.master}.`)
    ;(code === undefined ? right : wrong).add(envelope.master)
  }
  for (const id of wrong)
    if (!right.has(id))
      throw new SallyportError('SP_VAULT_LOCKED', `The master key ${id} is not the one that was used under this name.`)
}
