import { readFile } from 'node:fs/promises'
import {
  createSecretStream,
  findSecrets,
  redactText,
  SallyportError,
  type Finding,
  type JsonObject,
  type SecretMatch,
} from '@sallyport/core'
import type { CliIo, CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { chunksOf, runBatch, textOf, type Judgement } from './batch.ts'

/** `detect secrets`: what looks like a secret in a file, on standard input or in the lines of a batch. */
export const run: CommandRun = async (io, [file], options) => {
  if (options['jsonl'] === true) return runBatch(process.stdin, (line) => io.out(line), judge)
  const text = await read(file)
  const findings = findSecrets(text, 'result').map(findingOf)
  if (io.json) {
    const verdict = findings.length === 0 ? 'clean' : 'flag'
    io.out(JSON.stringify({ verdict, findings, ...redactedOf(text, findings) }))
  } else print(io, text, findings)
  return findings.length === 0 ? 0 : 1
}

async function read(file: string | undefined): Promise<string> {
  if (file !== undefined && file !== '-') {
    try {
      return await readFile(file, 'utf8')
    } catch (cause) {
      throw new SallyportError('SP_CLI_USAGE', `Cannot read ${file}.`, { cause })
    }
  }
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** One line of a batch (benchmarks §6). */
export function judge(line: JsonObject): Judgement {
  const text = textOf(line)
  const findings = findSecrets(text, 'result').map(findingOf)
  const chunks = chunksOf(line)
  const isStream = chunks.length > 0 && typeof line['text'] !== 'string' && typeof line['input'] !== 'string'
  if (isStream) {
    const stream = createSecretStream(line['wire'] === 'text' ? 'text' : 'auto')
    const sent = chunks.map((chunk) => stream.push(chunk))
    sent.push(stream.end())
    const flagged = findings.length > 0 || stream.redactions > 0
    return { ...verdictOf(findings, flagged), chunks: sent.filter((chunk) => chunk !== '') }
  }
  return { ...verdictOf(findings, findings.length > 0), ...redactedOf(text, findings) }
}

function verdictOf(findings: readonly Finding[], flagged: boolean): Judgement {
  const [first] = findings
  return {
    verdict: flagged ? 'flag' : 'clean',
    score: flagged ? 1 : 0,
    category: first?.category ?? (flagged ? 'secret' : null),
    findings: findings as unknown as readonly JsonObject[],
  }
}

const redactedOf = (text: string, findings: readonly Finding[]): JsonObject =>
  findings.length === 0 ? {} : { redacted: redactText(text, 'result').text }

const findingOf = ({ family, start, end, decoded }: SecretMatch): Finding => ({
  rule: `secret.${family}`,
  category: 'secret',
  severity: 'high',
  start,
  end,
  ...(decoded === undefined ? {} : { decoded }),
})

/** Where and what, never the value. */
function print(io: CliIo, text: string, findings: readonly Finding[]): void {
  if (findings.length === 0) {
    io.out('No secrets found.')
    return
  }
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const rows = findings.map(({ rule, start, end, decoded }) => {
    const line = starts.findLastIndex((begin) => begin <= start)
    return [`${line + 1}:${start - (starts[line] ?? 0) + 1}`, rule, end - start, decoded ?? '']
  })
  io.out(formatTable(['PLACE', 'RULE', 'LENGTH', 'HIDDEN IN'], rows))
}
