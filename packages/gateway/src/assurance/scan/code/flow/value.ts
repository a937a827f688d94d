import type { Func } from '../syntax.ts'
import type { Scope } from './scope.ts'

/** How much a value may be chosen by somebody else. */
export const LEVEL = {
  constant: 0,
  /** Set by the operator: environment, settings, constants of other files. */
  config: 1,
  /** Computed by something that is not seen. */
  opaque: 2,
  /** A name that the text does not declare: an excerpt. */
  free: 3,
  param: 4,
  /** Out of a request, a message, an archive, an argument of the program. */
  input: 5,
} as const
export type Level = (typeof LEVEL)[keyof typeof LEVEL]

/** What a value has been made fit for, as bits. */
export const FIT = {
  nothing: 0,
  shell: 1,
  path: 2,
  host: 4,
  sql: 8,
  code: 16,
  /** Without a sign that means something, but the name of any host. */
  word: 27,
  /** A number, a member of a fixed set. */
  all: 31,
} as const

/** A part of a text that is not known. */
export interface Hole {
  readonly level: Level
  /** What it is, for checks that are made of it: the same source has the same key. */
  readonly key: string
  /** The keys it was computed from. */
  readonly from: readonly string[]
  readonly fit: number
  /** `host`: the host of an address · `member`: of an object · `part`: a length, an ending, a scheme. Checking the last two checks nothing else. */
  readonly aspect: 'host' | 'member' | 'part' | undefined
  /** Path was made absolute, without `..`. */
  readonly normal: boolean
  /** The function whose parameter it is. */
  readonly of: Func | undefined
}

export type Piece = string | Hole

/** Made by `valueOf` and `changed` alone: engines read and copy objects faster when all have the same members. */
export interface Value {
  /** As a text: constant parts and holes. */
  readonly pieces: readonly Piece[]
  /** Name by which rules know it: `child_process.exec`, `hashlib.md5()` for what a call gave. */
  readonly path: string | undefined
  /** The arguments of the call that made it. */
  readonly made: readonly Given[] | undefined
  readonly items: readonly Value[] | undefined
  readonly fields: ReadonlyMap<string, Value> | undefined
  readonly closure: Closure | undefined
  /** Of a number, a truth or nothing. */
  readonly atom: number | boolean | null | undefined
  /** What else it may be. */
  readonly others: readonly Value[] | undefined
  readonly pattern: string | undefined
  /** Arguments that a wrapper has bound already. */
  readonly bound: readonly Given[] | undefined
  /** The name is not declared in the text. */
  readonly free: boolean
}
type Parts = Partial<Value>

export interface Given {
  readonly name?: string
  readonly value: Value
  readonly spread?: true
}

export interface Closure {
  readonly fn: Func
  readonly scope: Scope
}

const MOST_PIECES = 48
/** Of what is filled one by one: each time all of them are copied. */
export const MOST_FIELDS = 1_000
const MOST_OTHERS = 6

const NO_PARTS: Parts = {}
const NO_KEYS: readonly string[] = []

export const valueOf = (pieces: readonly Piece[], path?: string, parts: Parts = NO_PARTS): Value => ({
  pieces,
  path,
  made: parts.made,
  items: parts.items,
  fields: parts.fields,
  closure: parts.closure,
  atom: parts.atom,
  others: parts.others,
  pattern: parts.pattern,
  bound: parts.bound,
  free: parts.free ?? false,
})

/** The same, with other parts where they are given. */
export const changed = (value: Value, parts: Parts): Value => ({
  pieces: parts.pieces ?? value.pieces,
  path: parts.path ?? value.path,
  made: parts.made ?? value.made,
  items: parts.items ?? value.items,
  fields: parts.fields ?? value.fields,
  closure: value.closure,
  atom: value.atom,
  others: parts.others ?? value.others,
  pattern: value.pattern,
  bound: parts.bound ?? value.bound,
  free: value.free,
})

/** The same with a field more, or with another one in its place. */
export function withField(value: Value, name: string, field: Value): Value {
  const { fields } = value
  if (fields !== undefined && fields.size >= MOST_FIELDS && !fields.has(name)) return value
  return changed(value, { fields: new Map(fields).set(name, field) })
}

export const holeOf = (
  level: Level,
  key: string,
  from: readonly string[] = NO_KEYS,
  fit: number = FIT.nothing,
  of?: Func,
  aspect?: Hole['aspect'],
): Hole => ({ level, key, from, fit, aspect, normal: false, of })

/** The same part, known otherwise. */
export const changedHole = (
  { level, key, from, fit, aspect, normal, of }: Hole,
  by: { readonly level?: Level; readonly fit?: number; readonly normal?: true },
): Hole => ({ level: by.level ?? level, key, from, fit: by.fit ?? fit, aspect, normal: by.normal ?? normal, of })

export const NOTHING = valueOf([''], undefined, { atom: null })
export const textValue = (text: string): Value => valueOf([text])
export const numberValue = (atom: number): Value => valueOf([String(atom)], undefined, { atom })
export const truthValue = (atom: boolean): Value => valueOf([String(atom)], undefined, { atom })
export const listValue = (items: readonly Value[]): Value => valueOf([], undefined, { items })
export const tableValue = (fields: ReadonlyMap<string, Value>): Value => valueOf([], undefined, { fields })

export const isHole = (piece: Piece): piece is Hole => typeof piece !== 'string'

