import { expandBraces } from './braces.ts'
import type { Part, Script, Word } from './syntax.ts'

/** A word as the program would see it, as far as that is known. */
export interface Value {
  /** Best knowledge: unresolved parts stay as written (`${NAME}`, `$(…)`). */
  readonly text: string
  /** Every part is known, so `text` is what the program gets (patterns apart). */
  readonly known: boolean
  /** Holds an unquoted pattern: stands for any number of existing paths. */
  readonly glob: boolean
  readonly variables: readonly string[]
  readonly scripts: readonly Script[]
  /** Script of `<(…)` or `>(…)` when the word is one. */
  readonly process: Script | undefined
  /** How the word hides what it is: `ifs`, `ansi`, `brace`, `split`. */
  readonly hidden: readonly string[]
  /** Source text with known quoting removed and unresolved parts kept: code for a nested shell. */
  readonly source: string
}

/** Literal values of variables set earlier in the same command line. */
export type Variables = ReadonlyMap<string, string>

/** Variables that every place has: what they stand for in paths. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ['HOME', '~'],
  ['PWD', '.'],
  ['GITHUB_WORKSPACE', '.'],
  ['CI_PROJECT_DIR', '.'],
  ['INIT_CWD', '.'],
  ['WORKSPACE', '.'],
  ['BUILD_SOURCESDIRECTORY', '.'],
  ['NVM_DIR', '~/.nvm'],
  ['CARGO_HOME', '~/.cargo'],
  ['XDG_CONFIG_HOME', '~/.config'],
  ['XDG_CACHE_HOME', '~/.cache'],
  ['XDG_DATA_HOME', '~/.local/share'],
  ['npm_execpath', 'npm'],
  ['npm_node_execpath', 'node'],
  ['TMPDIR', '/tmp/tmpdir'],
  ['RUNNER_TEMP', '/tmp/runner'],
  ['TMP', '/tmp/tmpdir'],
  ['TEMP', '/tmp/tmpdir'],
])

const LONGEST_WORD = 65_536
const MOST_FIELDS = 256

interface Draft {
  text: string
  known: boolean
  glob: boolean
  variables: string[]
  scripts: Script[]
  process: Script | undefined
  hidden: Set<string>
}

const draft = (): Draft => ({
  text: '',
  known: true,
  glob: false,
  variables: [],
  scripts: [],
  process: undefined,
  hidden: new Set(),
})

/** Fields that a word becomes: none for an empty unquoted variable, several for braces and split values. */
export function resolveWord(word: Word, variables: Variables): readonly Value[] {
  let fields: Draft[] = [draft()]
  const each = (change: (field: Draft) => void): void => fields.forEach(change)
  if (splitQuoting(word.parts)) each((field) => field.hidden.add('split'))
  for (const part of word.parts) {
    switch (part.kind) {
      case 'literal':
        each((field) => {
          field.text += part.value
          if (part.how === 'ansi' && HIDING_ESCAPE.test(part.source)) field.hidden.add('ansi')
        })
        break
      case 'glob':
        each((field) => {
          field.text += part.source
          field.glob = true
        })
        break
      case 'brace': {
        const options = expandBraces(part.source).slice(0, MOST_FIELDS)
        fields = fields.flatMap((field) => options.map((option) => ({ ...copy(field), text: field.text + option })))
        fields = fields.slice(0, MOST_FIELDS)
        if (word.parts[0] === part) each((field) => field.hidden.add('brace'))
        break
      }
      case 'variable':
        fields = fields.flatMap((field) => addVariable(field, part, variables))
        break
      case 'substitution': {
        const place = placeOf(part.script)
        each((field) => {
          field.scripts.push(part.script)
          if (place === undefined) unresolved(field, part.source)
          else field.text += place.text
          if (place?.echoed === true) field.hidden.add('echo')
        })
        break
      }
      case 'process':
        each((field) => {
          field.scripts.push(part.script)
          field.process = part.script
          unresolved(field, part.source)
        })
        break
      case 'arithmetic':
        each((field) => {
          for (const inner of part.words) nested(field, inner, variables)
          unresolved(field, part.source)
        })
        break
    }
    if (fields.some((field) => field.text.length > LONGEST_WORD)) each((field) => unresolved(field, ''))
  }
  return fields.map((field) => ({ ...field, hidden: [...field.hidden], source: field.text }))
}

/** A word that is not split: assignments, redirections, here-documents. */
export function resolveWhole(word: Word, variables: Variables): Value {
  const quoted = word.parts.map((part) => (part.kind === 'variable' ? { ...part, quoted: true } : part))
  const fields = resolveWord({ ...word, parts: quoted }, variables)
  const [first] = fields
  if (fields.length === 1 && first !== undefined) return first
  return {
    text: fields.map((field) => field.text).join(' '),
    known: false,
    glob: true,
    variables: fields.flatMap((field) => field.variables),
    scripts: first?.scripts ?? [],
    process: undefined,
    hidden: ['brace'],
    source: word.source,
  }
}

