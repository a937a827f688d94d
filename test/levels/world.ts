import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Reply } from '../people/console.ts'
import type { Effect } from './attempts.ts'

type Ask = (method: string, path: string) => Promise<Reply>

/** What an attempt could change, each as text that is equal exactly when nothing changed. */
export interface World {
  readonly answers: boolean
  readonly socket: string
  readonly decisions: string
  readonly enrolled: string
  readonly policy: string
  readonly pin: string
  readonly ran: string
  readonly files: string
  /** Rows that stand for a decision, a person or a right, by kind, id and version. */
  readonly rows: ReadonlyMap<string, string>
  /** Records of the log, and how many are missing between them. */
  readonly records: number
  readonly holes: number
}

export interface Watched {
  readonly ask: Ask
  readonly state: string
  /** Ids of the questions that wait. */
  readonly held: readonly string[]
  /** Files of the operator that no agent has to change. */
  readonly files: readonly string[]
  /** What the tool has done, one line each. */
  readonly executed: string
}

const ENROLLED = ['people', 'passkeys', 'devices', 'agents', 'logins'].map((name) => `/api/v1/${name}`)
const EVIDENCE = "('approval', 'grant', 'person', 'passkey', 'operator', 'device')"

export async function lookAt({ ask, state, held, files, executed }: Watched): Promise<World> {
  const get = async (path: string): Promise<unknown> => {
    const body: unknown = await ask('GET', path).then(
      (reply) => reply.body as unknown,
      () => undefined,
    )
    return body
  }
  const texts = async (paths: readonly string[], of: (body: unknown) => unknown): Promise<string> =>
    JSON.stringify(await Promise.all(paths.map(async (path) => of(await get(path)))))
  const answers = JSON.stringify((await get('/health')) ?? {}) !== '{}'
  const database = new Database(join(state, 'state.db'), { readonly: true })
  try {
    const rows = database.prepare(`SELECT * FROM document WHERE kind IN ${EVIDENCE}`).all() as Row[]
    const { n, holes } = database
      .prepare('SELECT count(*) AS n, max(seq) - min(seq) + 1 - count(*) AS holes FROM audit_event')
      .get() as { readonly n: number; readonly holes: number }
    return {
      answers,
      socket: inodeOf(join(state, 'run/operator.sock')),
      decisions: await texts([...held.map((id) => `/api/v1/approvals/${id}`), '/api/v1/grants'], decisionIn),
      enrolled: await texts(ENROLLED, standing),
      policy: await texts(['/api/v1/policy/current'], (body) => body),
      pin: await texts(['/api/v1/presence'], pausedIn),
      ran: readFileSync(executed, 'utf8'),
      files: JSON.stringify([...files, ...keysOf(state)].map((path) => [path, digestOf(path)])),
      rows: new Map(rows.map((row) => [`${row.kind} ${row.id} ${row.version}`, JSON.stringify(row)])),
      records: n,
      holes,
    }
  } finally {
    database.close()
  }
}

/** What is different. A gateway that is gone says nothing any more, which is one effect and not all of them. */
export function differences(before: World, after: World): readonly Effect[] {
  const changed = (member: keyof World): boolean => before[member] !== after[member]
  const stopped = before.answers && !after.answers
  const asked: readonly (readonly [Effect, keyof World])[] = [
    ['decides', 'decisions'],
    ['enrols', 'enrolled'],
    ['policy', 'policy'],
    ...(before.pin < after.pin ? ([['pauses', 'pin']] as const) : []),
  ]
  const kept: readonly (readonly [Effect, keyof World])[] = [
    ['acts', 'ran'],
    ['edits', 'files'],
  ]
  return [
    ...(before.answers && after.answers ? asked : []).filter(([, member]) => changed(member)).map(([effect]) => effect),
    ...kept.filter(([, member]) => changed(member)).map(([effect]) => effect),
    ...(isForged(before.rows, after.rows) ? (['rows'] as const) : []),
    ...(after.records < before.records || after.holes > before.holes ? (['log'] as const) : []),
    ...(stopped ? (['stops'] as const) : []),
    ...(stopped && after.socket !== '' && changed('socket') ? (['squats'] as const) : []),
  ]
}

/** The gateway writes a row again under its next version, and opens questions; rows of other kinds come from people. */
const isForged = (before: World['rows'], after: World['rows']): boolean =>
  [...after].some(([name, row]) => (before.has(name) ? before.get(name) !== row : !name.startsWith('approval ')))

interface Row {
  readonly kind: string
  readonly id: string
  readonly version: number
}

interface Shown {
  readonly state?: string
  readonly items?: unknown
  readonly grants?: unknown
}

/** Of a question whether somebody agreed to it, of grants all. What is gone, or ended by itself, is no decision. */
const decisionIn = (body: unknown): unknown => {
  const { state, items, grants } = (body ?? {}) as Shown
  return items ?? grants ?? (state !== undefined && /approved|consumed/.test(state))
}

/** Whether somebody's PIN is not ready; that it is again after a while is nobody's doing. */
const pausedIn = (body: unknown): unknown => /"(?:paused|off)"/.test(JSON.stringify(body ?? null))

/** Who is there, without what changes by itself: times, and how long a credential still lives. */
const standing = (body: unknown): unknown =>
  JSON.parse(
    JSON.stringify(body ?? null, (name, value: unknown) => (/At$|ends|expires|address/i.test(name) ? 0 : value)),
  )

const keysOf = (state: string): readonly string[] => {
  const directory = join(state, 'keys')
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [directory]
}
const digestOf = (path: string): string =>
  existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
/** Which file it is: a number of an inode is used again at once. */
function inodeOf(path: string): string {
  if (!existsSync(path)) return ''
  const { ino, ctimeMs } = lstatSync(path)
  return `${ino} ${ctimeMs}`
}
