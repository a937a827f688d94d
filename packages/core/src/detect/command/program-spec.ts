import { isEffect, type Effect } from './effects.ts'
import { LANGUAGES } from './languages.ts'

/** What a program does with a word it is given. */
const ROLES = [
  /** Shown, stored or searched for; never used as a name or as code. */
  'text',
  /** Not known: judged by its looks. */
  'any',
  /** A path that is only looked at from outside: listed, tested, changed in mode. */
  'path',
  'read',
  'write',
  'delete',
  /** A file whose content leaves the machine. */
  'upload',
  'url',
  'host',
  /** A shell line. */
  'shell',
  /** From here on the words are a command of their own. */
  'rest',
  /** A program to run, one word. */
  'exec',
  /** A script file that is run; what follows are its arguments. */
  'script',
  /** `VAR=value`, or a command from the first word without `=`. */
  'env',
  ...LANGUAGES,
  /** A package: name and version are ordinary, an address is not. */
  'package',
] as const
export type Role = (typeof ROLES)[number]

interface OptionSpec {
  /** Undefined: the option takes no value. */
  readonly role: Role | undefined
  readonly effect: Effect | undefined
}

export interface ProgramSpec {
  readonly name: string
  readonly options: ReadonlyMap<string, OptionSpec>
  /** Roles of the operands in order. */
  readonly operands: readonly Role[]
  /** Role of every further operand. */
  readonly others: Role
  readonly effects: readonly Effect[]
}

/**
 * Reads one line of the program tables: `names : options | operands ! effects`.
 * Names are parted by commas (`git push` is a subcommand). Options: `-o=write` takes a value in that role, `-x!effect` has an
 * effect, `-o=` takes a value that is text. The last operand may end in `*`: all further ones as well.
 * @throws Error for a line that is not of this form: the tables are code
 */
export function readSpecs(line: string): readonly ProgramSpec[] {
  const [, names = '', options = '', operands = '', effects = ''] =
    /^(.+?) : ([^|]*?)(?:\|([^!]*?))?(?:(?<=^|\s)!\s+(.*))?$/.exec(line) ?? []
  const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')
  const table = new Map(words(options).map((word) => readOption(word, line)))
  const positions = words(operands)
  const last = positions.at(-1)
  const others = last?.endsWith('*') === true ? asRole(last.slice(0, -1), line) : 'any'
  const roles = (last?.endsWith('*') === true ? positions.slice(0, -1) : positions).map((word) => asRole(word, line))
  const presence = words(effects).map((word) => asEffect(word, line))
  if (names.trim() === '') throw new Error(`not a program: ${line}`)
  return names.split(',').map((name) => ({
    name: name.trim(),
    options: table,
    operands: roles,
    others,
    effects: presence,
  }))
}

function readOption(word: string, line: string): [string, OptionSpec] {
  const [, name = '', value, role = '', effect] = /^([^=!]+)(=([\w]*))?(?:!(.+))?$/.exec(word) ?? []
  if (name === '') throw new Error(`not an option: ${word} in ${line}`)
  return [
    name,
    {
      role: value === undefined ? undefined : asRole(role === '' ? 'text' : role, line),
      effect: effect === undefined ? undefined : asEffect(effect, line),
    },
  ]
}

function asRole(text: string, line: string): Role {
  const role = ROLES.find((candidate) => candidate === text)
  if (role === undefined) throw new Error(`no role ${text} in ${line}`)
  return role
}

function asEffect(text: string, line: string): Effect {
  if (!isEffect(text)) throw new Error(`no effect ${text} in ${line}`)
  return text
}
