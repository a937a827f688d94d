import { TRANSFORMS, METHODS, SHELL_TRANSFORMS, type Effect } from '../models/transforms.ts'
import type { Language } from '../syntax.ts'
import { operandsOf, positional } from './given.ts'
import { address } from './address.ts'
import { decodeConstant } from './decode-constant.ts'
import { element } from './members.ts'
import { fill } from './fill.ts'
import { groupsFit, patternFit } from './pattern-fit.ts'
import {
  asText,
  changed,
  changedHole,
  constantText,
  derived,
  either,
  FIT,
  fitFor,
  holesOf,
  isHole,
  join,
  joinValues,
  LEVEL,
  listValue,
  mapHoles,
  MEASURE,
  tableValue,
  textValue,
  valueOf,
  type Given,
  type Value,
} from './value.ts'

/** What a known function makes of its arguments; undefined when it is not known. */
export function transform(
  path: string,
  receiver: Value | undefined,
  given: readonly Given[],
  at: number,
  language: Language,
): Value | undefined {
  if (language === 'bash' && receiver === undefined) return shellOutput(path, given, at)
  const compiled = compiledPattern(path, receiver, given)
  if (compiled !== undefined) return compiled
  const matched = matchOf(path, receiver, given, language)
  if (matched !== undefined) return matched
  if (TABLES.has(path)) return tableOfPairs(given)
  const checked = checkedBySchema(path, receiver, given, at)
  if (checked !== undefined) return checked
  const filled = filledTemplate(path, receiver, given)
  if (filled !== undefined) return filled
  if (path === 'dict' && given.some(({ name }) => name !== undefined)) return namedTable(given)
  const built = address(path, receiver, given)
  if (built !== undefined) return built
  if (path === 'Collections.nCopies') return listValue(given.slice(1).map(({ value }) => value))
  if (LISTS.has(path)) return listValue(given.map(({ value }) => value))
  const effect =
    TRANSFORMS.get(path) ?? (receiver === undefined ? undefined : METHODS.get(path.slice(path.lastIndexOf('.') + 1)))
  const own = TRANSFORMS.has(path)
  // a function of a module is no method of a value
  if (!own && effect !== undefined && OF_VALUES.has(effect) && given.length > 0 && isModule(receiver))
    return cleaned(path, receiver, given)
  if (effect === undefined) return cleaned(path, receiver, given)
  const subject = own ? positional(given, 0) : receiver
  const rest = own ? given.slice(1) : given
  if (subject === undefined) return undefined
  const decoded = decodeConstant(path, subject, rest)
  if (decoded !== undefined) return textValue(decoded)
  return apply(effect, subject, rest, own ? given : [{ value: subject }, ...given], at)
}

const OF_VALUES: ReadonlySet<Effect> = new Set(['text', 'same', 'basename', 'measure', 'shell', 'element', 'values'])
const isModule = (value: Value | undefined): boolean =>
  value?.path !== undefined &&
  /^\w[\w./-]*$/.test(value.path) &&
  value.fields === undefined &&
  value.items === undefined &&
  value.pieces.every((piece) => isHole(piece) && piece.level === LEVEL.config)

/** Makes a collection of its arguments. */
const LISTS: ReadonlySet<string> = new Set(
  'List.of Set.of Arrays.asList ImmutableSet.of ImmutableList.of Array.of Stream.of EnumSet.of Collections.singletonList'.split(
    ' ',
  ),
)

/** Makes a pattern of a text. */
const PATTERNS: ReadonlySet<string> = new Set(
  're.compile regex.compile re2.compile regexp.MustCompile regexp.Compile regexp.MustCompilePOSIX Pattern.compile RegExp Regexp.new Regexp'.split(
    ' ',
  ),
)

/** `re.compile("…")`, `PATTERN.matcher(x)`: the matcher is known as the pattern, with what it is asked about. */
function compiledPattern(path: string, receiver: Value | undefined, given: readonly Given[]): Value | undefined {
  if (receiver?.pattern !== undefined && path.endsWith('.matcher'))
    return valueOf([''], 'RegExp().matcher()', { pattern: receiver.pattern, made: given })
  if (!PATTERNS.has(path)) return undefined
  const source = positional(given, 0)
  const pattern = source === undefined ? undefined : (source.pattern ?? constantText(source))
  return pattern === undefined ? undefined : valueOf([''], 'RegExp()', { pattern, made: given })
}

const FINDS = /\.(?:FindStringSubmatch|FindString|FindAllString|exec|match|matchAll|fullmatch|search|findall|scan)$/

