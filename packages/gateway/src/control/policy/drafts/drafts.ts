import {
  diffPolicies,
  explain,
  SallyportError,
  toSallyportError,
  wideningReasons,
  type Explanation,
  type JsonObject,
  type PolicyBundle,
  type PolicyDiff,
  type PolicyRequest,
} from '@sallyport/core'
import type { Clock } from '../../../boundary/ports.ts'
import type { Store } from '../../../store/ports.ts'
import { bundleOf } from '../bundle-of.ts'
import { whyNot, type Prepared } from '../prepared.ts'
import type { Preparer } from '../preparer.ts'
import { recordedCall, withLabels, type RecordedCall, type ToolsNow, type WhatIf } from '../recorded.ts'
import type { LoadReport, PolicyService } from '../service.ts'
import { Simulations, type SimulationView, type SimulationWindow } from '../simulate/simulations.ts'
import { decide } from '../decide.ts'
import { checkDraft, prepareDraft, type DraftCheck } from './check.ts'
import { editFiles, rebase } from './edit.ts'
import { toolEffects, type ToolEffect } from './effects.ts'
import { propose, type AskedCall, type Proposal, type ProposedEffect } from './propose.ts'
import { DraftStore, NOBODY_AGREED, sourceFiles, type Draft, type KeptDraft } from './store.ts'

export interface DraftsDeps {
  readonly policy: Pick<PolicyService, 'live' | 'publish' | 'filesAt' | 'presetFiles'>
  /** One without a cache on disk: an editor asks often. */
  readonly preparer: Preparer
  readonly store: Store
  readonly clock: Clock
  readonly tools: ToolsNow
  readonly protectedPaths: readonly string[]
  /** Two people have to agree to what allows more. */
  readonly fourEyes: boolean
}

type Edits = readonly { readonly path: string; readonly text?: string | undefined }[]

export interface DraftDiff {
  readonly widening: readonly string[]
  readonly effects: readonly ToolEffect[]
  readonly diff: PolicyDiff
  readonly texts: readonly { readonly path: string; readonly before: string; readonly after: string }[]
}

export interface PublishReport {
  /** `waiting`: another person has to agree. */
  readonly outcome: LoadReport['outcome'] | 'waiting'
  readonly digest: string
  readonly widening: readonly string[]
  readonly agreed: readonly string[]
  readonly change?: LoadReport['change']
}

export interface ExplainedCall {
  readonly call: Omit<RecordedCall, 'request'>
  readonly labels: PolicyRequest['context']['labels']
  readonly explanation: Explanation
  /** Text of every rule that matched, failed or only just did not match. */
  readonly texts: Readonly<Record<string, string>>
}

/** Checks that may wait for the thread at once: an editor asks for the newest text only. */
const MOST_WAITING = 4

/** Policies that are being worked on: nothing here decides anything until it is published. */
export class Drafts {
  readonly simulations: Simulations
  readonly #deps: DraftsDeps
  readonly #kept: DraftStore
  #waiting = 0
  #bundles = 0

  constructor(deps: DraftsDeps) {
    this.#deps = deps
    this.#kept = new DraftStore(deps.store, deps.clock)
    this.simulations = new Simulations(deps)
  }

  list(): Promise<readonly KeptDraft[]> {
    return this.#kept.list()
  }

  get(id: string): Promise<KeptDraft> {
    return this.#kept.get(id)
  }

  /** A copy of what is in force, or of load `number` of the history, based on what is in force. */
  async create(by: string, number?: number): Promise<KeptDraft> {
    const live = this.#deps.policy.live()
    const files = number === undefined ? live.files : await this.#deps.policy.filesAt(number)
    const plain = files.map(({ path, origin, language, text }) => ({ path, origin, language, text }))
    return this.#kept.create({ base: baseOf(live), files: plain }, by)
  }

