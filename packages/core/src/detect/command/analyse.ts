import { misleadingCharacters } from './characters.ts'
import { judgeCommand, type CommandJudgement, type EffectOverrides } from './judge.ts'
import { collectFacts, type CommandFacts, type FactCollector } from './facts.ts'
import { NOTHING } from './flow.ts'
import { DEFAULT_PATH_POLICY } from './paths.ts'
import { judgePowershell } from './powershell.ts'
import { runScript } from './run.ts'
import { runWords } from './simple.ts'
import type { CarriedCode, CommandPolicy, Scene } from './scene.ts'
import type { ParseShell } from './syntax.ts'
import { literalValue } from './words.ts'

export const DEFAULT_COMMAND_POLICY: CommandPolicy = { ...DEFAULT_PATH_POLICY, localHosts: [] }

/** Commands looked at before a line counts as too large to be read. */
const MOST_COMMANDS = 4_000

export interface AnalyseOptions {
  readonly parse: ParseShell
  readonly policy?: CommandPolicy
  /** `powershell` and `cmd` are judged by their words alone. */
  readonly language?: string
  /** Told of code that the line carries (HB-107). */
  readonly onCode?: (code: CarriedCode) => void
}

function sceneFor(facts: FactCollector, { parse, policy = DEFAULT_COMMAND_POLICY, onCode }: AnalyseOptions): Scene {
  return {
    facts,
    policy,
    parse,
    state: { variables: new Map(), functions: new Map(), aliases: new Map(), place: '.', written: new Map() },
    depth: 0,
    elsewhere: false,
    budget: { left: MOST_COMMANDS },
    position: { start: 0, end: 0 },
    onCode,
    runScript,
    runWords,
  }
}

/**
 * Facts of a command line that an agent wrote (SEC-3.3, T-150). Nothing runs. What cannot be read is an effect of its own
 * (`opaque.*`), never a clean line.
 */
export function commandFacts(source: string, options: AnalyseOptions): CommandFacts {
  const facts = collectFacts()
  const scene = sceneFor(facts, options)
  facts.locate('', 0, source.length)
  const odd = misleadingCharacters(source)
  if (odd !== undefined) facts.effect('opaque.characters', odd)
  if (/^(?:powershell|pwsh|ps1|cmd|batch)$/i.test(options.language ?? '')) {
    judgePowershell(source, scene)
    return facts.facts()
  }
  try {
    const parsed = options.parse(source)
    if ('script' in parsed) runScript(parsed.script, scene, NOTHING)
    else {
      facts.opaque(parsed.opaque)
      facts.effect(
        parsed.opaque === 'too-long' || parsed.opaque === 'too-deep' ? 'opaque.depth' : 'opaque.syntax',
        parsed.opaque,
      )
      if (/\b(?:powershell|pwsh|iex|iwr|Invoke-\w+|Get-\w+)\b/i.test(source)) judgePowershell(source, scene)
    }
  } catch (thrown) {
    // Fail closed: a defect here is a reason to ask.
    facts.opaque('analysis-failed')
    facts.effect('opaque.depth', thrown instanceof Error ? thrown.name : 'failed')
  }
  return facts.facts()
}

/** Facts of an argument vector: no shell reads it, so nothing in it is syntax. */
export function argvFacts(argv: readonly string[], options: AnalyseOptions): CommandFacts {
  const facts = collectFacts()
  facts.locate(argv[0] ?? '', 0, 0)
  try {
    runWords(argv.map(literalValue), sceneFor(facts, options), NOTHING)
  } catch (thrown) {
    facts.opaque('analysis-failed')
    facts.effect('opaque.depth', thrown instanceof Error ? thrown.name : 'failed')
  }
  return facts.facts()
}

/** Facts and verdict in one. */
export function analyseCommand(
  source: string,
  options: AnalyseOptions & { readonly overrides?: EffectOverrides },
): CommandJudgement & { readonly facts: CommandFacts } {
  const facts = commandFacts(source, options)
  return { ...judgeCommand(facts, options.overrides), facts }
}