/** What a pattern has found of a text: its groups hold no more than they let through. */
function matchOf(
  path: string,
  receiver: Value | undefined,
  given: readonly Given[],
  language: Language,
): Value | undefined {
  if (!FINDS.test(path)) return undefined
  const [first, second] = given
  const ofModule = /^(?:re|regex)\.\w+$/.test(path)
  const pattern =
    receiver?.pattern ?? first?.value.pattern ?? (ofModule ? constantText(first?.value ?? MEASURE) : undefined)
  const subject = ofModule ? second?.value : receiver?.pattern === undefined ? receiver : first?.value
  if (pattern === undefined || subject === undefined) return undefined
  const fit = groupsFit(pattern, language)
  return fit === FIT.nothing ? undefined : changed(fitFor(asText(subject), fit), { path: `${path}()` })
}

const SCHEMA = /^z(?:od)?(?:\.z)?\.(?:object|strictObject|looseObject)\(\)/
const FIXED_SCHEMA =
  /\.(?:uuid|guid|ulid|cuid2?|nanoid|int)\(\)|^z(?:od)?(?:\.z)?\.(?:coerce\.)?(?:number|enum|nativeEnum|literal|boolean|date|bigint)\(\)/

/** `z.object({ id: z.string().uuid() }).parse(x)` */
function checkedBySchema(
  path: string,
  receiver: Value | undefined,
  given: readonly Given[],
  at: number,
): Value | undefined {
  const name = path.slice(path.lastIndexOf('.') + 1)
  const shape = receiver?.made?.[0]?.value.fields
  const [input] = given
  if (input === undefined || !/^(?:parse|safeParse)(?:Async)?$/.test(name)) return undefined
  if (FIXED_SCHEMA.test(receiver?.path ?? '')) {
    const data = fitFor(derived([input.value], `data@${at}`), FIT.all)
    return name.startsWith('safe') ? tableValue(new Map([['data', data]])) : data
  }
  if (shape === undefined) return undefined
  if (!SCHEMA.test(receiver?.path ?? '')) return undefined
  const fields = new Map(
    [...shape].map(([key, { path: schema = '', made }]): [string, Value] => {
      const pattern = schema.endsWith('.regex()') ? made?.[0]?.value.pattern : undefined
      const fit = FIXED_SCHEMA.test(schema) ? FIT.all : pattern === undefined ? 0 : patternFit(pattern, 'javascript')
      return [key, fitFor(derived([input.value], `${key}@${at}`), fit)]
    }),
  )
  const data = tableValue(fields)
  return name.startsWith('safe') ? tableValue(new Map([['data', data]])) : data
}

/** `strings.NewReplacer("{{a}}", a).Replace(text)`, `Template(text).substitute(a=a)`. */
function filledTemplate(path: string, receiver: Value | undefined, given: readonly Given[]): Value | undefined {
  const made = receiver?.made
  const [first] = given
  if (made === undefined) return undefined
  if (path.endsWith('strings.NewReplacer().Replace') && first !== undefined) {
    const fillers = made.filter((_one, i) => i % 2 === 1).map(({ value }) => value)
    return join([asText(first.value), ...fillers.filter((value) => holesOf(value).length > 0)])
  }
  if (!/(?:^|\.)Template\(\)\.(?:safe_)?substitute$/.test(path)) return undefined
  return join(
    [...made, ...given].flatMap(({ value }) => (value.fields === undefined ? [value] : [...value.fields.values()])),
  )
}

/** `dict(base, shell=True)` */
const namedTable = (given: readonly Given[]): Value =>
  tableValue(
    new Map(
      given.flatMap(({ name, value }): (readonly [string, Value])[] =>
        name === undefined ? [...(value.fields ?? [])] : [[name, value]],
      ),
    ),
  )

/** Makes a table of keys and values in turn. */
const TABLES: ReadonlySet<string> = new Set('Map.of ImmutableMap.of ImmutableSortedMap.of ImmutableBiMap.of'.split(' '))

function tableOfPairs(given: readonly Given[]): Value {
  const fields = new Map<string, Value>()
  for (let i = 0; i + 1 < given.length; i += 2) {
    const [key, value] = [given[i]?.value, given[i + 1]?.value]
    if (key !== undefined && value !== undefined) fields.set(constantText(key) ?? `*${i}`, value)
  }
  return tableValue(fields)
}

