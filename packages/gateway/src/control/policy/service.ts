import {
  buildBundle,
  diffPolicies,
  explain,
  isEmptyDiff,
  possible,
  SallyportError,
  sha256,
  toSallyportError,
  wideningReasons,
  type Explanation,
  type JsonObject,
  type LogRecord,
  type PolicyBundle,
  type PolicyRequest,
  type RegisteredTool,
} from '@sallyport/core'
import type { Clock, EvidencePort, PolicyPort, Random } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { createPolicyHistory, filesOf, raiseVersions, versionProblems } from './history.ts'
import { decide } from './decide.ts'
import type { ChangeAction, ChangeSource, HistoryQuery, PolicyChange, Snapshot } from './history.ts'
import type { Preparer } from './preparer.ts'
import { whyNot, type Prepared } from './prepared.ts'
import type { Issue } from './position.ts'
import { Agreements } from './agreements.ts'
import { bundleOf } from './bundle-of.ts'
import { authorOf, provenFiles } from './provenance.ts'
import type { CheckExtent } from './validate-policies.ts'
import { readPresetFiles, readSources, watchedPaths, type SourceFile } from './sources.ts'
import { policyStatus, type PolicyStatus } from './status.ts'
import { watchFiles } from './watch.ts'

export interface PolicyDeps {
  /** `preset:NAME`, directories and files, relative to `baseDir`. */
  readonly sources: readonly string[]
  /** What relative paths are relative to, and shown without; default: the root directory. */
  readonly baseDir?: string
  readonly presetsDir: string
  /** Parses and checks; see `createPreparer`. */
  readonly preparer: Preparer
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  /** People who sign policy files: name → Ed25519 public key (PEM). */
  readonly signers?: Readonly<Record<string, string>>
  /** True when the gateway's account is nobody else's: widening changes from other accounts then wait (T-049). */
  readonly dedicatedUser?: boolean
  /** Two people have to agree to what allows more, also where it is an older policy or a change of files that waits. */
  readonly fourEyes?: boolean
  /** Absolute paths of this installation that agents must not touch: state directory, configuration, policy sources. */
  readonly protectedPaths?: readonly string[]
  /** How long replaced policies and failed loads are kept; default 90 days (E-61). */
  readonly retentionMs?: number
  readonly onChange?: (change: PolicyChange) => void
  readonly alert?: (alert: PolicyAlert) => void
}

export interface PolicyAlert {
  readonly severity: 'critical' | 'high' | 'medium'
  readonly title: string
  readonly detail: string
}

/** What became of an attempt to change the policy. */
export interface LoadReport {
  readonly outcome: 'loaded' | 'unchanged' | 'refused' | 'staged'
  readonly change?: PolicyChange
  readonly error?: SallyportError
  readonly issues: readonly Issue[]
}

/** Who wants a change, and through what. */
interface Author {
  readonly source: ChangeSource
  readonly actor: string
}

