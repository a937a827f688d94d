import { argvFacts, type AnalyseOptions } from './analyse.ts'
import { misleadingCharacters } from './characters.ts'
import type { CommandVerdict } from './effects.ts'
import { judgeCommand } from './judge.ts'
import { readInvocation, type Argument } from './invocation.ts'
import { PLACEHOLDER_ARGUMENT, readTemplate } from './template.ts'
import { literalValue } from './words.ts'

/** Code of which the argument is only a part: one wrong character ends the literal it stands in. */
const PROGRAM_TEXT = new Set(['sed', 'awk', 'jq', 'sql', 'redis'])
const PLAIN = /^[\w .,@/:+%-]*$/

export interface BoundArgument {
  readonly verdict: CommandVerdict
  readonly score: number
  readonly category: string
  readonly reasons: readonly { readonly rule: string; readonly detail: string }[]
  /** What would run, one element per argument and without a shell; undefined when there is nothing that may run. */
  readonly argv: readonly string[] | undefined
}

/** Programs whose line protocol ends at a newline, so that data with one becomes a second command. */
const LINE_PROTOCOLS =
  /^(?:redis-cli|valkey-cli|ftp|sftp|lftp|telnet|nc|ncat|mail|mailx|sendmail|memcached|at|crontab|sqlite3|psql|mysql|gdb|debugfs|fdisk|ed|ex)$/

const CODE = new Set([
  'shell',
  'exec',
  'python',
  'javascript',
  'perl',
  'ruby',
  'php',
  'lua',
  'editor',
  'powershell',
  'code',
  'rest',
  'env',
])

/**
 * Puts data into a command (SEC-3.3, AC-3.3.1, E-35): the argument becomes part of exactly one element of the argument vector,
 * byte for byte, or it is refused. No shell ever reads it, so metacharacters are harmless; what is left are options, code for the
 * program itself, and paths and addresses that must not be used.
 */