/** What a program prints: its effect on its last operand, or on all of them. */
function shellOutput(path: string, given: readonly Given[], at: number): Value | undefined {
  if (path === '$default') {
    const [value, fallback] = given.map((one) => one.value)
    if (value === undefined || fallback === undefined) return undefined
    // a variable of the environment that the script has a value for
    const isSetting = constantText(fallback) !== undefined && value.free && /^\$[A-Z]/.test(value.path ?? '')
    return either([isSetting ? mapHoles(value, (hole) => changedHole(hole, { level: LEVEL.config })) : value, fallback])
  }
  const effect = SHELL_TRANSFORMS.get(path)
  if (effect === undefined) return undefined
  const operands = operandsOf(given)
  if (effect === 'join') return join(operands, ' ')
  if (path === 'printf')
    return constantText(operands[0] ?? textValue('')) === '%q'
      ? fitFor(join(operands.slice(1)), FIT.shell)
      : fill(
          operands[0] ?? textValue(''),
          operands.slice(1).map((value) => ({ value })),
        )
  const last = operands.at(-1)
  return last === undefined ? undefined : apply(effect, last, [], [{ value: last }], at)
}

function apply(
  effect: Effect,
  subject: Value,
  rest: readonly Given[],
  all: readonly Given[],
  at: number,
): Value | undefined {
  switch (effect) {
    case 'measure':
      return MEASURE
    case 'same':
      return subject
    case 'text': {
      const { items, fields } = subject
      return items === undefined && fields === undefined
        ? asText(subject)
        : valueOf(subject.pieces, undefined, { items, fields })
    }
    case 'basename':
      return fitFor(asText(subject), FIT.path)
    case 'normal':
      return mapHoles(
        joinValues(
          all.map(({ value }) => value),
          '/',
        ),
        (hole) => changedHole(hole, { normal: true }),
      )
    case 'under':
      // like `normal`, and what comes out lies in the first
      return fitFor(
        join(
          all.map(({ value }) => value),
          '/',
        ),
        FIT.path,
      )
    case 'path':
      return join(
        all.map(({ value }) => value),
        '/',
      )
    case 'join':
      return subject.items === undefined
        ? join(all.map(({ value }) => value))
        : listValue([...subject.items, ...rest.flatMap(({ value }) => value.items ?? [value])].slice(0, 64))
    case 'list-join': {
      // `", ".join(list)` and `list.join(", ")`
      const [first] = rest
      // `String.join("/", a, b)`
      if (rest.length > 1 && subject.items === undefined && rest.every(({ name }) => name === undefined))
        return join(
          rest.map(({ value }) => value),
          constantText(subject) ?? ',',
        )
      const list = subject.items === undefined && first?.value.items !== undefined ? first.value : subject
      const between = list === subject ? (first === undefined ? ',' : constantText(first.value)) : constantText(subject)
      if (list.items !== undefined) return join(list.items, between ?? ',')
      const known = subject.pieces.some(isHole) ? subject : (first?.value ?? subject)
      return asText(known)
    }
    case 'fill':
      return fill(subject, rest)
    case 'shell':
      return fitFor(asText(subject), FIT.shell)
    case 'encoded':
      return fitFor(asText(subject), FIT.host | FIT.path | FIT.shell)
    case 'sql':
      return fitFor(asText(subject), FIT.sql)
    case 'any':
      return fitFor(asText(subject), FIT.all)
    case 'element':
      return subject.items === undefined && subject.fields === undefined ? undefined : lookedUp(subject, rest, at)
    case 'values':
      return subject.fields === undefined ? undefined : listValue([...subject.fields.values()])
    case 'append':
      return undefined
    case 'table':
      return tableOf(subject)
    case 'replace':
      return replaced(subject, rest)
    case 'ip':
      return fitFor(asText(subject), FIT.word)
    case 'drop':
      return derived([], `drop@${at}`, 1)
  }
}

/** `new Map([["a", 1]])`, `dict([("a", 1)])`. */
function tableOf(subject: Value): Value | undefined {
  if (subject.fields !== undefined) return tableValue(subject.fields)
  const pairs = subject.items?.map(({ items }) => items)
  if (pairs === undefined || !pairs.every((pair) => pair?.length === 2)) return undefined
  return tableValue(
    new Map(
      pairs.map((pair, i): [string, Value] => [
        constantText(pair?.[0] ?? textValue('')) ?? `*${i}`,
        pair?.[1] ?? textValue(''),
      ]),
    ),
  )
}

