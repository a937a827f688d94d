import { comparePolicyVersions, sha256, type JsonObject, type PolicyDiff } from '@sallyport/core'
import { everyDocument } from '../../store/every.ts'
import type { Document, Store } from '../../store/ports.ts'
import type { SourceFile } from './sources.ts'

export type ChangeAction = 'load' | 'reload' | 'update' | 'revert'
export type ChangeSource = 'file' | 'api' | 'cli'

/** One change of policy, accepted or not (ND-5.4.a). */
export interface PolicyChange {
  /** Counts loads; `policy revert N` goes back to one. 0 for a change that never came into force. */
  readonly number: number
  /** ISO 8601 with time zone. */
  readonly timestamp: string
  readonly action: ChangeAction
  readonly source: ChangeSource
  /** `unknown` where nothing proves who wrote a file (E-58). */
  readonly actor: string
  readonly previousVersion: string
  readonly newVersion: string
  readonly digest: string
  readonly diff: PolicyDiff
  /** Why it could allow more than before; empty when it only narrows. */
  readonly widening: readonly string[]
  readonly valid: boolean
  readonly error?: string
  /** Who agreed, where more than one person had to. */
  readonly reviewers?: readonly string[]
}

/** What is kept of a load: enough to go back to it. */
export interface Snapshot {
  readonly change: PolicyChange
  readonly files: readonly Pick<SourceFile, 'path' | 'origin' | 'language' | 'text'>[]
  /** Path → highest version that was ever in force; a file must go beyond it to change (E-54). */
  readonly highest: Readonly<Record<string, string>>
  /** Of a policy that was published: digest of what lay in the sources then. What lies there later waits for a person. */
  readonly over?: string
}

export interface HistoryQuery {
  readonly from?: number
  readonly to?: number
  readonly action?: string
  readonly source?: string
  readonly actor?: string
  readonly valid?: boolean
  readonly limit?: number
}

/** Loads and failed loads of policies, in the store. */
export interface PolicyHistory {
  /** The newest load in force, on any node. */
  latest(): Promise<Snapshot | undefined>
  get(number: number): Promise<Snapshot | undefined>
  byDigest(digest: string): Promise<Snapshot | undefined>
  /** False when another node was first. Marks the one before as replaced. */
  add(snapshot: Snapshot): Promise<boolean>
  addRefused(change: PolicyChange): Promise<void>
  /** Newest first. */
  list(query: HistoryQuery): Promise<readonly PolicyChange[]>
  /** Removes what is older than the retention; what is in force stays. Returns how many. */
  prune(): Promise<number>
  readonly staged: {
    get(): Promise<Snapshot | undefined>
    set(snapshot: Snapshot): Promise<void>
    clear(): Promise<void>
  }
}

const idOf = (number: number): string => `n${String(number).padStart(9, '0')}`
const STAGED = 'policy'

export function createPolicyHistory(
  store: Store,
  now: () => number,
  uuid: () => string,
  retentionMs: number,
): PolicyHistory {
  const all = (): Promise<readonly Document[]> => everyDocument(store, 'policy')
  const inForce = async (): Promise<Document | undefined> =>
    (await all()).filter((document) => document.state === 'active').at(-1)

  return {
    async latest() {
      const document = await inForce()
      return document === undefined ? undefined : snapshotOf(document)
    },
    async get(number) {
      const document = await store.get('policy', idOf(number))
      return document === undefined ? undefined : snapshotOf(document)
    },
    async byDigest(digest) {
      const document = (await all()).findLast((d) => d.state !== 'refused' && snapshotOf(d).change.digest === digest)
      return document === undefined ? undefined : snapshotOf(document)
    },
    async add(snapshot) {
      const previous = await inForce()
      const body = snapshot as unknown as JsonObject
      const id = idOf(snapshot.change.number)
      if (!(await store.put({ kind: 'policy', id, state: 'active', expiresAt: 0, body }, 0))) return false
      if (previous !== undefined) {
        const { version, updatedAt: _, ...rest } = previous
        await store.put({ ...rest, state: 'replaced', expiresAt: now() + retentionMs }, version)
      }
      return true
    },
    async addRefused(change) {
      const body = { change, files: [], highest: {} } as unknown as JsonObject
      await store.put({ kind: 'policy', id: `x${uuid()}`, state: 'refused', expiresAt: now() + retentionMs, body }, 0)
    },
    async list(query) {
      const changes = (await all())
        .filter(({ expiresAt }) => expiresAt === 0 || expiresAt > now())
        .map((document) => snapshotOf(document).change)
        .filter((change) => fits(change, query))
        .sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : b.number - a.number))
      return changes.slice(0, query.limit ?? 100)
    },
    async prune() {
      let removed = 0
      for (const { id, version, expiresAt } of await all()) {
        if (expiresAt !== 0 && expiresAt <= now() && (await store.remove('policy', id, version))) removed++
      }
      return removed
    },
    staged: {
      async get() {
        const document = await store.get('staged', STAGED)
        return document === undefined ? undefined : snapshotOf(document)
      },
      async set(snapshot) {
        const body = snapshot as unknown as JsonObject
        const existing = await store.get('staged', STAGED)
        await store.put({ kind: 'staged', id: STAGED, state: '', expiresAt: 0, body }, existing?.version ?? 0)
      },
      async clear() {
        const existing = await store.get('staged', STAGED)
        if (existing !== undefined) await store.remove('staged', STAGED, existing.version)
      },
    },
  }
}

const snapshotOf = (document: Document): Snapshot => document.body as unknown as Snapshot

function fits(change: PolicyChange, query: HistoryQuery): boolean {
  const at = Date.parse(change.timestamp)
  if (query.from !== undefined && at < query.from) return false
  if (query.to !== undefined && at > query.to) return false
  if (query.valid !== undefined && change.valid !== query.valid) return false
  return (['action', 'source', 'actor'] as const).every((key) => query[key] === undefined || change[key] === query[key])
}

/** Files of a snapshot as if they had just been read. */
export const filesOf = (snapshot: Snapshot): readonly SourceFile[] =>
  snapshot.files.map((file) => ({ ...file, digest: sha256(file.text), real: '', owned: true }))

/** Files that changed although their version did not rise (E-54). Presets come with the product and are exempt. */
export function versionProblems(
  previous: Snapshot,
  files: readonly SourceFile[],
  versions: Readonly<Record<string, string>>,
): readonly string[] {
  const before = new Map(filesOf(previous).map((file) => [file.path, file.digest]))
  const problems: string[] = []
  for (const { path, digest, origin } of files) {
    const version = versions[path]
    const floor = previous.highest[path]
    if (origin === 'preset' || version === undefined || before.get(path) === digest || floor === undefined) continue
    if (comparePolicyVersions(version, floor) > 0) continue
    problems.push(`${path}:1:1 the content changed but its version ${version} is not above ${floor}; raise it`)
  }
  return problems
}

/** Highest version per path, old and new. */
export function raiseVersions(
  before: Readonly<Record<string, string>>,
  versions: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const highest: Record<string, string> = { ...before }
  for (const [path, version] of Object.entries(versions)) {
    const known = highest[path]
    if (known === undefined || comparePolicyVersions(version, known) > 0) highest[path] = version
  }
  return highest
}