export function bindArgument(template: string, argument: string, options: AnalyseOptions): BoundArgument {
  const read = readTemplate(template)
  if (typeof read === 'string') return refused('block', 'argument.template', `the template is not usable: ${read}`)
  if (argument.includes('\0')) return refused('block', 'argument.null', 'no argument can hold a null byte')
  const argv = read.words.map((word) => word.replace(PLACEHOLDER_ARGUMENT, () => argument))
  const slot = read.words[read.place] ?? ''
  const program = (argv[0] ?? '').split('/').at(-1) ?? ''
  if (read.place === 0) return refused('block', 'argument.program', 'the argument would choose the program')
  const reasons: { rule: string; detail: string }[] = []
  const whole = slot === PLACEHOLDER_ARGUMENT || slot.startsWith(PLACEHOLDER_ARGUMENT)
  const role = roleOfPlace(read.words, read.place)
  if (
    whole &&
    argument.startsWith('-') &&
    argument.length > 1 &&
    role?.option === undefined &&
    !read.words.slice(0, read.place).includes('--')
  ) {
    reasons.push({ rule: 'argument.option', detail: 'the program would read it as an option' })
  }
  if (whole && /^--?[A-Za-z]/.test(argument) && role?.option !== undefined && role.role !== 'text') {
    reasons.push({ rule: 'argument.value', detail: `a value of ${role.option} that looks like an option` })
  }
  if (whole && argument.startsWith('+') && /^(?:vim?|nvim|view|less|more|ex|date|dig)$/.test(program)) {
    reasons.push({ rule: 'argument.option', detail: 'the program would read it as an option' })
  }
  if (whole && argument.startsWith('@') && /^(?:curl|wget|gcc|clang|java|javac|aria2c|http|https|xh)$/.test(program)) {
    reasons.push({ rule: 'argument.option', detail: 'the program would read a file of that name' })
  }
  const remote = /^(?:ssh|autossh|mosh|plink|dbclient)$/.test(program) && role?.option === undefined && read.place > 1
  if (remote ? read.place === 2 || !PLAIN.test(argument) : role !== undefined && CODE.has(role.role)) {
    reasons.push({ rule: 'argument.code', detail: `${program} would run it as code` })
  }
  if (slot !== PLACEHOLDER_ARGUMENT && role !== undefined && PROGRAM_TEXT.has(role.role) && !PLAIN.test(argument)) {
    reasons.push({ rule: 'argument.code', detail: `${program} would read it as part of its program` })
  }
  const address = addressFault(slot, argument)
  if (address !== undefined) reasons.push({ rule: 'argument.address', detail: address })
  if (/[\r\n]/.test(argument) && LINE_PROTOCOLS.test(program) && !(role?.role === 'sql')) {
    reasons.push({ rule: 'argument.lines', detail: `${program} would read several lines` })
  }
  // eslint-disable-next-line no-control-regex -- controls are what is looked for
  if (/[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(argument))
    reasons.push({ rule: 'argument.control', detail: 'control characters' })
  const odd = misleadingCharacters(argument)
  if (odd !== undefined && /U\+(?:20[2-6]|FEFF|E00)/.test(odd))
    reasons.push({ rule: 'argument.characters', detail: odd })
  if (/^[^=]*=?(?:ext|fd|transport)::/i.test(argument))
    reasons.push({ rule: 'argument.address', detail: 'runs a program instead of fetching' })
  const judged = judgeCommand(difference(argv, read.words, options))
  reasons.push(
    ...judged.reasons.flatMap(({ effect, evidence }) => evidence.map(({ detail }) => ({ rule: effect, detail }))),
  )
  if (reasons.length === 0) return { verdict: 'clean', score: 0, category: 'none', reasons, argv }
  const hard = reasons.some(({ rule }) => rule === 'argument.option' || rule === 'argument.address')
  return {
    verdict: hard || judged.verdict === 'block' ? 'block' : 'ask',
    score: Math.max(0.85, judged.score),
    category: 'argument',
    reasons,
    argv: hard ? undefined : argv,
  }
}

/** A part of a URL must stay that part: no other host, no other place above it. */
function addressFault(slot: string, argument: string): string | undefined {
  const at = slot.indexOf(PLACEHOLDER_ARGUMENT)
  const scheme = /^(?:--?[\w-]+=)?[a-z][a-z0-9+.-]*:\/\//i.exec(slot)
  if (scheme === null || at < scheme[0].length) return undefined
  const inHost = !/[/?#]/.test(slot.slice(scheme[0].length, at))
  if (inHost) return /^[\w.-]+$/.test(argument) ? undefined : 'leaves the host part of the address'
  return /(?:^|[/\\])\.\.(?:[/\\]|$)|%2e%2e|[\\\s]/i.test(argument) ? 'leaves its place in the address' : undefined
}

const refused = (verdict: CommandVerdict, rule: string, detail: string): BoundArgument => ({
  verdict,
  score: 1,
  category: 'argument',
  reasons: [{ rule, detail }],
  argv: undefined,
})

/** What the program does with the word that holds the argument. Read with a harmless stand-in, so that the argument has no say. */
function roleOfPlace(words: readonly string[], place: number): Argument | undefined {
  const stand = words.map((word) => literalValue(word.replace(PLACEHOLDER_ARGUMENT, 'value')))
  const invocation = readInvocation(stand)
  const text = stand[place]?.text ?? ''
  const found = invocation.arguments.find(
    ({ value }) => value === stand[place] || (text.startsWith('-') && text.endsWith(value.text) && value.text !== ''),
  )
  if (found !== undefined) return found
  const rest = invocation.rest.indexOf(stand[place] ?? literalValue(''))
  return rest === 0 ? { role: 'rest', value: literalValue(text), option: undefined } : undefined
}

/** Facts that the argument brings: what the template does with a harmless value does not count. */
function difference(
  argv: readonly string[],
  words: readonly string[],
  options: AnalyseOptions,
): ReturnType<typeof argvFacts> {
  const facts = argvFacts(argv, options)
  const plain = argvFacts(
    words.map((word) => word.replace(PLACEHOLDER_ARGUMENT, 'value')),
    options,
  )
  const known = new Set(plain.effects)
  const effects = facts.effects.filter((effect) => !known.has(effect))
  return { ...facts, effects, evidence: facts.evidence.filter(({ effect }) => !known.has(effect)) }
}