function lookedUp(subject: Value, rest: readonly Given[], at: number): Value {
  const fallback = positional(rest, 1)
  const key = positional(rest, 0)
  const name = key === undefined ? undefined : constantText(key)
  const field = name === undefined ? undefined : subject.fields?.get(name)
  if (field !== undefined) return field
  const found = subject.fields === undefined ? element(subject, at) : either([...subject.fields.values()].slice(0, 40))
  return fallback === undefined ? found : either([found, fallback])
}

/** Taking out everything but harmless characters makes fit; taking out a few words does not. */
function replaced(subject: Value, rest: readonly Given[]): Value {
  const pattern = positional(rest, 0)
  const text = pattern?.pattern ?? (pattern === undefined ? undefined : constantText(pattern))
  const by = positional(rest, 1)
  const whole = constantText(subject)
  const [from, to] = [
    pattern?.pattern === undefined ? text : undefined,
    by === undefined ? undefined : constantText(by),
  ]
  if (whole !== undefined && from !== undefined && to !== undefined) return textValue(whole.replaceAll(from, to))
  const result = asText(subject)
  if (text === undefined) return result
  const kept = /^\[\^(?<kept>(?:\\.|[^\]\\])+)\]\+?$/.exec(text)?.groups?.['kept']
  if (kept !== undefined) {
    const marks = kept
      .replace(/[A-Za-z0-9]-[A-Za-z0-9]/g, '')
      .replace(/\\[wd]/g, '')
      .replaceAll('_', '')
    if (/^[A-Za-z0-9\s-]*$/.test(marks)) return fitFor(result, FIT.all)
    if (/^[\w\s.\\-]*$/.test(marks)) return fitFor(result, FIT.path | FIT.shell)
  }
  const [answer] = by?.closure?.fn.body ?? []
  if (whole !== undefined && answer?.k === 'return' && answer.value !== undefined && VARIABLE.has(answer.value.k))
    return joinValues([subject, derived([], `replaced@${answer.at}`)])
  // a place holder that is filled with a value
  if (whole !== undefined && by !== undefined && holesOf(by).length > 0) return joinValues([subject, by])
  return by === undefined || holesOf(by).length === 0 ? result : joinValues([result, by])
}

const VARIABLE: ReadonlySet<string> = new Set(['name', 'member', 'index'])

/** Helpers whose name says that they make a value fit. */
const CLEANERS: readonly (readonly [RegExp, number])[] = [
  [
    /(?:^|[._=])(?:shell|sh)_?(?:quote|escape)s?$|(?:^|[._=])(?:escapeshellarg|shellescape|shellEscape|shellQuote|quoteShell\w*)$/i,
    FIT.shell,
  ],
  [
    /(?:sanitize|sanitise|secure|safe|clean|slugify|slug)_?-?(?:file|path|name|filename|pathname|segment)?\w*$|(?:^|[._=])(?:slugify|parameterize|filenamify)$|safe_?join|resolve_?(?:inside|within|safe)|(?:inside|within)_?(?:root|base|dir|workspace)|contained|confine|jail/i,
    FIT.path,
  ],
  [
    /(?:allow(?:ed)?|safe|validated?|checked|assert|ensure|trusted|approved|permitted)_?(?:url|uri|host|origin|endpoint|target)\w*$|(?:validate|check|assert|verify|ensure)_?(?:url|uri|host)\w*$/i,
    FIT.host,
  ],
  [
    /(?:quote|escape)_?(?:ident|identifier|id|literal|name|table|column|sql|string)\w*$|(?:^|[._])(?:escapeId|mysql\.escape|sqlstring\.escape|quote_ident|quote_column_name|quote_table_name|sanitize_sql\w*|sanitize_sql_array|QuoteIdentifier|QuoteLiteral|sql\.Identifier|sql\.Literal|Identifier)$/i,
    FIT.sql,
  ],
]

/** By name, remembered: programs call the same functions again and again. */
const FITS = new Map<string, number>()
const MOST_REMEMBERED = 20_000

function fitByName(path: string): number {
  const known = FITS.get(path)
  if (known !== undefined) return known
  const fit = CLEANERS.reduce((bits, [pattern, one]) => (pattern.test(path) ? bits | one : bits), 0)
  if (FITS.size > MOST_REMEMBERED) FITS.clear()
  FITS.set(path, fit)
  return fit
}

function cleaned(path: string, receiver: Value | undefined, given: readonly Given[]): Value | undefined {
  const fit = fitByName(path)
  if (fit === 0) return undefined
  const values = given.map(({ value }) => value)
  const subject = values.length === 0 ? receiver : join(values, '/')
  return subject === undefined ? undefined : fitFor(asText(subject), fit)
}