  /** What is in force, with this preset in the place of those that are. */
  async createWith(by: string, preset: string): Promise<KeptDraft> {
    const live = this.#deps.policy.live()
    const [base, own] = [live.files.filter(isBase), live.files.filter(({ path }) => !path.startsWith('preset:'))]
    const files = [...base, ...(await this.#deps.policy.presetFiles(preset)), ...own]
    const plain = files.map(({ path, origin, language, text }) => ({ path, origin, language, text }))
    return this.#kept.create({ base: baseOf(live), files: plain }, by)
  }

  /** @throws SallyportError SP_POLICY_DRAFT when somebody else saved since `revision` */
  async save(id: string, revision: number, edits: Edits, by: string): Promise<KeptDraft> {
    const { draft } = await this.#kept.get(id)
    const files = editFiles(draft.files, edits)
    return this.#kept.save({ revision, draft: this.#changed({ ...draft, files }, by) })
  }

  /** Takes over what came into force meanwhile; the draft's own changes stay. */
  async rebase(id: string, by: string): Promise<KeptDraft & { readonly conflicts: readonly string[] }> {
    const { draft, revision } = await this.#kept.get(id)
    const live = this.#deps.policy.live()
    const base = await this.#deps.policy.filesAt(draft.base.number)
    const { files, conflicts } = rebase(
      draft.files,
      base,
      live.files.map(({ path, origin, language, text }) => ({ path, origin, language, text })),
    )
    const kept = await this.#kept.save({
      revision,
      draft: this.#changed({ ...draft, files, base: baseOf(live) }, by),
    })
    return { ...kept, conflicts }
  }

  remove(id: string): Promise<void> {
    return this.#kept.remove(id)
  }

  /** Parses, type-checks and tests a draft with edits that are not saved yet. */
  async check(id: string, edits: Edits = []): Promise<DraftCheck & { readonly conflict: boolean }> {
    const { draft } = await this.#kept.get(id)
    const live = this.#deps.policy.live()
    const files = sourceFiles(editFiles(draft.files, edits))
    const checked = await this.#oneOfFew(() =>
      checkDraft(this.#deps.preparer, files, live, () => this.#deps.clock.monotonic()),
    )
    return { ...checked, conflict: draft.base.digest !== live.digest }
  }

