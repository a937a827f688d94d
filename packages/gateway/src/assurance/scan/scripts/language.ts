import type { CommentStyle } from './lex.ts'

/** What a file of code is written in. */
export interface ScriptKind {
  readonly language: string
  readonly comments: CommentStyle
}

const KINDS: readonly (readonly [names: RegExp, language: string, comments: CommentStyle])[] = [
  [/\.(?:py|pyw|pyi|ipynb|pth)$/i, 'python', 'hash'],
  [/\.(?:js|mjs|cjs|jsx|ts|mts|cts|tsx|vue|svelte)$/i, 'javascript', 'slash'],
  [
    /\.(?:sh|bash|zsh|ksh|command|fish|envrc|bats)$|(?:^|\/)(?:\.?bashrc|\.?zshrc|\.?profile|\.envrc)$/i,
    'shell',
    'hash',
  ],
  [/\.(?:ps1|psm1|psd1)$/i, 'powershell', 'hash'],
  [/\.(?:bat|cmd)$/i, 'cmd', 'none'],
  [/\.(?:rb|rake|gemspec)$|(?:^|\/)(?:Rakefile|Gemfile)$/i, 'ruby', 'hash'],
  [/\.(?:pl|pm)$/i, 'perl', 'hash'],
  [/\.(?:php|phtml)$/i, 'php', 'slash'],
  [/\.(?:go)$/i, 'go', 'slash'],
  [/\.(?:java|kt|kts|scala|groovy|gradle)$/i, 'java', 'slash'],
  [/\.(?:c|h|cc|cpp|hpp|cs|rs|swift|m|mm)$/i, 'native', 'slash'],
  [/(?:^|\/)(?:GNU)?[Mm]akefile$|\.mk$|(?:^|\/)[Jj]ustfile$/, 'make', 'hash'],
  [/(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$|\.dockerfile$/i, 'container', 'hash'],
  [/\.(?:lua)$/i, 'lua', 'none'],
  [/\.(?:applescript|scpt|vbs|vba|r|jl)$/i, 'other', 'none'],
]

const GIT_HOOK =
  /(?:^|\/)(?:\.?git)?hooks\/(?:pre|post|prepare|commit|update|fsmonitor|reference|sendemail|push|applypatch)-?[\w-]*$/i

const SHEBANG: readonly (readonly [program: RegExp, language: string, comments: CommentStyle])[] = [
  [/python|pypy/, 'python', 'hash'],
  [/node|deno|bun|tsx/, 'javascript', 'slash'],
  [/ruby/, 'ruby', 'hash'],
  [/perl/, 'perl', 'hash'],
  [/php/, 'php', 'slash'],
  [/pwsh|powershell/, 'powershell', 'hash'],
  [/sh\b|bash|zsh|ksh|dash/, 'shell', 'hash'],
]

/** By name, else by the first line. Undefined: no code. */
export function scriptKind(path: string, text: string): ScriptKind | undefined {
  const name = path.replace(/.*!/, '')
  for (const [pattern, language, comments] of KINDS) if (pattern.test(name)) return { language, comments }
  const first = /^#!\s*(\S[^\n]{0,120})/.exec(text)?.[1]
  if (first !== undefined)
    for (const [pattern, language, comments] of SHEBANG) if (pattern.test(first)) return { language, comments }
  if (GIT_HOOK.test(name)) return { language: 'shell', comments: 'hash' }
  return first === undefined ? undefined : { language: 'other', comments: 'hash' }
}

/** Language of a code fence. */
export function fenceLanguage(info: string): string | undefined {
  const word =
    info
      .trim()
      .toLowerCase()
      .split(/[\s{,]/, 1)[0] ?? ''
  if (/^(?:sh|bash|zsh|shell|console|terminal|shell-session|shellsession|fish)$/.test(word)) return 'shell'
  if (/^(?:py|python|python3)$/.test(word)) return 'python'
  if (/^(?:js|javascript|ts|typescript|node|jsx|tsx|mjs)$/.test(word)) return 'javascript'
  if (/^(?:powershell|pwsh|ps1)$/.test(word)) return 'powershell'
  if (/^(?:bat|cmd|batch)$/.test(word)) return 'cmd'
  if (/^(?:rb|ruby)$/.test(word)) return 'ruby'
  if (/^(?:php|perl|go|java)$/.test(word)) return word
  if (/^(?:json|yaml|yml|toml|json5|jsonc)$/.test(word)) return 'data'
  return word === '' ? '' : undefined
}

export const commentStyleOf = (language: string): CommentStyle =>
  ['python', 'shell', 'ruby', 'powershell', 'perl'].includes(language)
    ? 'hash'
    : language === 'cmd' || language === 'data'
      ? 'none'
      : 'slash'

/** The commands of a makefile or a container file, at the places where they stand; undefined: the text is a script as it is. */
export function commandsOf(text: string, language: string): string | undefined {
  if (language !== 'make' && language !== 'container') return undefined
  let goesOn = false
  return text
    .split('\n')
    .map((line) => {
      const head = goesOn
        ? ''
        : language === 'make'
          ? /^(?:\t| {2,})[@+-]*\s*/.exec(line)?.[0]
          : /^\s*(?:RUN|CMD|ENTRYPOINT)\s+(?:--\S+\s+)*/i.exec(line)?.[0]
      goesOn = (head !== undefined || goesOn) && /\\\s*$/.test(line)
      if (head === undefined) return ' '.repeat(line.length)
      const rest = line.slice(head.length)
      // the form of a list starts a program without a shell
      return ' '.repeat(head.length) + (/^\[\s*"/.test(rest) ? rest.replace(/[[\]",]/g, ' ') : rest)
    })
    .join('\n')
}
