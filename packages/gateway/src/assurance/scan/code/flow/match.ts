import type { ArgumentRef, Condition, Rule, RuleLanguage, Setting, Sink } from '../rule.ts'
import { addressesOf, named, operandsOf, positional } from './given.ts'
import type { CallSite, NamedSite } from './machine.ts'
import {
  builtCondition,
  builtFragment,
  builtStatement,
  chosenFor,
  chosenHost,
  chosenPath,
  chosenBelow,
  chosenProgram,
  givenStatement,
  interpreterOf,
} from './takes.ts'
import {
  acceptsAll,
  alternatives,
  constantText,
  either,
  FIT,
  holesOf,
  isHole,
  LEVEL,
  levelOf,
  listValue,
  textValue,
  type Hole,
  type Value,
} from './value.ts'

/** A rule that a call or a name falls under. */
export interface Hit {
  readonly rule: Rule
  /** What makes it dangerous; undefined where the call by itself does. */
  readonly hole?: Hole
}

interface Row {
  readonly rule: Rule
  readonly sink: Sink
  /** Undefined: any object. */
  readonly path: string | undefined
}

/** The rules of a language, found by the last part of a name. */
export interface RuleBook {
  ofCall(site: CallSite): readonly Hit[]
  ofName(site: NamedSite): readonly Hit[]
}

export function createRuleBook(rules: readonly Rule[], language: RuleLanguage): RuleBook {
  const rows = new Map<string, Row[]>()
  // `where(…)` in a class is `self.where(…)`
  const isOwn = language === 'ruby' || language === 'java'
  const settings: { readonly rule: Rule; readonly setting: Setting }[] = []
  for (const rule of rules) {
    for (const sink of rule.sinks?.[language] ?? []) {
      for (const call of sink.call.trim().split(/\s+/)) {
        const any = call.startsWith('*.')
        const last = call.slice(call.lastIndexOf('.') + 1).replace(/[()[\]=]/g, '')
        const list = rows.get(last) ?? []
        list.push({ rule, sink, path: any ? undefined : call })
        rows.set(last, list)
      }
    }
    for (const setting of rule.settings ?? []) {
      if (setting.languages === undefined || setting.languages.includes(language)) settings.push({ rule, setting })
    }
  }
  return {
    ofCall: (site) => {
      const candidates = rows.get(site.name)
      if (candidates === undefined) return NO_HITS
      const hits: Hit[] = []
      for (const { rule, sink, path } of candidates) {
        if (
          path === undefined
            ? site.receiver === undefined && !site.path.includes('.') && !(isOwn && OF_SQL.has(sink.take))
            : path !== site.path
        )
          continue
        const found = judged(site, sink)
        if (found !== undefined) hits.push({ rule, ...(found === true ? {} : { hole: found }) })
      }
      return hits
    },
    ofName: (site) => {
      const hits: Hit[] = []
      for (const { rule, setting } of settings) if (isSet(site, setting)) hits.push({ rule })
      return hits
    },
  }
}

/** Judges that look at the text of a statement: a method may be called without its object. */
const OF_SQL: ReadonlySet<Sink['take']> = new Set(['sql', 'fragment', 'condition'])

const NO_HITS: readonly Hit[] = []

function argument(site: CallSite, ref: ArgumentRef): Value | undefined {
  if (typeof ref === 'number') return positional(site.given, ref)
  switch (ref) {
    case 'receiver':
      return site.receiver
    // of a program in a shell script
    case 'all':
      return listValue(site.given.map(({ value }) => value))
    case 'url':
      return (
        named(site.given, ref) ??
        (site.receiver === undefined && site.language === 'bash' ? either(addressesOf(site.given)) : undefined)
      )
    case 'path':
      return (
        named(site.given, ref) ??
        (site.receiver === undefined && site.language === 'bash' ? either(operandsOf(site.given)) : undefined)
      )
    default:
      return named(site.given, ref)
  }
}

function judged(site: CallSite, { take = 'call', args = [0], where = [], unless = [] }: Sink): Hole | true | undefined {
  if (!where.every((condition) => holds(site, condition))) return undefined
  if (unless.some((condition) => holds(site, condition))) return undefined
  if (take === 'call') return true
  if (take === 'argv') return interpreterOf([textValue(site.name), ...site.given.map(({ value }) => value)])
  for (const ref of args) {
    if (take === 'url' && typeof ref === 'string' && isOfBody(site, ref)) continue
    const value = argument(site, ref)
    if (value === undefined) continue
    const hole = JUDGES[take](value) ?? (take === 'sql' && RUNS.test(site.name) ? givenStatement(value) : undefined)
    if (hole !== undefined && !(site.tagged === true && take === 'sql' && (hole.fit & FIT.sql) !== 0)) return hole
  }
  return undefined
}

