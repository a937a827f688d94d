import { isJsonObject, SallyportError, type JsonObject } from '@sallyport/core'
import type { Store } from '../../store/ports.ts'

/** What an operator takes back, or gives again. */
export type Reach = { readonly all: true } | { readonly credential: string } | { readonly holder: string }

type Counts = Readonly<Record<string, number>>
interface Row {
  /** Order of what happened; a clock could go back (T-165). */
  readonly sequence: number
  readonly taken: Counts
  readonly given: Counts
}

const ROW = 'credentials.taken-back'
const TRIES = 20
const NONE: Row = { sequence: 0, taken: {}, given: {} }

/**
 * Credentials that were taken back by hand (HB-57): nobody gets them until an operator gives them again, over restarts and on every
 * node. Read from the store for each use, so that it holds for the next request.
 */
export class TakenBack {
  readonly #store: Pick<Store, 'get' | 'put'>

  constructor(store: Pick<Store, 'get' | 'put'>) {
    this.#store = store
  }

  /** Whether this holder may not have this credential. */
  async covers(credential: string, holder: string): Promise<boolean> {
    const { taken, given } = rowOf((await this.#store.get('meta', ROW))?.body)
    const [one, who] = [keyOf({ credential }), keyOf({ holder })]
    const last = (counts: Counts, ...keys: readonly string[]): number =>
      Math.max(...keys.map((key) => counts[key] ?? 0))
    return (
      last(taken, 'all') > last(given, 'all', one, who) ||
      last(taken, one) > last(given, 'all', one) ||
      last(taken, who) > last(given, 'all', who)
    )
  }

  /** What is taken back and was not given again, in the words it was said in. */
  async list(): Promise<readonly Reach[]> {
    const { taken, given } = rowOf((await this.#store.get('meta', ROW))?.body)
    const open = Object.entries(taken).filter(([key, at]) => at > Math.max(given[key] ?? 0, given['all'] ?? 0))
    return open.map(([key]) => reachOf(key))
  }

  /** @throws SallyportError SP_STORE_UNAVAILABLE */
  async take(reach: Reach): Promise<void> {
    await this.#change((row) => ({ ...row, taken: { ...row.taken, [keyOf(reach)]: row.sequence } }))
  }

  /** @throws SallyportError SP_STORE_UNAVAILABLE */
  async give(reach: Reach): Promise<void> {
    await this.#change((row) => ({ ...row, given: { ...row.given, [keyOf(reach)]: row.sequence } }))
  }

  async #change(act: (row: Row) => Row): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const document = await this.#store.get('meta', ROW)
      const row = rowOf(document?.body)
      const body = { ...act({ ...row, sequence: row.sequence + 1 }), keep: true }
      if (await this.#store.put({ kind: 'meta', id: ROW, state: '', expiresAt: 0, body }, document?.version ?? 0))
        return
    }
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'Others take credentials back at the same time.')
  }
}

/** Prefixed, so that no name is a member of an object's prototype. */
const keyOf = (reach: Reach): string =>
  'all' in reach ? 'all' : 'holder' in reach ? `holder ${reach.holder}` : `credential ${reach.credential}`

function reachOf(key: string): Reach {
  const [kind = '', name = ''] = key.split(/ (.*)/s)
  return kind === 'all' ? { all: true } : kind === 'holder' ? { holder: name } : { credential: name }
}

function rowOf(body: JsonObject | undefined): Row {
  if (body === undefined) return NONE
  const counts = (name: string): Counts => (isJsonObject(body[name] ?? null) ? (body[name] as Counts) : {})
  return { sequence: Number(body['sequence'] ?? 0), taken: counts('taken'), given: counts('given') }
}
