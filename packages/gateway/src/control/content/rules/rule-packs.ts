import { SallyportError, type PackKey, type VerifiedPack } from '@sallyport/core'
import { verifyPack } from '@sallyport/core/detect/rules/verify-pack'
import type { PackFiles } from './pack-files.ts'

/** What became of a pack. */
export interface PackChange {
  readonly outcome: 'installed' | 'unchanged' | 'refused'
  readonly source: 'start' | 'file' | 'api' | 'cli'
  readonly name: string
  readonly version?: number
  readonly previous?: number
  readonly digest?: string
  readonly key?: string
  readonly error?: SallyportError
}

/** Members of the record of a change. */
export const packRecord = ({ outcome, name, error, ...rest }: PackChange): object => ({
  event: `rules.${outcome}`,
  pack: name,
  ...rest,
  ...(error === undefined ? {} : { code: error.code, reason: error.detail }),
})

export interface RulePacksDeps {
  readonly files: PackFiles
  readonly keys: readonly PackKey[]
  /** Told of every change and every refusal: it goes into the log. */
  readonly changed?: (change: PackChange) => void
}

/**
 * The packs in force. A pack that does not hold leaves the one before it in force (HB-19): in memory always, and on disk where it
 * came through `install`. A pack that is taken away stays in force until the gateway starts again.
 */
export class RulePacks {
  readonly #deps: RulePacksDeps
  #packs: ReadonlyMap<string, VerifiedPack> = new Map()
  /** Digest of refused files, so that each is reported once. */
  readonly #refused = new Map<string, string>()

  constructor(deps: RulePacksDeps) {
    this.#deps = deps
    this.reload('start')
  }

  /** By name. A new list for every change, so that a detector can keep what it made of one. */
  get current(): readonly VerifiedPack[] {
    return [...this.#packs.values()]
  }

  /** Checks a pack and puts it into force. @throws SallyportError SP_RULES_* (nothing has changed), SP_STORE_UNAVAILABLE */
  install(bytes: Uint8Array, source: 'api' | 'cli'): PackChange {
    const verdict = verifyPack(bytes, this.#deps.keys, this.current)
    if (!verdict.ok) {
      const error = new SallyportError(verdict.code, verdict.detail)
      this.#deps.changed?.({ outcome: 'refused', source, name: '', error })
      throw error
    }
    this.#deps.files.write(verdict.pack.name, bytes)
    return this.#take(verdict.pack, source)
  }

  /** Reads the files again: what `install` would take is taken, all else is reported and changes nothing. */
  reload(source: 'start' | 'file'): readonly PackChange[] {
    const changes: PackChange[] = []
    for (const { file, bytes } of this.#deps.files.read()) {
      const change = this.#fromFile(file, bytes ?? new Uint8Array(), source)
      if (change !== undefined) changes.push(change)
    }
    return changes
  }

  #fromFile(file: string, bytes: Uint8Array, source: 'start' | 'file'): PackChange | undefined {
    const name = file.replace(/\.json$/, '')
    const current = this.#packs.get(name)
    const verdict = verifyPack(bytes, this.#deps.keys)
    const isCurrent = verdict.ok && verdict.pack.name === name && verdict.pack.digest === current?.digest
    if (isCurrent) return undefined
    const checked = verdict.ok ? verifyPack(bytes, this.#deps.keys, this.current) : verdict
    if (checked.ok && checked.pack.name === name) return this.#take(checked.pack, source)
    const error = checked.ok
      ? new SallyportError('SP_RULES_INVALID', `${file} holds the pack ${checked.pack.name}.`)
      : new SallyportError(checked.code, `${file}: ${checked.detail}`)
    const mark = `${error.code} ${bytes.length} ${error.detail}`
    if (this.#refused.get(file) === mark) return undefined
    this.#refused.set(file, mark)
    const change: PackChange = { outcome: 'refused', source, name, error }
    this.#deps.changed?.(change)
    return change
  }

  #take(pack: VerifiedPack, source: PackChange['source']): PackChange {
    const previous = this.#packs.get(pack.name)?.version.number
    this.#packs = new Map([...this.#packs, [pack.name, pack] as const].sort(([a], [b]) => (a < b ? -1 : 1)))
    this.#refused.delete(`${pack.name}.json`)
    const { name, digest, key, version } = pack
    const known = { outcome: 'installed', source, name, version: version.number, digest, key } as const
    const change: PackChange = previous === undefined ? known : { ...known, previous }
    this.#deps.changed?.(change)
    return change
  }
}
