import { textLiteral } from '@sallyport/core'
import {
  action,
  alike,
  argument,
  equals,
  HOST,
  isTool,
  like,
  SAMPLES,
  unclear,
  weakens,
  type Convert,
  type RulePlaces,
} from './claude-cedar.ts'

/** First words of the commands in a line. */
const programsIn = (command: unknown): readonly string[] =>
  typeof command === 'string' ? command.split(/[;&|\n]+/).map((part) => part.trim().split(/\s+/)[0] ?? '') : []

/** Programs whose arguments are programs. */
const RUNNERS =
  /^(?:sudo|doas|su|bash|sh|zsh|fish|env|xargs|eval|exec|python\d?(?:\.\d+)?|node|ruby|perl|php|lua|deno|bun|npx|uvx|pnpx|curl|wget|ssh|scp|rsync|docker|podman|kubectl|find|awk|sed|make|git|tee|dd)$/
/** What joins commands, or puts one into another: an allowance for one must not let the others through. */
const JOINTS = [';', '|', '&', '`', '$(', '<', '>', '\n']
const alone = (value: string): string => JOINTS.map((joint) => `!(${like(value, ['', joint, ''])})`).join(' && ')

const bash: Convert = (specifier, effect) => {
  const prefix = /^([^*]*?)(?::\*|\s\*)$/.exec(specifier)?.[1]
  const words = (prefix ?? specifier).trim()
  const [program = ''] = words.split(/\s+/)
  const example = {
    name: `${HOST}.Bash`,
    arguments: { command: prefix === undefined ? words.replaceAll('*', 'x') : `${words} x` },
  }
  if (effect !== 'allow') {
    const single = !/[\s*]/.test(words)
    // a program by name, wherever it stands in the line; longer texts wherever they stand
    const patterns = single
      ? [
          [`${words} `, ''],
          ['', ` ${words}`, ''],
          ['', `/${words}`, ''],
        ]
      : [['', ...words.split('*'), '']]
    const test = (value: string): string =>
      [
        ...(single ? [equals(value, words), `context.facts.commands.contains(${textLiteral(program)})`] : []),
        ...patterns.map((parts) => like(value, parts)),
      ].join(' || ')
    const fits = isTool(
      example.name,
      ({ command }) =>
        (single && (command === words || programsIn(command).includes(program))) ||
        patterns.some((parts) => alike(command, parts)),
    )
    return { ok: true, rules: [{ action: action('Bash'), condition: argument('command', test), example, fits }] }
  }
  if (specifier.includes('*') && prefix === undefined)
    return weakens('A star in the middle of a command fits options that nobody has thought of.')
  if (prefix !== undefined && words.split(/\s+/).length === 1 && RUNNERS.test(program))
    return weakens(`${program} runs or fetches whatever it is told.`)
  const test = (value: string): string =>
    prefix === undefined
      ? equals(value, words)
      : `(${equals(value, words)} || ${like(value, [`${words} `, ''])}) && ${alone(value)} && [${textLiteral(program)}].containsAll(context.facts.commands)`
  return {
    ok: true,
    rules: [
      {
        action: action('Bash'),
        condition: argument('command', test),
        example,
        other: { command: `${words}; id` },
        fits: isTool(
          example.name,
          ({ command }) =>
            command === words ||
            (prefix !== undefined &&
              alike(command, [`${words} `, '']) &&
              JOINTS.every((joint) => typeof command === 'string' && !command.includes(joint))),
        ),
      },
    ],
  }
}

interface PathPattern {
  /** Parts between stars. */
  readonly parts: readonly string[]
  readonly example: string
  /** A star that does not reach below: Cedar's would. */
  readonly narrow: boolean
}

/** `//x` from the root, `~/x` from home, `/x` and `x` from the project; `**` for any depth. */
function pathPattern(specifier: string, { home, project }: RulePlaces): PathPattern | undefined {
  const [from, rest] = specifier.startsWith('//')
    ? ['', specifier.slice(1)]
    : /^~(?=\/|$)/.test(specifier)
      ? [home, specifier.slice(1)]
      : [project, `/${specifier.replace(/^\.?\//, '')}`]
  const deep = rest.startsWith('/**/')
  const narrow = /(?<!\*)\*(?!\*)|[?[\]{}]/.test(rest)
  if (from === undefined && !deep && !/^~|^\/\//.test(specifier)) {
    // a denial holds wherever the project is
    const parts = ['', ...rest.split(/\*+\/?|[?[\]{}]/)]
    return { parts, example: `/srv/x${rest.replace(/[*?[\]{}]+/g, 'y')}`, narrow: true }
  }
  if (from === undefined)
    return deep
      ? {
          parts: ['', ...rest.slice(3).split(/\*+/)],
          example: `/srv/x${rest.slice(3).replace(/\*+/g, 'y')}`,
          narrow: true,
        }
      : undefined
  const pattern = deep ? `${from}/*${rest.slice(3)}` : `${from}${rest}`
  return { parts: pattern.split(/\*+|[?[\]{}]/), example: pattern.replace(/[*?[\]{}]+/g, 'y'), narrow }
}

