import { SallyportError, type JsonObject } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import type { Envelope } from './envelope.ts'
import { rowOf, SECRET_KIND, type Change, type Row, type SecretEvent, type SecretInfo } from './secret.ts'
import type { VersionFile } from './versions.ts'

export interface JournalDeps {
  readonly store: Pick<Store, 'get' | 'put'>
  readonly versions: VersionFile
  readonly random: Pick<Random, 'uuid'>
  /** Resolves when it is durable. */
  readonly record: (event: SecretEvent) => Promise<void>
  /** Whether the outcome of a change is on record. */
  readonly isRecorded: (change: string) => Promise<boolean>
}

/** A row that was written, or may have been, and whose outcome is not on record yet. */
interface Open {
  readonly event: Omit<SecretEvent, 'phase'>
  readonly serial: number
  /** Known to be in the store. */
  written: boolean
  settling?: Promise<void>
}

/**
 * Writes rows so that the log is true whenever the gateway ends (AC-4.5.1): the intent is durable before the row is written, the outcome
 * is recorded behind it, and only then is the row's serial number taken over. A row without an outcome is found by its serial
 * number when the vault is opened, and its outcome recorded then. Until it is, its value is not used.
 */
export class Journal {
  readonly #deps: JournalDeps
  readonly #open = new Map<string, Open>()

  constructor(deps: JournalDeps) {
    this.#deps = deps
  }

  /** @throws SallyportError SP_AUDIT_* before anything was done, SP_STORE_* */
  async write(
    change: Change,
    info: SecretInfo,
    envelope: Envelope | undefined,
    before: Row | undefined,
  ): Promise<void> {
    const { store, versions, random, record } = this.#deps
    await this.settle(info.name)
    const event = { ...change, info, change: random.uuid() }
    await record({ ...event, phase: 'intent' })
    const serial = Math.max(versions.newest(info.name), before?.serial ?? 0) + 1
    const last: Row['last'] = { ...change, id: event.change }
    const body = { ...info, serial, last, ...(envelope === undefined ? {} : { envelope }) } as unknown as JsonObject
    const document = { kind: SECRET_KIND, id: info.name, state: info.state, expiresAt: 0, body } as const
    // what a store that fails has done is seen when it answers again
    const open: Open = { event, serial, written: false }
    this.#open.set(event.change, open)
    open.written = await store.put(document, before?.document.version ?? 0)
    if (!open.written) {
      this.#open.delete(event.change)
      await record({ ...event, phase: 'outcome', error: 'SP_STORE_BUSY' })
      throw new SallyportError('SP_STORE_BUSY', `${info.name} was changed by somebody else at the same time.`)
    }
    await this.settle(info.name)
  }

  /** Resolves when the outcome of every change of this name is on record. @throws SallyportError SP_AUDIT_*, SP_STORE_* */
  async settle(name: string): Promise<void> {
    for (const [id, open] of [...this.#open]) {
      if (open.event.info.name !== name) continue
      open.settling ??= this.#conclude(id, open).finally(() => delete open.settling)
      await open.settling
    }
  }

  /** Outcomes of rows that were written by a gateway that ended before it could record them. */
  async recover(rows: readonly Row[]): Promise<void> {
    const { versions, record, isRecorded } = this.#deps
    const newer = rows.filter(({ info, serial }) => serial > versions.newest(info.name))
    for (const { info, last } of newer) {
      const { id, ...change } = last
      if (!(await isRecorded(id))) await record({ ...change, info, change: id, phase: 'outcome', recovered: true })
    }
    versions.wrote(new Map(newer.map(({ info, serial }) => [info.name, serial])))
  }

  async #conclude(id: string, { event, serial, written }: Open): Promise<void> {
    const { store, versions, record } = this.#deps
    const { name } = event.info
    const found = written ? undefined : await store.get(SECRET_KIND, name)
    const isThere = written || (found !== undefined && rowOf(found).last.id === id)
    await record({ ...event, phase: 'outcome', ...(isThere ? {} : { error: 'SP_STORE_UNAVAILABLE' }) })
    if (isThere) versions.wrote(new Map([[name, serial]]))
    this.#open.delete(id)
  }
}

/** A name that the file of serial numbers knows, and whose row is older or gone. */
export const rolledBack = (name: string): SallyportError =>
  new SallyportError(
    'SP_VAULT_ROLLED_BACK',
    `${name} is older than it was, or its row is gone or was not written by this gateway.`,
  )