/** Policy decision point: an immutable snapshot that changes only as a whole, and never to something unchecked. */
export interface PolicyService extends PolicyPort {
  /**
   * First load. When the files are bad but the store knows a policy that was in force, that one stays.
   * @throws SallyportError SP_POLICY_INVALID, SP_POLICY_TEST_FAILED, SP_POLICY_DISAGREE when there is nothing to fall back on.
   */
  load(): Promise<LoadReport>
  /** Reads the sources again. What does not hold leaves the policy in force as it is. */
  reload(author?: Author): Promise<LoadReport>
  /** The registry has changed: types, groups and buckets are made again, digest and version stay. */
  setTools(tools: readonly RegisteredTool[]): Promise<void>
  history(query?: HistoryQuery): Promise<readonly PolicyChange[]>
  /** Goes back to load `number` of the history. @throws SallyportError */
  revert(number: number, author: Author): Promise<LoadReport>
  /** A widening change that waits for an operator. */
  staged(): Promise<PolicyChange | undefined>
  /** Puts the staged change into force; `digest` is what the operator saw. @throws SallyportError */
  accept(digest: string, author: Author): Promise<LoadReport>
  explain(request: PolicyRequest): Explanation
  /** What is in force, for those who work on a copy of it. */
  live(): LivePolicy
  /** Files of load `number` of the history. @throws SallyportError SP_POLICY_UNKNOWN */
  filesAt(number: number): Promise<readonly SourceFile[]>
  /** Files of a preset that comes with this version. @throws SallyportError SP_POLICY_INVALID where there is none of this name */
  presetFiles(name: string): Promise<readonly SourceFile[]>
  /**
   * Puts the files of a draft into force, with everything that has to hold for a change. `base`: digest of the policy that the
   * draft began with. @throws SallyportError SP_POLICY_CONFLICT, SP_POLICY_INVALID, SP_POLICY_TEST_FAILED, SP_POLICY_DISAGREE
   */
  publish(files: readonly SourceFile[], base: string, author: Author, reviewers: readonly string[]): Promise<LoadReport>
  /** What a recorded decision was based on. */
  explainEvent(auditId: string): Promise<EventExplanation>
  describe(): PolicyStatus
  /** Follows the sources from now on. */
  watch(): Promise<void>
  close(): Promise<void>
}

/** The policy in force and what it was checked against. */
export interface LivePolicy {
  readonly number: number
  readonly digest: string
  readonly version: string
  readonly files: readonly SourceFile[]
  readonly policies: Prepared['policies']
  readonly prepared: Prepared | undefined
  readonly tools: readonly RegisteredTool[]
  readonly bundle: PolicyBundle
  /** Problems of files whose version has to rise before they may be in force. */
  readonly stale: (files: readonly SourceFile[], prepared: Prepared) => readonly string[]
}

export interface EventExplanation {
  readonly record: JsonObject
  readonly policies: readonly { readonly id: string; readonly file: string; readonly text: string }[]
  readonly change: PolicyChange | undefined
  readonly inForce: boolean
}

interface State {
  readonly bundle: PolicyBundle
  readonly prepared: Prepared | undefined
  readonly files: readonly SourceFile[]
  readonly snapshot: Snapshot | undefined
}

const RETENTION_MS = 90 * 86_400_000
const CHECK = { budgetMs: 500, requests: 4, every: 'policy' } as const
const NOTHING: PolicyBundle = buildBundle({ digest: '', version: 'none', policies: [], actions: [] })