const files =
  (tools: readonly (readonly [name: string, member: string])[]): Convert =>
  (specifier, effect, places) => {
    const pattern = pathPattern(specifier, places)
    if (pattern === undefined) return unclear('It begins at a folder that is not known; give --home or --project.')
    const { parts, example, narrow } = pattern
    const exact = parts.length === 1
    if (effect === 'allow' && (narrow || example.startsWith('/srv/x')))
      return unclear(
        'A path that is relative, or a star that reaches one level only, cannot be allowed as narrowly; give --project, or write the rule by hand.',
      )
    const safe = 'context.facts.pathSigns.isEmpty()'
    return {
      ok: true,
      rules: tools.map(([name, member]) => ({
        action: action(name),
        condition: argument(member, (value) => {
          const hit = exact ? equals(value, parts[0] ?? '') : like(value, parts)
          return effect === 'allow' ? `${hit} && !(${like(value, ['', '/../', ''])}) && ${safe}` : hit
        }),
        example: { name: `${HOST}.${name}`, arguments: { ...SAMPLES[name], [member]: example } },
        other: { ...SAMPLES[name], [member]: '/srv/elsewhere/a.txt' },
        fits: isTool(`${HOST}.${name}`, (args) => (exact ? args[member] === parts[0] : alike(args[member], parts))),
      })),
    }
  }

const READING = [
  ['Read', 'file_path'],
  ['Grep', 'path'],
  ['Glob', 'path'],
] as const
const WRITING = [
  ['Edit', 'file_path'],
  ['Write', 'file_path'],
  ['NotebookEdit', 'notebook_path'],
] as const

const hostOf = (url: unknown): string => (typeof url === 'string' && URL.canParse(url) ? new URL(url).hostname : '')
const webFetch: Convert = (specifier, effect) => {
  const host = /^domain:([a-z0-9.*-]+)$/i.exec(specifier)?.[1]?.toLowerCase()
  if (host === undefined) return unclear('Only domain:NAME is understood.')
  const bare = host.replace(/^\*\./, '')
  if (bare.includes('*'))
    return effect === 'deny' ? unclear('Name the hosts.') : weakens('It allows hosts that nobody has named.')
  if (effect === 'allow' && host !== bare) return weakens('It allows every host below a domain; name them.')
  const name = textLiteral(bare)
  const condition =
    effect === 'allow'
      ? `[${name}].containsAll(context.facts.hosts) && !context.facts.hosts.isEmpty() && context.facts.urlSigns.isEmpty()`
      : `context.facts.hosts.contains(${name}) || context.facts.domains.contains(${name})`
  return {
    ok: true,
    rules: [
      {
        action: action('WebFetch'),
        condition,
        example: { name: `${HOST}.WebFetch`, arguments: { url: `https://${bare}/` } },
        other: { url: 'https://elsewhere.example.net/' },
        fits: isTool(`${HOST}.WebFetch`, ({ url }) => hostOf(url) === bare),
      },
    ],
  }
}

const oneArgument =
  (tool: string, member: string): Convert =>
  (specifier, effect) =>
    /[*]/.test(specifier) && effect === 'allow'
      ? weakens('It allows what nobody has named.')
      : {
          ok: true,
          rules: [
            {
              action: action(tool),
              condition: argument(member, (value) =>
                specifier.includes('*') ? like(value, specifier.split(/[:\s]?\*/)) : equals(value, specifier),
              ),
              example: {
                name: `${HOST}.${tool}`,
                arguments: { prompt: 'x', [member]: specifier.replaceAll('*', 'x') },
              },
              other: { prompt: 'x', [member]: 'another' },
              fits: isTool(`${HOST}.${tool}`, (args) => alike(args[member], specifier.split(/[:\s]?\*/))),
            },
          ],
        }

/** Tools whose rules can have a part in brackets. */
export const TOOLS: Readonly<Record<string, Convert>> = {
  Bash: bash,
  Read: files(READING),
  Edit: files(WRITING),
  Write: files(WRITING),
  MultiEdit: files(WRITING),
  NotebookEdit: files(WRITING),
  WebFetch: webFetch,
  Agent: oneArgument('Agent', 'subagent_type'),
  Task: oneArgument('Task', 'subagent_type'),
  Skill: oneArgument('Skill', 'skill'),
}
