import { createHmac } from 'node:crypto'
import { expiryOf, hasEnded, judgeLifetime, LIFETIMES, SallyportError, type CredentialType } from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import { everyDocument } from '../../store/every.ts'
import type { Document, Store } from '../../store/ports.ts'
import { codeOfOpening, open, rewrap, seal, type Envelope, type RowName } from './envelope.ts'
import { Journal, rolledBack, type JournalDeps } from './journal.ts'
import type { MasterKeys } from './master-keys.ts'
import { rowOf, SECRET_KIND, type BackedUp, type Change, type Restored, type Row, type SecretInfo } from './secret.ts'

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
  #keys: MasterKeys
  /** Names whose rows are older than they were, or gone, when the vault was opened. */
  readonly lost: readonly string[]
  #latest: number

  private constructor(deps: VaultDeps, lost: readonly string[], latest: number) {
    this.#deps = deps
    this.#keys = deps.keys
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
    requireKeepable(name, value, type, ttl ?? LIFETIMES[type].usual)
    const createdAt = this.#now()
    const expiresAt = expiryOf(type, createdAt, ttl, providerExpiry)
    const found = await this.#deps.store.get(SECRET_KIND, name)
    const operation = found === undefined ? 'create' : 'rotate'
    return this.#keep({ operation, by }, { name, type, createdAt, expiresAt }, value, found)
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
    const value = open(envelope, row(info), this.#keys.find)
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

  /** All values that are good, for a backup. The caller overwrites them. @throws SallyportError SP_VAULT_* */
  async export(): Promise<readonly BackedUp[]> {
    const good = (await this.list()).filter((info) => info.state === 'active' && !hasEnded(info, this.#now()))
    const all: BackedUp[] = []
    for (const { name } of good)
      await this.use(name, (value, { type, version, createdAt, expiresAt }) => {
        all.push({ name, type, version, createdAt, expiresAt, value: Buffer.from(value) })
      })
    return all
  }

  /**
   * Takes values of a backup over, with their ends. What is there already and the same stays; what is there and another, or was there,
   * is replaced when that is asked for, and else nothing is changed at all. What has ended is left out.
   * @throws SallyportError SP_VAULT_CONFLICT naming what is in the way, SP_VAULT_INVALID, SP_STORE_*, SP_AUDIT_*
   */
  async restore(
    backup: readonly BackedUp[],
    { replace, by, reason }: { readonly replace: boolean; readonly by: string; readonly reason: string },
  ): Promise<Restored> {
    const now = this.#now()
    const plan: { readonly one: BackedUp; readonly found: Document | undefined }[] = []
    const [conflicts, unchanged, ended]: [string[], string[], string[]] = [[], [], []]
    if (new Set(backup.map(({ name }) => name)).size < backup.length) throw invalid('A name is there twice.')
    for (const one of backup) {
      const { name, value, type, createdAt, expiresAt } = one
      requireKeepable(name, value, type, (expiresAt - Math.min(createdAt, now)) / 1_000)
      const found = await this.#deps.store.get(SECRET_KIND, name)
      if (hasEnded(one, now)) ended.push(name)
      else if (this.#isSame(found, one)) unchanged.push(name)
      else if (!replace && (found !== undefined || this.#deps.versions.newest(name) > 0)) conflicts.push(name)
      else plan.push({ one, found })
    }
    if (conflicts.length > 0) throw new SallyportError('SP_VAULT_CONFLICT', `In the way: ${conflicts.join(', ')}.`)
    for (const { one, found } of plan) {
      const { name, type, createdAt, expiresAt, value } = one
      const times = { createdAt: Math.min(createdAt, now), expiresAt }
      await this.#keep({ operation: 'restore', by, reason }, { name, type, ...times }, value, found)
    }
    return { restored: plan.map(({ one }) => one.name), unchanged, ended }
  }

  /** Takes other master keys, which have to be for all that is there, and puts all values under the first of them. */
  async changeKeys(keys: MasterKeys, by: string): Promise<number> {
    requireKeys(await rowsOf(this.#deps.store), keys)
    this.#keys = keys
    return this.rewrap(by)
  }

  /** Puts all keys of values under the master key in use; values stay as they are. @returns how many were under another one */
  async rewrap(by: string): Promise<number> {
    const [keys, { random }] = [this.#keys, this.#deps]
    return this.#each('rewrap', by, ({ envelope, info }) =>
      envelope.master === keys.active.id ? undefined : rewrap(envelope, row(info), keys.find, keys.active, random),
    )
  }

  /** Encrypts all values anew, each with a new key. @returns how many */
  async rekey(by: string): Promise<number> {
    const [keys, { random }] = [this.#keys, this.#deps]
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

  async #keep(
    change: Change,
    about: Pick<SecretInfo, 'name' | 'type' | 'createdAt' | 'expiresAt'>,
    value: Uint8Array,
    found: Document | undefined,
  ): Promise<SecretInfo> {
    const { random, versions } = this.#deps
    const { name } = about
    const before = found === undefined ? undefined : rowOf(found)
    const newest = versions.newest(name)
    // over a row that was lost, higher than any it can have had
    const version = (before === undefined || before.serial < newest ? newest : before.info.version) + 1
    const envelope = seal(value, { name, version }, this.#keys.active, random)
    const info: SecretInfo = {
      ...about,
      ...{ state: 'active', version, by: change.by, fingerprint: this.#fingerprint(value), master: envelope.master },
    }
    await this.#journal.write(change, info, envelope, before)
    return info
  }

  #isSame(found: Document | undefined, { name, value, expiresAt }: BackedUp): boolean {
    const row = found === undefined ? undefined : rowOf(found)
    if (row?.envelope === undefined || row.serial < this.#deps.versions.newest(name)) return false
    return row.info.fingerprint === this.#fingerprint(value) && row.info.expiresAt === expiresAt
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
function requireKeepable(name: string, value: Uint8Array, type: CredentialType, ttl: number): void {
  if (!SECRET_NAME.test(name)) throw invalid('A name is 1 to 64 of a-z, 0-9, `.`, `_`, `-`.')
  if (value.length === 0 || value.length > MOST) throw invalid(`A value has 1 to ${MOST} bytes.`)
  if (judgeLifetime(type, ttl).kind === 'refused')
    throw invalid(`A credential of the type ${type} may not live that long.`)
}

const invalid = (what: string): SallyportError => new SallyportError('SP_VAULT_INVALID', what)

async function rowsOf(store: Pick<Store, 'list'>): Promise<readonly Row[]> {
  return (await everyDocument(store, SECRET_KIND)).map(rowOf)
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
