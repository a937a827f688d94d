import {
  alternatives,
  constantText,
  FIT,
  holeOf,
  isHole,
  LEVEL,
  levelOf,
  worst,
  type Hole,
  type Level,
  type Piece,
  type Value,
} from './value.ts'

/** The part of a value that makes it dangerous, or undefined. */
export type Judge = (value: Value) => Hole | undefined

const first = (pieces: readonly Piece[], fit: number, least: Level): Hole | undefined =>
  pieces.filter(isHole).reduce<Hole | undefined>((worse, hole) => {
    if (hole.level < least || (hole.fit & fit) === fit || hole.aspect === 'part') return worse
    return worse === undefined || hole.level > worse.level ? hole : worse
  }, undefined)

const eachWay =
  (judge: Judge): Judge =>
  (value) => {
    for (const one of alternatives(value)) {
      const found = judge(one)
      if (found !== undefined) return found
    }
    return undefined
  }

/** All pieces of a value; a list among arguments counts by its items. */
const piecesOf = (value: Value): readonly Piece[] =>
  value.items === undefined ? value.pieces : [...value.pieces, ...value.items.flatMap((item) => worst(item).pieces)]

export const chosenFor = (fit: number, least: Level): Judge => eachWay((value) => first(piecesOf(value), fit, least))

export const chosenPath: Judge = eachWay((value) => {
  if (value.closure !== undefined || (value.path !== undefined && STREAM.test(value.path))) return undefined
  const { pieces } = value
  const [head, next] = pieces
  const after = isDirectory(head, next) ? pieces.slice(1) : pieces
  return first(
    after.filter((piece) => !isHole(piece) || !OF_COMMAND_LINE.test(piece.key)),
    FIT.path,
    LEVEL.free,
  )
})
/** The same of one that is put together. */
export const chosenBelow: Judge = (value) => {
  for (const one of [...alternatives(value), ...(value.items ?? [])]) {
    if (one.pieces.length < 2 || (typeof one.pieces[0] === 'string' && !one.pieces[0].includes('/'))) continue
    const found = chosenPath(one)
    if (found !== undefined) return found
  }
  return undefined
}
/** What is open already. */
const STREAM = /(?:Stream|Writer|Reader|Channel)\(\)$/
/** Whoever starts a program may read what it reads. */
const OF_COMMAND_LINE = /\b(?:argv|ARGV|os\.Args|Deno\.args|parse_args|parse_known_args|docopt)\b/
const DIRECTORY = /(?:root|base|dir|directory|folder|dest|workspace|cwd|home|prefix)(?:_?path|_?dir)?(?:@-?\d+)?$/i

/** The directory in front of a path is the operator's. */
function isDirectory(head: Piece | undefined, next: Piece | undefined): boolean {
  if (head === undefined || !isHole(head) || head.level === LEVEL.input || next === undefined) return false
  return isHole(next) ? DIRECTORY.test(head.key) : /^[/\\]/.test(next)
}

