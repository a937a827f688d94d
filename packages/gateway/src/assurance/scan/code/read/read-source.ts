import { SallyportError } from '@sallyport/core'
import { Language as Grammar, Parser } from 'web-tree-sitter'
import { CODE_GRAMMARS, GRAMMAR_RUNTIME, readPinned, SHELL_GRAMMAR } from '../../../../grammars.ts'
import type { Language, SourceUnit } from '../syntax.ts'
import { readBash } from './bash.ts'
import { readGo } from './go.ts'
import { readJava } from './java.ts'
import { readJavaScript } from './javascript.ts'
import { readPython } from './python.ts'
import { readRuby } from './ruby.ts'
import { createCopier, TooDeep, type Syntax } from './tree.ts'

/** UTF-16 units; a longer file is not read. */
export const LONGEST_FILE = 4 * 1024 * 1024
/** Milliseconds one parse may take, and per MiB more. */
const BUDGET_MS = 5_000

export interface ReadSourceDeps {
  /** Monotonic milliseconds. */
  readonly now: () => number
}

/**
 * Reads a text into the common form. Parse errors are stepped over where the parser can.
 * @throws SallyportError SP_SCAN_UNREADABLE when it is not of the language or nested too deeply, SP_SCAN_TOO_LARGE
 */
export type ReadSource = (text: string, language: Language) => SourceUnit

type TreeLanguage = Exclude<Language, 'javascript' | 'typescript'>
const READERS: Readonly<Record<TreeLanguage, (root: Syntax, text: string) => SourceUnit>> = {
  python: readPython,
  go: readGo,
  ruby: readRuby,
  java: readJava,
  bash: readBash,
}

/**
 * Loads the grammars, all before the first text is parsed: it is slower the other way round.
 * @throws SallyportError SP_INTERNAL when a grammar file is missing or changed
 */
export async function createReadSource({ now }: ReadSourceDeps): Promise<ReadSource> {
  await Parser.init({ wasmBinary: readPinned(GRAMMAR_RUNTIME) })
  const parsers = new Map<TreeLanguage, Parsing>()
  for (const [language, file] of [...Object.entries(CODE_GRAMMARS), ['bash', SHELL_GRAMMAR] as const]) {
    const parser = new Parser()
    const grammar = await Grammar.load(readPinned(file))
    parser.setLanguage(grammar)
    parsers.set(language as TreeLanguage, { parser, copy: createCopier(grammar) })
  }
  return (text, language) => {
    if (text.length > LONGEST_FILE)
      throw new SallyportError('SP_SCAN_TOO_LARGE', `The file has more than ${LONGEST_FILE} characters.`)
    try {
      const unit =
        language === 'javascript' || language === 'typescript'
          ? readJavaScript(text, language)
          : withTree(parsers.get(language) as Parsing, language, text, now)
      if (unit !== undefined) return unit
    } catch (cause) {
      if (cause instanceof SallyportError) throw cause
      const deep = cause instanceof TooDeep || cause instanceof RangeError
      throw new SallyportError(
        'SP_SCAN_UNREADABLE',
        deep ? 'The program is nested too deeply to be followed.' : `The text cannot be read as ${language}.`,
        { cause },
      )
    }
    throw new SallyportError('SP_SCAN_UNREADABLE', `The text cannot be read as ${language}.`)
  }
}

interface Parsing {
  readonly parser: Parser
  readonly copy: ReturnType<typeof createCopier>
}

function withTree(
  { parser, copy }: Parsing,
  language: TreeLanguage,
  text: string,
  now: () => number,
): SourceUnit | undefined {
  const started = now()
  const tree = parser.parse(text, null, { progressCallback: () => now() - started > BUDGET_MS })
  if (tree === null) {
    parser.reset()
    throw new SallyportError('SP_SCAN_UNREADABLE', 'The text takes too long to parse.')
  }
  const cursor = tree.walk()
  try {
    const root = copy(cursor)
    if (root.type === 'ERROR' && root.children.length === 0) return undefined
    const unit = READERS[language](root, text)
    return { ...unit, complete: unit.complete && !tree.rootNode.hasError }
  } finally {
    cursor.delete()
    tree.delete()
  }
}