export const literalValue = (text: string): Value => ({
  text,
  known: true,
  glob: false,
  variables: [],
  scripts: [],
  process: undefined,
  hidden: [],
  source: text,
})

const copy = (field: Draft): Draft => ({
  ...field,
  variables: [...field.variables],
  scripts: [...field.scripts],
  hidden: new Set(field.hidden),
})

function unresolved(field: Draft, source: string): void {
  field.text += source
  field.known = false
}

function nested(field: Draft, word: Word, variables: Variables): void {
  const value = resolveWhole(word, variables)
  field.variables.push(...value.variables)
  field.scripts.push(...value.scripts)
}

type VariablePart = Extract<Part, { kind: 'variable' }>

function addVariable(field: Draft, part: VariablePart, variables: Variables): Draft[] {
  const { name } = part
  const value = part.indirect ? undefined : (variables.get(name) ?? PLACES.get(name))
  if (name === 'IFS') {
    field.hidden.add('ifs')
    field.text += ' '
    return [field]
  }
  for (const word of part.words) nested(field, word, variables)
  if (value === undefined || !part.plain) {
    const [fallback] = part.words
    const text = part.plain && fallback !== undefined ? resolveWhole(fallback, variables).text : part.source
    if (!variables.has(name)) field.variables.push(part.indirect ? `!${name}` : name)
    unresolved(field, text)
    return [field]
  }
  if (/[$`]/.test(value)) field.known = false
  const separators = variables.get('IFS')
  const cut =
    separators === undefined || separators === ''
      ? /\s+/
      : new RegExp(`[${separators.slice(0, 8).replace(/[\\\]^-]/g, '\\$&')}]+`)
  if (part.quoted || !cut.test(value)) {
    field.text += value
    return [field]
  }
  const [first = '', ...rest] = value.split(cut)
  return [
    { ...copy(field), text: field.text + first },
    ...rest.filter((text) => text !== '').map((text) => ({ ...copy(field), text })),
  ]
}

/** `$(pwd)`, `$(git rev-parse --show-toplevel)` and `$(mktemp …)` are places, not secrets. */
function placeOf(script: Script): { readonly text: string; readonly echoed: boolean } | undefined {
  const [command] = script.commands
  if (script.commands.length !== 1 || command?.kind !== 'simple') return undefined
  const text = command.words.map((word) => word.source).join(' ')
  if (text === 'pwd' || text === 'git rev-parse --show-toplevel') return { text: '.', echoed: false }
  if (/^mktemp( -d| -t [\w.-]+| -q)*$/.test(text)) return { text: '/tmp/mktemp', echoed: false }
  const [program, ...words] = command.words.map((word) => word.parts)
  const first = program?.[0]
  if (first?.kind !== 'literal' || !/^(?:echo|printf)$/.test(first.value) || command.redirects.length > 0)
    return undefined
  const literals = words.map((parts) => parts.map((part) => (part.kind === 'literal' ? part.value : '\0')).join(''))
  const shown = literals.join(' ')
  return shown.includes('\0') || /[%\\]/.test(shown) ? undefined : { text: shown, echoed: true }
}

/** Escapes that spell ordinary letters. */
const HIDING_ESCAPE = /\\(?:x[2-7][0-9a-f]|[01][0-7]{2}|u00[2-7][0-9a-f]|U0{6}[2-7][0-9a-f])/i

/** `c''at`, `"r"m`, `cu\rl`: quotes that do nothing but cut a word of letters. */
function splitQuoting(parts: readonly Part[]): boolean {
  for (const [index, part] of parts.entries()) {
    if (part.kind !== 'literal') continue
    if (part.how === 'plain') {
      if (/[\w/]\\[A-Za-z0-9]/.test(part.source)) return true
      continue
    }
    const before = parts[index - 1]
    const after = parts[index + 1]
    const letters = /^[A-Za-z0-9]*$/.test(part.value)
    if (letters && part.value.length < 12 && (endsInLetter(before) || beginsWithLetter(after))) return true
  }
  return false
}

const endsInLetter = (part: Part | undefined): boolean =>
  part?.kind === 'literal' && (part.how !== 'plain' || /[A-Za-z0-9]$/.test(part.value)) && /\w$/.test(part.value)
const beginsWithLetter = (part: Part | undefined): boolean =>
  part?.kind === 'literal' && /^[A-Za-z0-9]/.test(part.value)
