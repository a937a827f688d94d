/** One thing a shell would act on (AC-3.3.2, ND-3.3.a, E-35). */
export interface Metacharacter {
  readonly id: string
  readonly pattern: RegExp
  /** Texts that hold it, and texts that only look alike. */
  readonly positive: readonly string[]
  readonly negative: readonly string[]
}

/** Quotes are no excuse here: the text may be put inside quotes of its own, so every item counts wherever it stands. */
export const METACHARACTERS: readonly Metacharacter[] = [
  { id: 'semicolon', pattern: /;/, positive: ['a; b', "'a;b'"], negative: ['a, b', 'a: b'] },
  { id: 'and', pattern: /&&/, positive: ['a && b', '"a&&b"'], negative: ['a & b', 'and'] },
  { id: 'or', pattern: /\|\|/, positive: ['a || b', "'a||b'"], negative: ['a | b', 'or'] },
  { id: 'command-substitution', pattern: /\$\(/, positive: ['$(id)', '"$(id)"'], negative: ['(id)', '$id'] },
  { id: 'backquote', pattern: /`/, positive: ['`id`', '"`id`"'], negative: ["'id'"] },
  { id: 'pipe', pattern: /(?<!\|)\|(?!\|)/, positive: ['a | b', "'a|b'"], negative: ['a || b', 'a l b'] },
  { id: 'output-redirection', pattern: />/, positive: ['a > b', "'a>b'", 'a>>b'], negative: ['a < b', 'a = b'] },
  { id: 'input-redirection', pattern: /<(?!<)/, positive: ['a < b', '"a<b"'], negative: ['a > b'] },
  { id: 'here-document', pattern: /<</, positive: ['cat <<EOF', 'cat <<< x'], negative: ['a < b'] },
  {
    id: 'process-substitution',
    pattern: /[<>]\(/,
    positive: ['diff <(a) b', 'tee >(b)'],
    negative: ['f (a)', '< (a)'],
  },
  { id: 'variable', pattern: /\$[A-Za-z_0-9@*#?!$-]/, positive: ['$HOME', '"$1"'], negative: ['US$ 5', '${HOME}'] },
  { id: 'braced-variable', pattern: /\$\{/, positive: ['${HOME}', '"${x:-y}"'], negative: ['$HOME', '{a}'] },
  { id: 'ansi-quote', pattern: /\$['"]/, positive: ["$'\\x41'", '$"a"'], negative: ["a$ 'b'", "'a'"] },
  { id: 'star', pattern: /\*/, positive: ['*.ts', "'*'"], negative: ['a.ts'] },
  { id: 'question-mark', pattern: /\?/, positive: ['a?', "'a?b'"], negative: ['a!'] },
  { id: 'bracket', pattern: /\[/, positive: ['[ab]', "'[a]'"], negative: ['(ab)', 'ab]'] },
  { id: 'brace', pattern: /\{[^{}]*(?:,|\.\.)[^{}]*\}/, positive: ['{a,b}', '{1..9}'], negative: ['{a}', '{}'] },
  { id: 'tilde', pattern: /(?:^|[\s=:'"])~/, positive: ['~/x', 'a=~root'], negative: ['a~', 'x~1'] },
  { id: 'background', pattern: /(?<!&)&(?!&)/, positive: ['a & b', '"a&b"'], negative: ['a && b'] },
  { id: 'history', pattern: /!(?=[\w!?-])/, positive: ['!!', '!ls'], negative: ['a!', '! a'] },
  { id: 'comment', pattern: /(?:^|\s)#/, positive: ['a # b', '# a'], negative: ['a#b'] },
  { id: 'backslash', pattern: /\\/, positive: ['a\\ b', "'\\'"], negative: ['a/b'] },
  { id: 'single-quote', pattern: /'/, positive: ["it's", '"\'"'], negative: ['its'] },
  { id: 'double-quote', pattern: /"/, positive: ['say "x"', "'\"'"], negative: ['say x'] },
  { id: 'newline', pattern: /[\n\r]/, positive: ['a\nb', '"a\nb"', 'a\rb'], negative: ['a b'] },
  { id: 'null', pattern: /\0/, positive: ['a\0b', "'a\0'"], negative: ['a0b'] },
  { id: 'option', pattern: /^-/, positive: ['-rf', '--output=x'], negative: ['a-b', 'a -b'] },
]

/** Ids of what a shell, or the program's own option reader, would act on; in the order of the table. */
export const metacharactersIn = (text: string): readonly string[] =>
  METACHARACTERS.filter(({ pattern }) => pattern.test(text)).map(({ id }) => id)

/** Where an argument is used (AC-3.3.4). */
export type SanitisationMode = 'strict' | 'moderate' | 'elevated'

/** What may happen to an argument: passed as one element, escaped with a warning, put before a person, or stopped. */
export type SanitisationAction = 'pass' | 'escape' | 'approve' | 'block'

/** Nothing can carry these; quoting does not help. */
const NEVER = new Set(['null', 'option'])

const ACTIONS: Readonly<
  Record<SanitisationMode, { readonly never: SanitisationAction; readonly found: SanitisationAction }>
> = {
  // In a sandbox nobody watches: stop.
  strict: { never: 'block', found: 'block' },
  // On the gateway host: one element, single-quoted where it is shown, and a warning.
  moderate: { never: 'block', found: 'escape' },
  // With raised rights: stop, or a person decides.
  elevated: { never: 'block', found: 'approve' },
}

export interface Sanitised {
  readonly action: SanitisationAction
  readonly patterns: readonly string[]
  /** The argument in single quotes, for logs and for the one place where a shell cannot be avoided; absent for `block`. */
  readonly quoted?: string
}

/** Judges one argument for one mode by its characters alone. The default way is `bindArgument`, which needs no quoting at all. */
export function sanitiseArgument(argument: string, mode: SanitisationMode): Sanitised {
  const patterns = metacharactersIn(argument)
  if (patterns.length === 0) return { action: 'pass', patterns, quoted: quoteForShell(argument) }
  const action = ACTIONS[mode][patterns.some((id) => NEVER.has(id)) ? 'never' : 'found']
  return action === 'block' ? { action, patterns } : { action, patterns, quoted: quoteForShell(argument) }
}

/** Single quotes around every character, POSIX 2.2.2: read by `sh` and `bash` it is the argument again, null bytes apart. */
export const quoteForShell = (argument: string): string => `'${argument.replaceAll("'", `'\\''`)}'`
