import {
  isJsonObject,
  judgeUrl,
  SallyportError,
  tableHost,
  type ChainInput,
  type Json,
  type JsonObject,
} from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { formatFields } from '../output.ts'
import { runBatch, type Judgement } from './batch.ts'

/** `detect url`: would a guarded client be let through? Nothing is resolved or connected to. */
export const run: CommandRun = async (io, args, options) => {
  if (options['jsonl'] === true) return runBatch(process.stdin, (line) => io.out(line), judgeLine)
  const [url] = args
  if (url === undefined) throw new SallyportError('SP_CLI_USAGE', 'Give a URL, or --jsonl and lines on standard input.')
  const resolves = options['resolves']
  const answers = Array.isArray(resolves) ? [resolves as readonly string[]] : []
  const result = judgeUrl({ url, answers, redirects: [], names: new Map() })
  const { verdict, reason, connect, findings } = result
  if (io.json) io.out(JSON.stringify(result))
  else {
    io.out(
      formatFields([
        ['verdict', verdict],
        ['reason', reason ?? 'none'],
        ['rule', findings[0]?.rule ?? 'none'],
        ['connect', connect.join(' ') || 'nowhere'],
      ]),
    )
    if (reason === 'dns_failed') io.err('Nothing is resolved here: give what the name resolves to with --resolves.')
  }
  return verdict === 'clean' ? 0 : 1
}

/** One line of the batch form. `resolves` and the first of `answers` are the same thing; a host in neither has no answer. */
export function judgeLine(line: JsonObject): Judgement {
  const { url } = line
  if (typeof url !== 'string') throw new SallyportError('SP_CLI_USAGE', 'The line has no `url`.')
  const { verdict, reason, connect, hops, findings } = judgeUrl({
    url,
    answers: answersOf(line),
    redirects: stringsOf(line['redirects']),
    names: namesOf(line['names']),
  })
  return {
    verdict,
    score: verdict === 'clean' ? 0 : 1,
    ...(reason === undefined ? {} : { reason, category: 'ssrf' }),
    connect: [...connect],
    hops: hops.map((hop) => ({ ...hop, addresses: [...hop.addresses] })),
    findings: findings.map((finding) => ({ ...finding })),
  } as Judgement
}

function answersOf(line: JsonObject): ChainInput['answers'] {
  const { answers, resolves } = line
  if (Array.isArray(answers)) return (answers as readonly Json[]).map(listOf)
  return resolves === undefined ? [] : [listOf(resolves)]
}

/** One address or a list; anything else is an answer that nobody can read. */
const listOf = (value: Json): readonly unknown[] => (Array.isArray(value) ? value : [value])

function namesOf(value: Json | undefined): ChainInput['names'] {
  const names = isJsonObject(value) ? Object.entries(value) : []
  return new Map(
    names.map(([name, answer]) => {
      const list = listOf(answer as Json)
      return [tableHost(name), Array.isArray(list[0]) ? (list[0] as readonly unknown[]) : list]
    }),
  )
}

function stringsOf(value: Json | undefined): readonly string[] {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return [value]
  // a redirect that is no text cannot be judged, and is judged as such
  return Array.isArray(value)
    ? (value as readonly Json[]).map((item) => (typeof item === 'string' ? item : '\0'))
    : ['\0']
}