/** All holes of a value, of its items and fields and of what else it may be. */
export function holesOf(value: Value, depth = 3): readonly Hole[] {
  const { items, fields, others, pieces } = value
  if (depth === 0 || (items === undefined && fields === undefined && others === undefined)) {
    const [only] = pieces
    if (pieces.length === 1 && only !== undefined) return typeof only === 'string' ? NO_HOLES : [only]
    return pieces.filter(isHole)
  }
  const found: Hole[] = pieces.filter(isHole)
  for (const one of [...(items ?? []), ...(fields?.values() ?? []), ...(others ?? [])])
    for (const hole of holesOf(one, depth - 1)) found.push(hole)
  return found
}
const NO_HOLES: readonly Hole[] = []

export const levelOf = (value: Value): Level =>
  holesOf(value).reduce<Level>((most, { level }) => (level > most ? level : most), LEVEL.constant)

/** The whole text, when all of it is known. */
export function constantText(value: Value): string | undefined {
  const { pieces } = value
  if (value.items !== undefined || value.fields !== undefined || value.closure !== undefined) return undefined
  if (pieces.length === 1) return typeof pieces[0] === 'string' ? pieces[0] : undefined
  return pieces.some(isHole) ? undefined : (pieces as readonly string[]).join('')
}

/** The value and all that it may be instead. */
export const alternatives = (value: Value): readonly Value[] =>
  value.others === undefined ? [value] : [value, ...value.others]

/** A value without what else it may be; of one value always the same. With it a branch behind a branch has seven times the values. */
export function single(value: Value): Value {
  if (value.others === undefined) return value
  const known = SINGLE.get(value)
  if (known !== undefined) return known
  const made = valueOf(value.pieces, value.path, { ...value, others: undefined })
  SINGLE.set(value, made)
  return made
}
const SINGLE = new WeakMap<Value, Value>()

/** One of several values. */
export function either(values: readonly Value[]): Value {
  const [first, ...rest] = values
  if (first === undefined) return NOTHING
  const others = [...(first.others ?? [])]
  for (const value of rest) {
    if (value === first) continue
    for (const each of alternatives(value)) {
      const one = single(each)
      if (one !== first && !others.includes(one)) others.push(one)
    }
  }
  if (others.length === 0) return first
  // of too many, those that somebody else chooses are kept
  const kept =
    others.length <= MOST_OTHERS ? others : others.sort((a, b) => levelOf(b) - levelOf(a)).slice(0, MOST_OTHERS)
  return changed(first, { others: kept })
}

/** Text put together. Of alternatives the one with the most doubtful part stands for all. */
export function joinValues(values: readonly Value[], between = ''): Value {
  const pieces: Piece[] = []
  for (const [i, value] of values.entries()) {
    if (i > 0 && between !== '') append(pieces, between)
    for (const piece of worst(value).pieces) append(pieces, piece)
    if (pieces.length > MOST_PIECES) break
  }
  return valueOf(pieces.length === 0 ? [''] : pieces)
}

function append(pieces: Piece[], piece: Piece): void {
  if (piece === '') return
  const last = pieces.length - 1
  if (typeof piece === 'string' && typeof pieces[last] === 'string') pieces[last] += piece
  else pieces.push(piece)
}

export function worst(value: Value): Value {
  if (value.others === undefined) return value
  return alternatives(value).reduce((a, b) => (levelOf(b) > levelOf(a) ? b : a))
}

/** The same with every hole changed. */
export function mapHoles(value: Value, change: (hole: Hole) => Hole): Value {
  const pieces = value.pieces.map((piece) => (isHole(piece) ? change(piece) : piece))
  return value.others === undefined
    ? changed(value, { pieces })
    : changed(value, { pieces, others: value.others.map((other) => mapHoles(other, change)) })
}

export const fitFor = (value: Value, fit: number): Value =>
  mapHoles(value, (hole) => changedHole(hole, { fit: hole.fit | fit }))

/** The text view alone, without name, fields or function. */
export const asText = ({ pieces, others }: Value): Value =>
  others === undefined ? valueOf(pieces) : valueOf(pieces, undefined, { others: others.map((other) => asText(other)) })

/** Something computed from values by what is not seen. */
export function derived(values: readonly Value[], key: string, least: Level = LEVEL.opaque): Value {
  let level: Level = least
  let fit: number = FIT.all
  const from: string[] = []
  let of: Func | undefined
  for (const value of values) {
    for (const hole of holesOf(value)) {
      if (hole.level > level) level = hole.level
      if (hole.level >= LEVEL.opaque) {
        fit &= hole.fit
        if (from.length < 8) from.push(hole.key, ...hole.from.slice(0, 2))
        of ??= hole.of
      }
    }
  }
  if (from.length === 0) fit = FIT.nothing
  return valueOf([holeOf(level, key, from, (fit & FIT.word) === FIT.word ? fit : FIT.nothing, of)])
}

/** A number or a truth of unknown size: nobody can put text there. */
export const MEASURE = valueOf([holeOf(LEVEL.config, 'measure', [], FIT.all)])

/** Parts of a text; a list among them stands for its items. */
export const join = (values: readonly Value[], between = ''): Value =>
  joinValues(
    values.map((value) => (value.items !== undefined && value.pieces.length === 0 ? join(value.items, ',') : value)),
    between,
  )

/** The object that a method belongs to. */
export const SELF = valueOf([holeOf(LEVEL.opaque, 'this')], 'this')

/** A function that says yes whatever it is asked. */
export const acceptsAll = ({ body: [first], body }: Func): boolean =>
  body.length === 1 && first?.k === 'return' && first.value?.k === 'truth' && first.value.value
