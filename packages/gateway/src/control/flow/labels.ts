import {
  CLEAN,
  joinLabels,
  LOST,
  UNKNOWN_RESULT,
  type Confidentiality,
  type Integrity,
  type JsonObject,
  type Label,
  type RegisteredTool,
} from '@sallyport/core'
import { everyDocument } from '../../store/every.ts'
import type { Store } from '../../store/ports.ts'
import { putAtLast } from './put-at-last.ts'

/** The part of the store that labels live in. */
export type LabelStore = Pick<Store, 'list' | 'get' | 'put' | 'watch' | 'onTampered'>

interface State {
  /** What decisions see: raised at once. */
  label: Label
  /** What the store holds for certain; a settle returns only when it covers the label. */
  stored: Label
  version: number
  /** Read from the store, not made here. */
  readonly restored: boolean
  /** Writes of one instance, one after the other. */
  writing: Promise<void>
  /** Labels of the results of calls that have been released and not yet settled (T-073). */
  readonly inFlight: Label[]
}

const fresh = (label: Label, version: number): State => ({
  label,
  stored: version === 0 ? CLEAN : label,
  version,
  restored: version !== 0,
  writing: Promise.resolve(),
  inFlight: [],
})

/**
 * Labels of agent instances. They only get worse, survive restarts, and hold for every connection of an agent (T-088). A state
 * that cannot be read counts as lost: tainted (T-093).
 */
export class InstanceLabels {
  readonly #states = new Map<string, State>()
  readonly #store: LabelStore

  private constructor(store: LabelStore) {
    this.#store = store
  }

  static async open(store: LabelStore): Promise<InstanceLabels> {
    const labels = new InstanceLabels(store)
    store.onTampered(({ kind, id }) => {
      if (kind === 'instance') labels.lose(id)
    })
    for (const { id, version, body } of await everyDocument(store, 'instance'))
      labels.#states.set(id, fresh(read(body), version))
    store.watch(({ kind, id }) => {
      if (kind === 'instance') void labels.#refresh(id)
    })
    return labels
  }

  /** True for an instance that was there before this process: what it was shown is not known any more. */
  wasRestored(instance: string): boolean {
    return this.#states.get(instance)?.restored === true
  }

  snapshot(instance: string): Label {
    const state = this.#state(instance)
    return state.inFlight.reduce(joinLabels, state.label)
  }

  /** A result with this label is under way: it counts from now on (T-073). */
  begin(instance: string, result: Label): void {
    this.#state(instance).inFlight.push(result)
  }

  /** The result is there. Resolves when the label is durable: nothing is released before (T-093). */
  async settle(instance: string, begun: Label, result: Label = begun): Promise<Label> {
    const state = this.#state(instance)
    await this.join(instance, result)
    const at = state.inFlight.findIndex((label) => same(label, begun))
    if (at >= 0) state.inFlight.splice(at, 1)
    return this.snapshot(instance)
  }

  /** Makes the label of an instance at least as bad as `result`; durable when it resolves. */
  async join(instance: string, result: Label): Promise<Label> {
    const state = this.#state(instance)
    state.label = joinLabels(state.label, result)
    if (joinLabels(state.stored, state.label) !== state.stored) {
      // after a write that failed, the next one starts anew; nothing is released before one has succeeded
      state.writing = state.writing.catch(() => undefined).then(() => this.#write(instance, state))
      await state.writing
    }
    return this.snapshot(instance)
  }

  /** A row that vanished or does not verify is not a clean slate. */
  lose(instance: string): void {
    const state = this.#state(instance)
    state.label = joinLabels(state.label, LOST)
  }

  #state(instance: string): State {
    let state = this.#states.get(instance)
    if (state === undefined) {
      state = fresh(CLEAN, 0)
      this.#states.set(instance, state)
    }
    return state
  }

  async #write(instance: string, state: State): Promise<void> {
    const write = async (): Promise<boolean> => {
      const label = state.label
      if (joinLabels(state.stored, label) === state.stored) return true
      const row = { kind: 'instance', id: instance, state: '', expiresAt: 0, body: body(label) } as const
      if (!(await this.#store.put(row, state.version))) return false
      state.version++
      state.stored = label
      return true
    }
    await putAtLast(write, () => this.#refresh(instance), 'The label of the instance could not be stored.')
  }

  async #refresh(instance: string): Promise<void> {
    const stored = await this.#store.get('instance', instance)
    const state = this.#state(instance)
    if (stored === undefined) return
    if (stored.version <= state.version) return
    state.stored = read(stored.body)
    state.label = joinLabels(state.label, state.stored)
    state.version = stored.version
  }
}

const resultLabels = new WeakMap<RegisteredTool, Label>()

/** Label of what a tool returns; one object for one tool, as it is asked for twice in every call. */
export function resultLabel(tool: RegisteredTool): Label {
  const known = resultLabels.get(tool)
  if (known !== undefined) return known
  const label: Label = Object.freeze({ ...(tool.annotation.result ?? UNKNOWN_RESULT), sources: [tool.server] })
  resultLabels.set(tool, label)
  return label
}

const same = (a: Label, b: Label): boolean =>
  a === b ||
  (a.integrity === b.integrity &&
    a.confidentiality === b.confidentiality &&
    a.sources.join('\n') === b.sources.join('\n'))

const body = ({ integrity, confidentiality, sources }: Label): JsonObject => ({ integrity, confidentiality, sources })

function read(body: JsonObject): Label {
  const { integrity, confidentiality, sources } = body
  const valid = typeof integrity === 'number' && typeof confidentiality === 'number' && Array.isArray(sources)
  if (!valid) return LOST
  return {
    integrity: integrity as Integrity,
    confidentiality: confidentiality as Confidentiality,
    sources: sources as string[],
  }
}
