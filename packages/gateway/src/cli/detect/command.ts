import { readFile } from 'node:fs/promises'
import { stdin } from 'node:process'
import { buffer } from 'node:stream/consumers'
import {
  analyseCommand,
  bindArgument,
  COMMAND_EFFECTS,
  SallyportError,
  type Json,
  type JsonObject,
  type ParseShell,
} from '@sallyport/core'
import { createShellParser } from '../../control/content/command/parser.ts'
import type { CommandRun } from '../command.ts'
import { formatFields, formatTable } from '../output.ts'
import { runBatch, textOf, type Judgement } from './batch.ts'
import { processorTime } from '../../clock.ts'

/** `sallyport detect command`: 0 clean, 1 ask or block; with --jsonl 0, or 3 when a line could not be judged. */
export const run: CommandRun = async (io, args, options) => {
  const parse = await createShellParser({ now: processorTime })
  if (options['jsonl'] === true)
    return runBatch(
      stdin,
      (line) => io.out(line),
      (line) => judgeLine(line, parse),
    )
  const [file] = args
  const bytes = file === undefined ? await buffer(stdin) : await readFile(file)
  const judged = judgeText(bytes.toString('utf8').replace(/\r?\n$/, ''), parse, languageOption(options['lang']))
  if (io.json) io.out(JSON.stringify(judged))
  else io.out(describe(judged))
  return judged.verdict === 'clean' ? 0 : 1
}

const languageOption = (value: unknown): string => (typeof value === 'string' ? value : 'bash')

function judgeLine(line: JsonObject, parse: ParseShell): Judgement {
  const { template, arg, lang } = line
  if (typeof template === 'string') {
    if (typeof arg !== 'string') throw new SallyportError('SP_CLI_USAGE', 'A line with `template` needs `arg`.')
    const bound = bindArgument(template, arg, { parse })
    return {
      verdict: bound.verdict,
      score: bound.score,
      category: bound.category,
      findings: bound.reasons.map(({ rule, detail }) => ({
        rule,
        category: 'argument',
        severity: 'high',
        start: 0,
        end: arg.length,
        detail,
      })),
      ...(bound.argv === undefined ? {} : { argv: bound.argv as Json }),
    }
  }
  return judgeText(textOf(line), parse, languageOption(lang))
}

function judgeText(source: string, parse: ParseShell, language: string): Judgement {
  const { verdict, score, category, reasons, facts } = analyseCommand(source, { parse, language })
  return {
    verdict,
    score,
    category,
    findings: reasons.flatMap(({ effect, evidence }) =>
      evidence.map(({ start, end, program, detail }) => ({
        rule: effect,
        category: effect.split('.', 1)[0] ?? '',
        severity: COMMAND_EFFECTS[effect].severity,
        start,
        end: Math.min(end, source.length),
        program,
        detail,
      })),
    ),
    facts: {
      programs: facts.programs,
      hosts: facts.hosts,
      reads: facts.reads,
      writes: facts.writes,
      deletes: facts.deletes,
      opaque: facts.opaque,
    },
  }
}

function describe(judged: Judgement): string {
  const facts = judged['facts'] as Readonly<Record<string, readonly string[]>>
  const findings = judged['findings'] as readonly Readonly<Record<string, string>>[]
  const fields = Object.entries(facts).filter(([, values]) => values.length > 0)
  return [
    formatFields([
      ['verdict', judged.verdict],
      ...fields.map(([name, values]): [string, string] => [name, values.join(', ')]),
    ]),
    ...(findings.length === 0
      ? []
      : [
          '',
          formatTable(
            ['effect', 'severity', 'program', 'because'],
            findings.map((finding) => [
              finding['rule'] ?? '',
              finding['severity'] ?? '',
              finding['program'] ?? '',
              finding['detail'] ?? '',
            ]),
          ),
        ]),
  ].join('\n')
}