/** Behind the address of a request, what is called `url` in an object belongs to what is sent. */
function isOfBody({ given, language }: CallSite, ref: string): boolean {
  if (language === 'bash' || given.some(({ name }) => name === ref)) return false
  if (language === 'python') return true
  const first = positional(given, 0)
  return first !== undefined && first.fields === undefined && /^ur[il]$/.test(ref)
}

/** Methods that nothing but a statement is given to. */
const RUNS =
  /^(?:execute|executemany|executescript|executeQuery|executeUpdate|exec_query|query|raw|rawQuery|execSQL|\$?(?:query|execute)RawUnsafe|prepareStatement|Query|Exec|QueryRow|find_by_sql|createNativeQuery|read_sql|sql)$/

const JUDGES = {
  shell: chosenFor(FIT.shell, LEVEL.opaque),
  code: chosenFor(FIT.code, LEVEL.opaque),
  program: chosenProgram,
  url: chosenHost,
  path: chosenPath,
  below: chosenBelow,
  sql: builtStatement,
  fragment: builtFragment,
  condition: builtCondition,
} as const

function holds(site: CallSite, { arg, is, like, below, from, on, purpose }: Condition): boolean {
  if (on !== undefined && !isOn(site, on)) return false
  if (purpose !== undefined && !site.purposes.some((name) => purpose.test(name))) return false
  if (arg === undefined) return true
  const value = argument(site, arg)
  if (from !== undefined)
    return value !== undefined && holesOf(value).some(({ key }) => from.test(key.replace(/@-?\d+$/, '')))
  if (below !== undefined) {
    const number = value?.atom ?? (value === undefined ? undefined : Number(constantText(value)))
    return typeof number === 'number' && number < below
  }
  if (like !== undefined) return value !== undefined && alternatives(value).some((one) => isLike(one, like))
  switch (is) {
    case 'built':
      return value !== undefined && value.pieces.length > 1
    case 'yes':
      return value?.closure !== undefined && (acceptsAll(value.closure.fn) || value.closure.fn.body.length === 0)
    case 'true':
      return value !== undefined && isTruthy(value)
    case 'false':
      return value !== undefined && isFalsy(value)
    case 'missing':
      return value === undefined
    case 'given':
      return value !== undefined && (typeof arg !== 'number' || value.closure === undefined)
    case 'constant':
      return value !== undefined && levelOf(value) === LEVEL.constant && value.closure === undefined
    case 'dynamic':
      return value !== undefined && levelOf(value) > LEVEL.config
    case 'list':
      return value !== undefined && value.items !== undefined
    case 'map':
      return value !== undefined && value.fields !== undefined
    default:
      return true
  }
}

/** The object of a method by what it is; of what is not imported also by what the text calls it. */
const isOn = (site: CallSite, on: RegExp): boolean =>
  on.test(receiverPath(site)) || (site.holder !== undefined && !isKnown(site.receiver) && on.test(site.holder))

const isKnown = (receiver: Value | undefined): boolean =>
  receiver?.path === '$hardened' ||
  receiver?.pieces.some((piece) => isHole(piece) && piece.level === LEVEL.config && piece.key.startsWith('~')) === true

const receiverPath = ({ path }: CallSite): string => path.slice(0, Math.max(0, path.lastIndexOf('.')))

function isLike(value: Value, pattern: RegExp): boolean {
  const text = constantText(value)
  if (text !== undefined && pattern.test(text)) return true
  if (value.path !== undefined && pattern.test(value.path)) return true
  // what is known whole says more than what it was made of
  if (text !== undefined && text !== '') return false
  if (value.made?.some((one) => isLike(one.value, pattern)) === true) return true
  if (value.items !== undefined) return value.items.some((item) => isLike(item, pattern))
  return text === undefined && value.pieces.some((piece) => !isHole(piece) && piece.length > 2 && pattern.test(piece))
}

const isFalsy = (value: Value): boolean =>
  value.atom === false ||
  value.atom === 0 ||
  value.atom === null ||
  (value.path !== undefined && /^(?:False|false)$/.test(value.path))
const isTruthy = (value: Value): boolean =>
  value.atom === undefined
    ? value.items === undefined || value.items.length > 0
    : value.atom !== false && value.atom !== 0 && value.atom !== null

function isSet({ name, value, how }: NamedSite, setting: Setting): boolean {
  if (how === 'compare' || !setting.name.test(name)) return false
  if (setting.is === 'false') return isFalsy(value)
  if (setting.is === 'true') return value.atom === true
  if (setting.is === 'constant') return (constantText(value) ?? '') !== ''
  return setting.like !== undefined && alternatives(value).some((one) => isLike(one, setting.like as RegExp))
}
