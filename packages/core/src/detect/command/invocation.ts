import { describeProgram } from './programs.ts'
import type { ProgramSpec, Role } from './program-spec.ts'
import type { Value } from './words.ts'

/** One word of a command and what the program does with it. */
export interface Argument {
  readonly role: Role
  readonly value: Value
  /** The option it belongs to, without `=`. */
  readonly option: string | undefined
}

/** A command as its program reads it. */
export interface Invocation {
  /** Last part of the path, lower case where Windows would not care. */
  readonly program: string
  /** As written. */
  readonly path: string
  readonly spec: ProgramSpec | undefined
  /** Descriptions that may know an option: of the subcommand, of the program. */
  readonly specs: readonly (ProgramSpec | undefined)[]
  /** Words of the subcommand: `['remote', 'add']`. */
  readonly subcommand: readonly string[]
  /** Options given, with the names the program knows them by. */
  readonly options: ReadonlySet<string>
  readonly arguments: readonly Argument[]
  readonly operands: readonly Value[]
  /** The command that this one runs, when it is a wrapper. */
  readonly rest: readonly Value[]
  readonly words: readonly Value[]
}

/** Reads the words of a command by the description of its program. */
export function readInvocation(words: readonly Value[]): Invocation {
  const [first, ...given] = words
  const path = first?.text ?? ''
  const program = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const base = describeProgram(program, [])
  const named = describeProgram(program, leadingOperands(given, base.spec))
  const spec = named.spec
  const subcommand: string[] = []
  const options = new Set<string>()
  const list: Argument[] = []
  const operands: Value[] = []
  let rest: readonly Value[] = []
  let ended = false
  for (let index = 0; index < given.length; index++) {
    const value = given[index]
    if (value === undefined) break
    const { text } = value
    if (!ended && text === '--') {
      ended = true
      continue
    }
    if (!ended && /^[-+]./.test(text) && (text.startsWith('-') || PLUS_OPTIONS.test(program))) {
      const next = given[index + 1]
      if (readOption(text, value, next, [spec, base.spec], options, list)) index++
      continue
    }
    if (subcommand.length < named.subcommand) {
      subcommand.push(text)
      continue
    }
    const role = roleAt(spec, operands.length, program)
    if (role === 'rest') {
      rest = given.slice(index)
      break
    }
    if (role === 'env' && !/^[A-Za-z_]\w*=/.test(text)) {
      rest = given.slice(index)
      break
    }
    operands.push(value)
    list.push({ role, value, option: undefined })
  }
  return { program, path, spec, specs: [spec, base.spec], subcommand, options, arguments: list, operands, rest, words }
}

/** Programs for which `+x` is an option. */
const PLUS_OPTIONS = /^(?:g?r?vim?|nvim|view|ex|less|more|set|declare|typeset|(?:ba|z|da|k)?sh|dig|nano)$/

function roleAt(spec: ProgramSpec | undefined, index: number, program: string): Role {
  if (spec === undefined) return 'any'
  if (['sed', 'gsed', 'awk', 'gawk', 'mawk', 'nawk', 'jq', 'yq'].includes(program) && index > 0) return spec.others
  return spec.operands[index] ?? spec.others
}

/** Takes one option; true when it also takes the next word. */
function readOption(
  text: string,
  value: Value,
  next: Value | undefined,
  specs: readonly (ProgramSpec | undefined)[],
  options: Set<string>,
  list: Argument[],
): boolean {
  const equals = text.indexOf('=')
  const name = equals > 0 ? text.slice(0, equals) : text
  const known = findOption(name, specs)
  if (known !== undefined) {
    options.add(known.name)
    if (known.role === undefined) {
      if (equals > 0) list.push({ role: 'any', value: cut(value, equals + 1), option: known.name })
      return false
    }
    if (equals > 0) {
      list.push({ role: known.role, value: cut(value, equals + 1), option: known.name })
      return false
    }
    if (next !== undefined) list.push({ role: known.role, value: next, option: known.name })
    return true
  }
  if (/^-[^-]/.test(text)) {
    for (let at = 1; at < Math.min(text.length, 40); at++) {
      const short = `-${text[at] ?? ''}`
      options.add(short)
      const option = findOption(short, specs, true)
      if (option?.role === undefined) continue
      if (at + 1 < text.length) {
        list.push({ role: option.role, value: cut(value, at + 1), option: short })
        return false
      }
      if (next !== undefined) list.push({ role: option.role, value: next, option: short })
      return true
    }
    options.add(name)
    list.push({ role: 'any', value, option: name })
    return false
  }
  options.add(name)
  list.push({ role: 'any', value: equals > 0 ? cut(value, equals + 1) : value, option: name })
  return false
}

const cut = (value: Value, at: number): Value => ({
  ...value,
  text: value.text.slice(at),
  source: value.source.slice(at),
})

/** Roles for which a shortened option must not be missed. */
const RUNS: ReadonlySet<Role> = new Set<Role>(['shell', 'exec', 'script', 'write', 'upload', 'code'])

/** GNU programs take any unambiguous beginning of a long option, so a beginning counts as the whole. */
function findOption(
  name: string,
  specs: readonly (ProgramSpec | undefined)[],
  exact = false,
): { readonly name: string; readonly role: Role | undefined } | undefined {
  for (const spec of specs) {
    const option = spec?.options.get(name)
    if (option !== undefined) return { name, role: option.role }
  }
  if (exact || !name.startsWith('--') || name.length < 5) return undefined
  for (const spec of specs) {
    for (const [full, option] of spec?.options ?? []) {
      const matters = option.effect !== undefined || RUNS.has(option.role ?? 'text')
      if (matters && full.startsWith(name)) return { name: full, role: option.role }
    }
  }
  return undefined
}

/** The first words that are operands, to find the subcommand. Stops where a value of an option might be taken for one. */
function leadingOperands(words: readonly Value[], spec: ProgramSpec | undefined): readonly string[] {
  const found: string[] = []
  for (let index = 0; index < words.length && found.length < 3; index++) {
    const text = words[index]?.text ?? ''
    if (text === '--') break
    if (text.startsWith('-') && text.length > 1) {
      const name = text.split('=', 1)[0] ?? text
      if (!text.includes('=') && spec?.options.get(name)?.role !== undefined) index++
      continue
    }
    found.push(text)
  }
  return found
}