/** Before the first load every call is denied. */
export function createPolicyService(deps: PolicyDeps): PolicyService {
  const { store, clock, random, evidence, preparer } = deps
  const history = createPolicyHistory(
    store,
    () => clock.now(),
    () => random.uuid(),
    deps.retentionMs ?? RETENTION_MS,
  )
  const alert = (severity: PolicyAlert['severity'], title: string, detail: string): void =>
    deps.alert?.({ severity, title, detail })
  const places = { ...deps, baseDir: deps.baseDir ?? '/' }
  const instance = random.uuid()
  let state: State = { bundle: NOTHING, prepared: undefined, files: [], snapshot: undefined }
  let tools: readonly RegisteredTool[] = []
  let generation = 0
  /** Digest of what was last read from the sources and refused, reverted or staged: not tried again until it changes. */
  let settled = ''
  let queue: Promise<unknown> = Promise.resolve()
  let stopWatching: (() => Promise<void>) | undefined

  /** One change at a time. */
  const serial = <T>(task: () => Promise<T>): Promise<T> => {
    const run = queue.then(task, task)
    queue = run.catch(() => undefined)
    return run
  }

  const check = (files: readonly SourceFile[], extent: CheckExtent): Promise<Prepared> =>
    preparer.prepare(files, { tools, extent, check: CHECK, seed: 1 })

  /** @throws SallyportError saying why these files must not be loaded. */
  const checked = async (files: readonly SourceFile[], extent: CheckExtent): Promise<Prepared> => {
    const prepared = await check(files, extent)
    const problem = whyNot(prepared)
    if (problem !== undefined) throw new SallyportError(problem.code, problem.text)
    return prepared
  }

  const tellBlocked = ({ blocked }: Prepared): void => {
    for (const [tool, why] of Object.entries(blocked)) alert('medium', `Every call of ${tool} is denied.`, why)
  }

  const snapshotBundle = (prepared: Prepared): Promise<PolicyBundle> =>
    bundleOf(prepared, tools, { name: `${instance}/${generation++ % 2}`, protectedPaths: deps.protectedPaths ?? [] })

  async function note(change: PolicyChange, level: LogRecord['level']): Promise<void> {
    const { timestamp, ...rest } = change
    const record = { kind: 'policy', auditId: random.uuid(), timestamp, level, ...rest } as unknown as LogRecord
    await evidence.append([record])
  }

  async function refused(
    error: SallyportError,
    what: { readonly action: ChangeAction; readonly author: Author; readonly version: string; readonly digest: string },
    issues: readonly Issue[] = [],
  ): Promise<LoadReport> {
    const change: PolicyChange = {
      number: 0,
      timestamp: new Date(clock.now()).toISOString(),
      action: what.action,
      ...what.author,
      previousVersion: state.bundle.version,
      newVersion: what.version,
      digest: what.digest,
      diff: diffPolicies([], []),
      widening: [],
      valid: false,
      error: error.message,
    }
    await note(change, 'error')
    await history.addRefused(change)
    alert('high', 'A policy change was refused; the policy in force has not changed.', error.message)
    return { outcome: 'refused', error, issues, change }
  }

  /** Puts checked files into force: recorded first, then stored, then swapped. */
  async function enact(
    files: readonly SourceFile[],
    prepared: Prepared,
    action: ChangeAction,
    author: Author,
    number: number,
    { reviewers, over }: Pick<PolicyChange, 'reviewers'> & Pick<Snapshot, 'over'> = {},
  ): Promise<LoadReport> {
    const change = { ...changeOf(prepared, action, author, number), ...(reviewers === undefined ? {} : { reviewers }) }
    const bundle = await snapshotBundle(prepared)
    await note(change, change.widening.length > 0 ? 'warn' : 'info')
    const snapshot = { ...snapshotOf(change, files, prepared), ...(over === undefined ? {} : { over }) }
    if (!(await history.add(snapshot))) {
      return refused(new SallyportError('SP_POLICY_INVALID', 'Another gateway changed the policy at the same time.'), {
        action,
        author,
        version: prepared.version,
        digest: prepared.digest,
      })
    }
    tellBlocked(prepared)
    state = { bundle, prepared, files, snapshot }
    deps.onChange?.(change)
    return { outcome: 'loaded', change, issues: prepared.issues }
  }

  const changeOf = (prepared: Prepared, action: ChangeAction, author: Author, number: number): PolicyChange => {
    const before = state.prepared?.policies ?? []
    return {
      number,
      timestamp: new Date(clock.now()).toISOString(),
      action,
      ...author,
      previousVersion: state.prepared === undefined ? '' : state.bundle.version,
      newVersion: prepared.version,
      digest: prepared.digest,
      diff: diffPolicies(before, prepared.policies),
      widening: state.prepared === undefined ? [] : wideningReasons(before, prepared.policies),
      valid: true,
    }
  }

  const snapshotOf = (change: PolicyChange, files: readonly SourceFile[], prepared: Prepared): Snapshot => ({
    change,
    files: files.map(({ path, origin, language, text }) => ({ path, origin, language, text })),
    highest: raiseVersions(state.snapshot?.highest ?? {}, versionsOf(prepared)),
  })

  const nextNumber = async (): Promise<number> => ((await history.latest())?.change.number ?? 0) + 1

  /** Files from the sources: everything that can be wrong with a change is found here. */
  async function change(action: ChangeAction, given: Author | undefined): Promise<LoadReport> {
    let files: readonly SourceFile[]
    const fallback: Author = given ?? { source: 'file', actor: 'unknown' }
    try {
      files = await readSources(places)
    } catch (thrown) {
      const error = toSallyportError(thrown, 'SP_POLICY_INVALID')
      if (settled === error.message) return { outcome: 'unchanged', issues: [], error }
      settled = error.message
      return refused(error, { action, author: fallback, version: '', digest: '' })
    }
    const seen = namesAndDigests(files)
    if (seen === settled && state.prepared !== undefined) return { outcome: 'unchanged', issues: state.prepared.issues }
    if (state.prepared !== undefined && state.snapshot?.over === sha256(seen)) {
      // what was published took the place of exactly these files
      settled = seen
      return { outcome: 'unchanged', issues: state.prepared.issues }
    }
    const author = given ?? authorOf(files, state.files)
    let prepared: Prepared
    try {
      // what is in force was checked with the tools of today when it was taken over
      const inForce = state.prepared !== undefined && sameFiles(files, state.files)
      prepared = inForce ? (state.prepared as Prepared) : await check(files, action === 'load' ? 'start' : 'change')
    } catch (thrown) {
      settled = seen
      return refused(toSallyportError(thrown, 'SP_POLICY_INVALID'), { action, author, version: '', digest: '' })
    }
    settled = seen
    const published = state.snapshot?.over !== undefined
    const about = { action, author, version: prepared.version, digest: prepared.digest }
    const problem = whyNot(prepared)
    if (problem !== undefined) return refused(new SallyportError(problem.code, problem.text), about, prepared.issues)
    if (state.snapshot !== undefined && state.prepared !== undefined) {
      if (prepared.digest === state.prepared.digest) {
        if (prepared !== state.prepared) state = { ...state, prepared, bundle: await snapshotBundle(prepared) }
        state = { ...state, files }
        return { outcome: 'unchanged', issues: prepared.issues }
      }
      const [stale] = versionProblems(state.snapshot, files, versionsOf(prepared))
      if (stale !== undefined) return refused(new SallyportError('SP_POLICY_INVALID', stale), about, prepared.issues)
      const widening = wideningReasons(state.prepared.policies, prepared.policies)
      const foreignHand = !provenFiles(files, state.files)
      if (published || (widening.length > 0 && foreignHand && deps.dedicatedUser === true)) {
        const staged = changeOf(prepared, action, author, await nextNumber())
        await note({ ...staged, valid: false, error: 'staged: waits for an operator' }, 'warn')
        await history.staged.set(snapshotOf(staged, files, prepared))
        const why = widening.length > 0 ? widening.join('; ') : 'The policy in force was published by a person.'
        const [severity, title] =
          widening.length > 0
            ? (['high', 'A policy change would allow more and waits for an operator.'] as const)
            : (['medium', 'A change of policy files waits for an operator.'] as const)
        alert(severity, title, why)
        return {
          outcome: 'staged',
          change: staged,
          issues: prepared.issues,
          error: new SallyportError('SP_POLICY_STAGED', why),
        }
      }
      if (author.actor === 'unknown') {
        const detail = `${state.bundle.version} → ${prepared.version}${widening.length > 0 ? `; allows more: ${widening.join('; ')}` : ''}`
        alert(widening.length > 0 ? 'high' : 'medium', 'A policy file was changed by nobody knows whom.', detail)
      }
    }
    await history.staged.clear()
    return enact(files, prepared, action, author, await nextNumber())
  }

  const agreements = new Agreements(store, clock)

  /** Who agreed to `what`; a report instead while it allows more and a second person is missing (T-049). */
  async function agreeing(what: string, prepared: Prepared, actor: string): Promise<readonly string[] | LoadReport> {
    const widening = state.prepared === undefined ? [] : wideningReasons(state.prepared.policies, prepared.policies)
    if (deps.fourEyes !== true || widening.length === 0) return [actor]
    const agreed = await agreements.add(`${what} ${prepared.digest} ${state.bundle.digest}`, actor)
    if (agreed.length > 1) return agreed
    const error = new SallyportError('SP_POLICY_STAGED', `Another person has to agree: ${widening.join('; ')}`)
    return { outcome: 'staged', issues: prepared.issues, error }
  }

  /** Takes over what the store has in force (an earlier run, or another node). */
  async function adopt(snapshot: Snapshot, extent: CheckExtent): Promise<void> {
    const files = filesOf(snapshot)
    const prepared = await checked(files, extent)
    tellBlocked(prepared)
    state = { bundle: await snapshotBundle(prepared), prepared, files, snapshot }
  }

  const unwatchStore = store.watch(({ kind, id }) => {
    if (kind !== 'policy' || state.snapshot === undefined || !id.startsWith('n')) return
    void serial(async () => {
      const latest = await history.latest()
      if (latest === undefined || latest.change.number <= (state.snapshot?.change.number ?? 0)) return
      await adopt(latest, 'in-force')
      deps.onChange?.(latest.change)
    }).catch((error: unknown) => alert('high', 'A policy of another gateway could not be taken over.', String(error)))
  })

  return {
    evaluate: (request) => decide(state.bundle, request),
    possible: (head) => possible(state.bundle, head),
    current: () => ({ bundle: state.bundle.digest, version: state.bundle.version }),
    explain: (request) => explain(state.bundle, request),
    load: () =>
      serial(async () => {
        await history.prune()
        const stored = await history.latest()
        if (stored !== undefined) {
          await adopt(stored, 'start')
            .catch(async (error: unknown) => {
              await adopt(stored, 'in-force')
              alert('high', 'The policy that is in force no longer passes its own checks.', String(error))
            })
            .catch((error: unknown) =>
              alert('critical', 'The policy that was in force can no longer be loaded.', String(error)),
            )
        }
        const report = await change('load', undefined)
        if (report.outcome === 'unchanged' && state.snapshot !== undefined && report.error === undefined) {
          const unchanged = {
            ...state.snapshot.change,
            action: 'load' as const,
            diff: diffPolicies([], []),
            widening: [],
          }
          await note({ ...unchanged, timestamp: new Date(clock.now()).toISOString() }, 'info')
        }
        if (state.prepared === undefined) throw report.error ?? new SallyportError('SP_POLICY_INVALID')
        return report
      }),
    reload: (author) => serial(() => change('reload', author)),
    setTools: (next) =>
      serial(async () => {
        const before = tools
        tools = next
        if (state.prepared === undefined) return
        try {
          const prepared = await checked(state.files, 'in-force')
          state = { ...state, prepared, bundle: await snapshotBundle(prepared) }
          tellBlocked(prepared)
        } catch (error) {
          tools = before
          alert('high', 'New tools could not be taken into the policy; they stay denied.', String(error))
          throw error
        }
      }),
    history: (query = {}) => history.list(query),
    live: () => ({
      number: state.snapshot?.change.number ?? 0,
      digest: state.bundle.digest,
      version: state.bundle.version,
      files: state.files,
      policies: state.prepared?.policies ?? [],
      prepared: state.prepared,
      tools,
      bundle: state.bundle,
      stale: (files, prepared) =>
        state.snapshot === undefined ? [] : versionProblems(state.snapshot, files, versionsOf(prepared)),
    }),
    presetFiles: (name) => readPresetFiles(name, deps),
    filesAt: async (number) => {
      const snapshot = await history.get(number)
      if (snapshot === undefined)
        throw new SallyportError('SP_POLICY_UNKNOWN', `There is no load ${number} in the history.`)
      return filesOf(snapshot)
    },
    publish: (files, base, author, reviewers) =>
      serial(async () => {
        if (state.snapshot === undefined || base !== state.bundle.digest)
          throw new SallyportError('SP_POLICY_CONFLICT', `In force is ${state.bundle.version} now.`)
        const prepared = await checked(files, 'change')
        const [stale] = versionProblems(state.snapshot, files, versionsOf(prepared))
        if (stale !== undefined) throw new SallyportError('SP_POLICY_INVALID', stale)
        if (prepared.digest === state.bundle.digest) return { outcome: 'unchanged', issues: prepared.issues }
        // where the sources cannot be read, what was read last counts: anything else there later waits
        const seen = await readSources(places).then(namesAndDigests, () => settled)
        settled = seen
        return enact(files, prepared, 'update', author, await nextNumber(), { reviewers, over: sha256(seen) })
      }),
    staged: async () => (await history.staged.get())?.change,
    revert: (number, author) =>
      serial(async () => {
        const target = await history.get(number)
        if (target === undefined)
          throw new SallyportError('SP_POLICY_UNKNOWN', `There is no load ${number} in the history.`)
        const files = filesOf(target)
        const prepared = await checked(files, 'change')
        if (state.prepared !== undefined && isEmptyDiff(diffPolicies(state.prepared.policies, prepared.policies))) {
          return { outcome: 'unchanged', issues: prepared.issues }
        }
        const agreed = await agreeing(`revert ${number}`, prepared, author.actor)
        if ('outcome' in agreed) return agreed
        return enact(files, prepared, 'revert', author, await nextNumber(), { reviewers: agreed })
      }),
    accept: (digest, author) =>
      serial(async () => {
        const staged = await history.staged.get()
        if (staged === undefined) throw new SallyportError('SP_POLICY_UNKNOWN', 'No change is waiting.')
        if (staged.change.digest !== digest) {
          throw new SallyportError('SP_POLICY_INVALID', 'Another change is waiting now; look at it first.')
        }
        const files = filesOf(staged)
        const prepared = await checked(files, 'change')
        const agreed = await agreeing('accept', prepared, author.actor)
        if ('outcome' in agreed) return agreed
        const report = await enact(files, prepared, 'update', author, await nextNumber(), { reviewers: agreed })
        await history.staged.clear()
        return report
      }),
    explainEvent: async (auditId) => {
      const records = (await store.readLog({ auditId, limit: 50 })).map(({ body }) => JSON.parse(body) as JsonObject)
      const record = records.find(({ kind }) => kind === 'decision') ?? records[0]
      if (record === undefined) throw new SallyportError('SP_AUDIT_UNKNOWN', auditId)
      const digest = typeof record['bundle'] === 'string' ? record['bundle'] : ''
      const inForce = digest === state.bundle.digest
      const snapshot = inForce ? state.snapshot : await history.byDigest(digest)
      const rules = new Set(Array.isArray(record['policyRule']) ? record['policyRule'].map(String) : [])
      const known = inForce
        ? state.prepared
        : snapshot === undefined
          ? undefined
          : await check(filesOf(snapshot), 'in-force')
      const policies = (known?.policies ?? [])
        .filter(({ id }) => rules.has(id))
        .map(({ id, file, line, text }) => ({ id, file: `${file}:${line}`, text }))
      return { record, policies, change: snapshot?.change, inForce }
    },
    describe: () => policyStatus(state.bundle, state.prepared, state.snapshot?.change.number ?? 0),
    watch: async () => {
      stopWatching ??= await watchFiles(watchedPaths(places), async () => {
        await serial(() => change('reload', undefined)).catch((error: unknown) =>
          alert('high', 'Changed policy files could not be taken up; what was in force stays.', String(error)),
        )
      })
    },
    close: async () => {
      unwatchStore()
      await stopWatching?.()
      await queue.catch(() => undefined)
      await preparer.settled()
    },
  }
}

const namesAndDigests = (files: readonly SourceFile[]): string =>
  files.map(({ path, digest }) => `${path} ${digest}`).join('\n')

const sameFiles = (a: readonly SourceFile[], b: readonly SourceFile[]): boolean =>
  a.length === b.length && a.every((file, at) => file.path === b[at]?.path && file.digest === b[at]?.digest)

const versionsOf = ({ files }: Prepared): Readonly<Record<string, string>> =>
  Object.fromEntries(files.map(({ path, version }) => [path, version]))
