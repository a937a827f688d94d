import { readFileSync } from 'node:fs'
import { createInjectionDetector, SallyportError, type InjectionReport } from '@sallyport/core'
import { loadInjectionModel } from '../../control/content/injection-model.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { formatFields, formatTable } from '../output.ts'
import { runBatch, textOf } from './batch.ts'

/** `detect injection [file]`: exit 0 clean, 1 findings; with --jsonl 0 all judged, 3 at least one error. */
export async function run(io: CliIo, [file]: readonly string[], options: CliOptions): Promise<number> {
  const detector = createInjectionDetector(loadInjectionModel())
  if (options['jsonl'] === true)
    return runBatch(
      process.stdin,
      (line) => io.out(`${line}\n`),
      (line) => {
        const report = detector.scan(textOf(line), { channel: line['channel'] === 'content' ? 'content' : 'user' })
        return { ...report, words: [...report.words], findings: report.findings.map((finding) => ({ ...finding })) }
      },
    )
  const channel = options['channel'] ?? 'content'
  if (channel !== 'user' && channel !== 'content')
    throw new SallyportError('SP_CLI_USAGE', '`--channel` is `user` or `content`.')
  const text = readFileSync(file === undefined || file === '-' ? 0 : file, 'utf8')
  const report = detector.scan(text, { channel })
  io.out(io.json ? `${JSON.stringify(report)}\n` : `${human(report, text)}\n`)
  return report.verdict === 'clean' ? 0 : 1
}

function human({ verdict, score, category, findings, words, jailbreak }: InjectionReport, text: string): string {
  const head = formatFields([
    ['verdict', verdict],
    ['score', score],
    ['category', category],
    ...(words.length === 0 ? [] : [['words', words.join(' · ')] as const]),
    ['jailbreak', `${jailbreak.score} (advisory)`],
  ])
  if (findings.length === 0) return head
  const rows = findings.map(({ rule, severity, start, end, decoded }) => [
    severity,
    rule,
    `${start}-${end}${decoded === undefined ? '' : ` (${decoded})`}`,
    text.slice(start, Math.min(end, start + 60)).replace(/\s+/g, ' '),
  ])
  return `${head}\n\n${formatTable(['severity', 'rule', 'place', 'text'], rows)}`
}