  /** What would be different, what becomes allowed first. @throws SallyportError SP_POLICY_INVALID where it cannot be read */
  async diff(id: string): Promise<DraftDiff> {
    const { draft } = await this.#kept.get(id)
    const live = this.#deps.policy.live()
    const { prepared, bundle } = await this.#judge(draft)
    const texts = (files: Draft['files']): ReadonlyMap<string, string> => new Map(files.map((f) => [f.path, f.text]))
    const [old, now] = [texts(live.files), texts(draft.files)]
    const paths = [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path))
    return {
      widening: wideningReasons(live.policies, prepared.policies),
      effects: toolEffects(live.bundle, bundle, live.tools),
      diff: diffPolicies(live.policies, prepared.policies),
      texts: paths.map((path) => ({ path, before: old.get(path) ?? '', after: now.get(path) ?? '' })),
    }
  }

  /** Why a recorded call would be decided as it would, by the policy in force or by a draft, and with other labels. */
  async explain(auditId: string, { draft, whatIf = {} }: { draft?: string; whatIf?: WhatIf }): Promise<ExplainedCall> {
    const recorded = await this.#recorded(auditId)
    const bundle =
      draft === undefined
        ? this.#deps.policy.live().bundle
        : (await this.#judge((await this.#kept.get(draft)).draft)).bundle
    const { request, ...call } = recorded
    const asked = withLabels(request, whatIf)
    const explanation = explain(bundle, asked)
    const shown = explanation.trace.filter(({ result, nearMiss }) => nearMiss || result !== 'not-matched')
    const texts = Object.fromEntries(shown.map(({ id }) => [id, bundle.byId.get(id)?.source.text ?? '']))
    return { call, labels: asked.context.labels, explanation, texts }
  }

  /** The narrowest rule for calls like one that a person was asked about. Nothing is kept. */
  async propose(asked: AskedCall, effect: ProposedEffect): Promise<Proposal> {
    const recorded = await this.#recorded(asked.auditId)
    const live = this.#deps.policy.live()
    const proposal = propose({ asked, recorded, live, tools: this.#deps.tools }, effect)
    if (!proposal.possible) return proposal
    const { bundle } = await this.#judge({ files: editFiles(live.files, proposal.edits) })
    const after = decide(bundle, proposal.request)
    if (after.outcome === effect) return proposal
    return { possible: false, effect, why: `Such a rule would not be enough: ${after.reason}` }
  }

  /** Begins a draft with that rule and its tests. @throws SallyportError SP_POLICY_DRAFT where there is no such rule */
  async createFrom(
    asked: AskedCall,
    effect: ProposedEffect,
    by: string,
  ): Promise<KeptDraft & { readonly file: string }> {
    const proposal = await this.propose(asked, effect)
    if (!proposal.possible) throw new SallyportError('SP_POLICY_DRAFT', proposal.why)
    const { draft, revision } = await this.create(by)
    const kept = await this.save(draft.id, revision, proposal.edits, by)
    return { ...kept, file: proposal.file }
  }

  async simulate(id: string, window: SimulationWindow): Promise<SimulationView> {
    const { draft } = await this.#kept.get(id)
    const live = this.#deps.policy.live()
    if (live.prepared === undefined) throw new SallyportError('SP_POLICY_INVALID', 'No policy is in force.')
    const { prepared } = await this.#prepare(draft)
    return this.simulations.start({ draft: id, window, live: live.prepared, prepared, tools: live.tools })
  }

  /**
   * Agrees to a draft in the name of somebody who was shown to be there, and puts it into force when nobody else has to.
   * `digest`: what that person saw. @throws SallyportError SP_POLICY_*
   */
  async publish(id: string, digest: string, by: string): Promise<PublishReport> {
    const { draft, revision } = await this.#kept.get(id)
    const { policy } = this.#deps
    const live = policy.live()
    if (draft.base.digest !== live.digest)
      throw new SallyportError('SP_POLICY_CONFLICT', `In force is ${live.version} now.`)
    const files = sourceFiles(draft.files)
    const { prepared } = await this.#prepare(draft)
    const problem = whyNot(prepared)
    if (problem !== undefined) throw new SallyportError(problem.code, problem.text)
    if (prepared.digest !== digest)
      throw new SallyportError('SP_POLICY_DRAFT', 'The draft has changed since it was looked at.')
    const widening = wideningReasons(live.policies, prepared.policies)
    const before = draft.agreed.digest === digest ? draft.agreed.by : []
    const agreed = [...new Set([...before, by])]
    if (this.#deps.fourEyes && widening.length > 0 && agreed.length < 2) {
      await this.#kept.save({ revision, draft: { ...draft, agreed: { digest, by: agreed } } })
      return { outcome: 'waiting', digest, widening, agreed }
    }
    const report = await policy.publish(files, draft.base.digest, { source: 'api', actor: by }, agreed)
    if (report.outcome === 'refused') throw report.error ?? new SallyportError('SP_POLICY_INVALID')
    await this.#kept.remove(id).catch(() => undefined)
    return {
      ...{ outcome: report.outcome, digest, widening, agreed },
      ...(report.change === undefined ? {} : { change: report.change }),
    }
  }

  close(): void {
    this.simulations.close()
  }

  #changed(draft: Draft, by: string): Draft {
    return { ...draft, updatedBy: by, updatedAt: this.#deps.clock.now(), agreed: NOBODY_AGREED }
  }

  async #recorded(auditId: string): Promise<RecordedCall> {
    const records = await this.#deps.store.readLog({ auditId, kind: 'decision', limit: 1 })
    const [body] = records.map((record) => JSON.parse(record.body) as JsonObject)
    if (body === undefined) throw new SallyportError('SP_AUDIT_UNKNOWN', auditId)
    const recorded = recordedCall(body, this.#deps.tools)
    if (recorded === undefined)
      throw new SallyportError('SP_AUDIT_UNKNOWN', 'Policy was not asked about this call, or its tool is gone.')
    return recorded
  }

  async #prepare(draft: Pick<Draft, 'files'>): Promise<{ readonly prepared: Prepared }> {
    const live = this.#deps.policy.live()
    const files = sourceFiles(draft.files)
    return { prepared: await this.#oneOfFew(() => prepareDraft(this.#deps.preparer, files, live)) }
  }

  /** A draft as buckets that answer. @throws SallyportError SP_POLICY_INVALID when it does not parse or type-check */
  async #judge(draft: Pick<Draft, 'files'>): Promise<{ readonly prepared: Prepared; readonly bundle: PolicyBundle }> {
    const { prepared } = await this.#prepare(draft)
    const problem = whyNot({ ...prepared, tests: { ...prepared.tests, failures: [] } })
    if (problem !== undefined) throw new SallyportError(problem.code, problem.text)
    const { tools } = this.#deps.policy.live()
    const { protectedPaths } = this.#deps
    const bundle = await bundleOf(prepared, tools, { name: `draft/${this.#bundles++ % 2}`, protectedPaths })
    return { prepared, bundle }
  }

  /** @throws SallyportError SP_POLICY_BUSY */
  async #oneOfFew<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) throw new SallyportError('SP_POLICY_BUSY')
    this.#waiting++
    try {
      return await task()
    } catch (thrown) {
      throw toSallyportError(thrown, 'SP_POLICY_INVALID')
    } finally {
      this.#waiting--
    }
  }
}

const isBase = ({ path }: { readonly path: string }): boolean => path.startsWith('preset:base.')
const baseOf = ({ number, digest, version }: Draft['base']): Draft['base'] => ({ number, digest, version })
