import { Language, Parser, type Node, type Tree } from 'web-tree-sitter'
import { parse as parseBash } from 'unbash'
import type {
  OpaqueReason,
  ParsedShell,
  ParseShell,
  ShellCommand,
  ShellPart,
  ShellScript,
  ShellWord,
} from '@sallyport/core'
import { convertScript, Unconvertible } from './convert.ts'
import { GRAMMAR_RUNTIME, readPinned, SHELL_GRAMMAR } from '../../../grammars.ts'

/** Milliseconds one parse may take (T-160). */
const BUDGET_MS = 250
/** UTF-16 units; a longer command line is opaque. */
const LONGEST_SOURCE = 65_536
const CACHED = 256

export interface ShellParserDeps {
  /** Monotonic milliseconds. */
  readonly now: () => number
}

/**
 * Two parsers read every command line: unbash gives the tree, tree-sitter must find the same commands at the same places.
 * An error in either, a difference between them, a thrown exception, too much text or time: the line is opaque, and that is a
 * reason to ask (T-150, T-160).
 * @throws SallyportError SP_INTERNAL when the grammar files are missing or changed
 */
export async function createShellParser({ now }: ShellParserDeps): Promise<ParseShell> {
  await Parser.init({ wasmBinary: readPinned(GRAMMAR_RUNTIME) })
  const language = await Language.load(readPinned(SHELL_GRAMMAR))
  const parser = new Parser()
  parser.setLanguage(language)
  const cache = new Map<string, ParsedShell>()
  const parse = (source: string): ParsedShell => {
    const started = now()
    const late = (): boolean => now() - started > BUDGET_MS
    try {
      const script = readTree(source)
      if (typeof script === 'string') return { opaque: script }
      if (late()) return { opaque: 'over-budget' }
      const tree = parser.parse(source, null, { progressCallback: () => late() })
      if (tree === null) {
        parser.reset()
        return { opaque: 'over-budget' }
      }
      const second = secondOpinion(tree, script)
      return second ?? (late() ? { opaque: 'over-budget' } : { script })
    } catch {
      parser.reset()
      return { opaque: 'parser-failed' }
    }
  }
  parse('true')
  return (source) => {
    if (source.length > LONGEST_SOURCE) return { opaque: 'too-long' }
    const known = cache.get(source)
    if (known !== undefined) return known
    const parsed = parse(source)
    if (cache.size >= CACHED) cache.clear()
    cache.set(source, parsed)
    return parsed
  }
}

function readTree(source: string): ShellScript | OpaqueReason {
  const tree = parseBash(source)
  if (tree.errors !== undefined && tree.errors.length > 0) {
    return tree.errors.some(({ message }) => message.includes('nesting depth')) ? 'too-deep' : 'syntax-error'
  }
  try {
    return convertScript(tree)
  } catch (thrown) {
    if (thrown instanceof Unconvertible) return 'syntax-error'
    throw thrown
  }
}

/** Undefined when the second parser found the same commands. */
function secondOpinion(tree: Tree, script: ShellScript): { readonly opaque: OpaqueReason } | undefined {
  try {
    const root = tree.rootNode
    const expected = commandStarts(script.commands, new Map())
    if (root.hasError && ![...errors(root)].every((error) => tolerable(error))) return { opaque: 'syntax-error' }
    const found = new Set<number>()
    for (const node of root.descendantsOfType([
      'command_name',
      'declaration_command',
      'unset_command',
      'test_command',
    ])) {
      const name = node.type === 'command_name' && node.text === 'time' ? node.parent?.namedChild(1) : node
      if (name !== undefined && name !== null) found.add(name.startIndex)
    }
    for (const [start, name] of expected) {
      if (!found.has(start) && !QUIET.has(name)) return { opaque: 'parsers-disagree' }
    }
    for (const start of found) if (!expected.has(start) && !inTest(root, start)) return { opaque: 'parsers-disagree' }
    return undefined
  } finally {
    tree.delete()
  }
}

/** Words that one of the parsers takes for syntax and the other for a command; they do nothing by themselves. */
const QUIET = new Set(['coproc', 'time', 'true', ':'])

function* errors(node: Node): Iterable<Node> {
  if (node.isError || node.isMissing) {
    yield node
    return
  }
  if (!node.hasError) return
  for (const child of node.children) yield* errors(child)
}

/** Constructs that bash has and the grammar lacks, known one by one. */
const tolerable = (error: Node): boolean => /^(?:<>|>\||&>>?|<|\|&)$/.test(error.text)

function inTest(root: Node, start: number): boolean {
  const node = root.descendantForIndex(start)
  return node !== null && (node.type === '[[' || node.parent?.type === 'test_command')
}

/** Where commands begin, and with what word. */
function commandStarts(commands: readonly ShellCommand[], starts: Map<number, string>): Map<number, string> {
  for (const command of commands) {
    switch (command.kind) {
      case 'simple': {
        const [first] = command.words
        if (first !== undefined) starts.set(first.start, first.source)
        for (const word of command.words) wordStarts(word, starts)
        for (const { values } of command.assignments) values.forEach((word) => wordStarts(word, starts))
        for (const { target } of command.redirects) wordStarts(target, starts)
        break
      }
      case 'pipeline':
        commandStarts(command.stages, starts)
        break
      case 'sequence':
        commandStarts(command.commands, starts)
        break
      case 'group':
        commandStarts(command.body, starts)
        for (const { target } of command.redirects) wordStarts(target, starts)
        break
      case 'loop':
        for (const word of command.items ?? []) wordStarts(word, starts)
        commandStarts(command.condition, starts)
        commandStarts(command.body, starts)
        break
      case 'branch':
        for (const word of command.words) wordStarts(word, starts)
        for (const branch of command.branches) commandStarts(branch, starts)
        break
      case 'function':
        commandStarts(command.body, starts)
        break
    }
  }
  return starts
}

function wordStarts(word: ShellWord, starts: Map<number, string>): void {
  const scripts = (part: ShellPart): void => {
    if (part.kind === 'substitution' || part.kind === 'process') commandStarts(part.script.commands, starts)
    else if (part.kind === 'variable' || part.kind === 'arithmetic')
      part.words.forEach((inner) => wordStarts(inner, starts))
  }
  word.parts.forEach(scripts)
}
