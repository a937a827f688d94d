import { isJsonObject, SallyportError, type Json, type LogRecord } from '@sallyport/core'
import { Memory } from '../../alerts/memory.ts'
import type { Clock, EvidencePort } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { markOf, withEntry, withVersion, type Register } from './register.ts'
import type { SkillStore } from './store.ts'
import { isAdmitted } from './terms.ts'

/** The newest register that the gateway has seen. */
export interface Anchor {
  readonly seq: number
  readonly mark: string
}

/** Whether a register is the anchored one or comes after it; anything else was put in its place (T-004). */
export function follows(register: Register, anchor: Anchor | undefined): boolean {
  if (anchor === undefined) return true
  const after = register.seq - anchor.seq
  if (after < 0) return false
  return (after === 0 ? markOf(register) : register.trail.at(-after)) === anchor.mark
}

export interface AnchorDeps {
  readonly store: Pick<Store, 'get' | 'put' | 'readLog' | 'stream'>
  readonly evidence: Pick<EvidencePort, 'enqueue'>
  readonly record: (kind: LogRecord['kind'], level: LogRecord['level'], body: object) => LogRecord
}

const EVENT = 'skill.register'
/** Records in which the newest anchor is looked for, where the store does not have it. */
const LOOKED_THROUGH = 2_000

/**
 * Remembers the newest register apart from it: in the store, and in the log, whose chain shows what is taken out of it. One node, one
 * register, one anchor.
 */
export class RegisterAnchor {
  readonly #deps: AnchorDeps
  readonly #memory: Memory<Anchor>
  #anchor: Anchor | undefined
  #writing: Promise<void> = Promise.resolve()

  private constructor(deps: AnchorDeps) {
    this.#deps = deps
    this.#memory = new Memory(deps.store, `skills.anchor.${deps.store.stream}`)
  }

  static async open(deps: AnchorDeps): Promise<RegisterAnchor> {
    const own = new RegisterAnchor(deps)
    const records = await deps.store.readLog({
      kind: 'gateway',
      stream: deps.store.stream,
      newest: true,
      limit: LOOKED_THROUGH,
    })
    const logged = records.flatMap(({ body }) => anchorIn(JSON.parse(body) as Json)).at(-1)
    const stored = await own.#memory.read()
    own.#anchor = (logged?.seq ?? -1) > (stored?.seq ?? -1) ? logged : stored
    return own
  }

  get current(): Anchor | undefined {
    return this.#anchor
  }

  /** A register that follows is the anchor from now on. @throws SallyportError SP_SKILL_ROLLED_BACK for one that does not */
  take(register: Register): void {
    const anchor = this.#anchor
    if (!follows(register, anchor))
      throw new SallyportError(
        'SP_SKILL_ROLLED_BACK',
        `It is change ${register.seq}; ${anchor?.seq ?? 0} was there before.`,
      )
    if (register.seq === anchor?.seq || (anchor === undefined && register.seq === 0)) return
    this.set(register)
  }

  set(register: Register): void {
    const anchor = { seq: register.seq, mark: markOf(register) }
    this.#anchor = anchor
    this.#deps.evidence.enqueue([this.#deps.record('gateway', 'info', { event: EVENT, ...anchor })])
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#memory.write(anchor))
    // a store that is gone ends nothing: the log has it too, and who waits for it is told
    this.#writing.catch(() => undefined)
  }

  /** Resolves when what was taken is in the store. */
  settled(): Promise<void> {
    return this.#writing
  }
}

function anchorIn(body: Json): readonly Anchor[] {
  if (!isJsonObject(body) || body['event'] !== EVENT) return []
  const { seq, mark } = body
  return typeof seq === 'number' && typeof mark === 'string' ? [{ seq, mark }] : []
}

/** The store of skills as a gateway uses it: a register that does not follow the anchored one is none. */
export function anchored(store: SkillStore, anchor: RegisterAnchor): SkillStore {
  return {
    ...store,
    async read() {
      const register = await store.read()
      anchor.take(register)
      return register
    },
    change: (change) =>
      store.change((changing) => {
        anchor.take(changing.register)
        return change(changing)
      }),
  }
}

/**
 * Goes on from a register that somebody put in the place of a newer one: what is in force by it is off until it is reviewed again, and
 * from now on this is the newest. Which rules of the block list are lost with the newer one cannot be known.
 * @returns names that were switched off
 */
export async function recoverRegister(
  store: SkillStore,
  anchor: RegisterAnchor,
  clock: Pick<Clock, 'now'>,
): Promise<readonly string[]> {
  const off = await store.change<readonly string[]>(({ register }) => {
    const named: string[] = []
    let next: Register = { ...register, seq: Math.max(register.seq, anchor.current?.seq ?? 0) }
    for (const [name, entry] of Object.entries(register.skills)) {
      let changed = entry
      for (const version of entry.versions) {
        if (!isAdmitted(version.state)) continue
        const reason = 'The register was replaced by an older one.'
        const step = { at: clock.now(), to: 'disabled', by: 'gateway', reason, of: 'gateway' } as const
        changed = withVersion(changed, { ...version, state: 'disabled', history: [...version.history, step] })
      }
      if (changed === entry) continue
      named.push(name)
      next = withEntry(next, name, changed)
    }
    return Promise.resolve([next, named])
  })
  anchor.set(await store.read())
  return off
}