const WHOLE_HOST =
  /^(?:[a-z][\w+.-]*:)?\/\/[^/?#]+[/?#]|^[\w.-]+[/?#]|^\/(?!\/)|^(?:about|data|blob|mailto):|^\.{1,2}\//i
const IN_HOST = /^(?:[a-z][\w+.-]*:)?\/\/[^/?#]+$/i

/** The part of an address that decides about its host. */
export const chosenHost: Judge = eachWay((value) => {
  const { fields, items } = value
  if (fields !== undefined) {
    for (const name of [
      'url',
      'uri',
      'host',
      'hostname',
      'Host',
      'baseURL',
      'prefixUrl',
      'baseUrl',
      'href',
      'origin',
      'address',
      'base_url',
    ]) {
      const field = fields.get(name)
      const found =
        field === undefined
          ? undefined
          : name.startsWith('host')
            ? first(field.pieces, FIT.host, LEVEL.free)
            : chosenHost(field)
      if (found !== undefined) return found
      if (field !== undefined) return undefined
    }
    // `{ ...options }`: the address may be among them
    for (const [name, field] of fields) if (name.startsWith('...')) return first(field.pieces, FIT.host, LEVEL.param)
    if (value.pieces.length === 0) return undefined
  }
  const pieces = items === undefined ? value.pieces : (items[0]?.pieces ?? [])
  let before = ''
  for (const piece of pieces) {
    if (!isHole(piece)) {
      before += piece
      continue
    }
    if (WHOLE_HOST.test(before)) return undefined
    // what follows a host of the operator's belongs to its path
    if (piece.level === LEVEL.config && (before === '' || /^(?:[a-z][\w+.-]*:)?\/\/$/i.test(before))) return undefined
    if (IN_HOST.test(before) && piece.level < LEVEL.input && !/[.@-]$/.test(before)) return undefined
    if (piece.level >= LEVEL.free && (piece.fit & FIT.host) === 0 && piece.aspect !== 'part') return piece
    if (piece.level > LEVEL.config && (piece.fit & FIT.host) === 0) return undefined
  }
  return undefined
})

/** Words that only a statement begins with, or a clause of one. */
const STATEMENT =
  /\b(?:select\b[\s\S]{1,400}\bfrom\b|select\b\s+[\w*(?]|insert\s+(?:ignore\s+|or\s+\w+\s+)?into\b|update\b[\s\S]{1,200}\bset\b|update\s+$|delete\s+from\b|replace\s+into\b|merge\s+into\b|(?:create|drop|alter|truncate)\s+(?:table|database|schema|user|role|view|index|or\s+replace)\b|grant\s+[\w?]|with\s+\w+\s+as\s*\(|where\b|order\s+by\b|group\s+by\b|limit\b|having\b|union\b|values\s*\(|exec(?:ute)?\s+[\w?]|call\s+[\w?]|copy\s+[\w?]|attach\s|pragma\s|set\s+role|use\s|explain\s|match\s*\(|\bfrom\s|show\s|analyze\s|vacuum\s)/i

/** A statement that is put together of parts. */
export const builtStatement: Judge = eachWay((value) => {
  const text = value.pieces.filter((piece): piece is string => !isHole(piece)).join('?')
  const hole = first(value.pieces, FIT.sql, LEVEL.opaque)
  if (hole === undefined) return undefined
  return STATEMENT.test(text) ? hole : undefined
})

/** All of a statement is out of a request. */
export const givenStatement: Judge = eachWay(({ pieces }) => {
  const hole = first(pieces, FIT.sql, LEVEL.input)
  return pieces.every((piece) => isHole(piece) || piece.trim() === '') ? hole : undefined
})

const COMPARES = /[=<>]|'|\b(?:like|in|and|or|asc|desc|between|is)\b/i

/** A condition that is put together of parts. */
export const builtCondition: Judge = eachWay((value) => {
  const text = value.pieces.filter((piece): piece is string => !isHole(piece)).join('?')
  return COMPARES.test(text) ? first(value.pieces, FIT.sql, LEVEL.opaque) : undefined
})

/** A clause of a statement: any text with a hole, or what somebody chooses by itself. */
export const builtFragment: Judge = eachWay((value) => {
  const hole = first(piecesOf(value), FIT.sql, LEVEL.opaque)
  if (hole === undefined) return undefined
  const isBuilt = value.pieces.length > 1
  return isBuilt || hole.level >= LEVEL.param || value.items !== undefined ? hole : undefined
})

const SHELL =
  /^(?:.*[/\\])?(?:ba|z|da|k|a|c|tc|fi)?sh(?:\.exe)?$|^(?:.*[/\\])?(?:cmd|powershell|pwsh|wscript|cscript|osascript)(?:\.exe)?$/i
const INTERPRETER =
  /^(?:.*[/\\])?(?:python[\d.]*|node|deno|bun|ruby|perl|php|lua|Rscript|tclsh|expect|awk|gawk|sed|xargs|env|sudo|su|ssh|docker|kubectl|watch|nohup|timeout|eval|busybox|parallel)(?:\.exe)?$/i
const GIVEN_TEXT = /^(?:-[a-z]*c|-e|-E|--eval|-r|-p|-Command|-EncodedCommand|\/[cCkK]|--command|eval|-lc|-ic)$/

/** Start the program that is named next. */
const WRAPPER = /^(?:.*[/\\])?(?:xargs|env|nohup|timeout|parallel|watch|sudo)$/

/** Put names of files where `{}` stands in the text. */
const FILLS = /^(?:xargs|find|parallel)$/
const FILLED = holeOf(LEVEL.opaque, '{}')

/** An interpreter among the arguments that is given a text with parts that somebody chooses. */
export const interpreterOf = (values: readonly Value[]): Hole | undefined => {
  const list = values.flatMap((value) => worst(value).items ?? [value])
  let interpreter = false
  let wrapper = false
  let remote = false
  for (const [i, value] of list.entries()) {
    const text = constantText(value)
    const texts = alternatives(value).map((one) => constantText(one))
    const program = texts.find((one) => one !== undefined && (SHELL.test(one) || INTERPRETER.test(one)))
    if (program !== undefined) {
      interpreter = true
      wrapper = WRAPPER.test(program)
      remote ||= program.endsWith('ssh')
      continue
    }
    // what a wrapper starts is another program
    if (wrapper && text !== undefined && /^[a-z][\w.+-]*$/.test(text)) interpreter = false
    const before = list[i - 1]
    const flag = before === undefined ? undefined : constantText(before)
    const fills = text?.includes('{}') === true && flag !== undefined && GIVEN_TEXT.test(flag)
    if (fills && interpreter && FILLS.test(constantText(list[0] ?? value) ?? '')) return FILLED
    // `[sys.executable, "-c", …]`: whatever it is, it runs what it is given
    const starter = list[i - 2]
    const unknown = i <= 3 && flag === '-c' && starter !== undefined && constantText(starter) === undefined
    if ((interpreter || unknown) && flag !== undefined && (GIVEN_TEXT.test(flag) || (remote && i >= 2))) {
      const hole = first(worst(value).pieces, FIT.shell, LEVEL.opaque) ?? undefined
      if (hole !== undefined && (hole.fit & FIT.shell) === 0) return hole
    }
  }
  return undefined
}

export const chosenProgram: Judge = eachWay((value) => {
  const [head] = value.items ?? [value]
  if (head === undefined) return undefined
  const pieces = worst(head).pieces
  return pieces.length > 0 && levelOf(head) === LEVEL.input ? first(pieces, FIT.code, LEVEL.input) : undefined
})
