import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import {
  actionModel,
  buildBundle,
  explain,
  isJsonObject,
  SallyportError,
  type Explanation,
  type Json,
  type JsonObject,
  type ToolForPolicy,
} from '@sallyport/core'
import type { EventExplanation } from '../../control/policy/service.ts'
import { requestOf } from '../../ingress/api/policy-routes.ts'
import type { CliIo, CommandRun } from '../command.ts'
import { formatFields, formatTable } from '../output.ts'
import { openFiles, toolsOption } from './open-files.ts'
import { sampleTools } from './sample-tools.ts'

export const run: CommandRun = async (io, [subject = ''], options) => {
  const request = await readRequest(io, subject)
  if (request === undefined) {
    const event = (await io.gateway.request('POST', '/api/v1/policy/explain', {
      event: subject,
    })) as unknown as EventExplanation
    return printEvent(io, event)
  }
  const policy = options['policy']
  const files = Array.isArray(policy) ? (policy as readonly string[]) : undefined
  const explanation =
    files === undefined
      ? ((await io.gateway.request('POST', '/api/v1/policy/explain', request)) as unknown as Explanation)
      : await explainFiles(io, files, request, await toolsOption(io, options))
  return printExplanation(io, explanation)
}

/** A request when the argument is JSON text or a file; undefined when it must be the id of an event. */
async function readRequest(io: CliIo, subject: string): Promise<JsonObject | undefined> {
  const text = subject.trimStart().startsWith('{')
    ? subject
    : await readFile(resolve(io.cwd, subject), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const value: unknown = parse(text, { maxAliasCount: 0 })
  if (!isJsonObject(value) || typeof value['action'] !== 'string') {
    throw new SallyportError('SP_CLI_USAGE', 'A request is {"action": "server.tool", "context": {…}}.')
  }
  return value
}

async function explainFiles(
  io: CliIo,
  files: readonly string[],
  request: JsonObject,
  tools: readonly ToolForPolicy[],
): Promise<Explanation> {
  const known = tools.length > 0 ? tools : sampleTools()
  const { prepared } = await openFiles(io, files, { tools: known })
  const bundle = buildBundle({ ...prepared, blocked: new Map(), actions: known.map(actionModel) })
  return explain(bundle, requestOf({ context: {}, ...request } as never))
}

function printExplanation(io: CliIo, { decision, trace, problem }: Explanation): number {
  if (io.json) {
    io.out(JSON.stringify({ decision, trace, problem }))
    return decision.outcome === 'allow' ? 0 : 1
  }
  io.out(
    formatFields([
      ['outcome', decision.outcome],
      ['reason', decision.reason === '' ? '-' : decision.reason],
      ['policies', decision.determining.join(', ') || '-'],
      ['version', decision.version],
      ...(problem === '' ? [] : [['problem', problem] as const]),
    ]),
  )
  const shown = trace.filter(({ result, nearMiss }) => result !== 'not-matched' || nearMiss)
  const rows = shown.map(({ id, kind, result, nearMiss, stoppedAt, error, file, line }) => [
    nearMiss ? 'near miss' : result,
    kind,
    id,
    `${file}:${line}`,
    error ?? stoppedAt ?? '',
  ])
  if (rows.length > 0) io.out(`\n${formatTable(['RESULT', 'KIND', 'POLICY', 'PLACE', 'STOPPED AT'], rows)}`)
  return decision.outcome === 'allow' ? 0 : 1
}

function printEvent(io: CliIo, event: EventExplanation): number {
  if (io.json) {
    io.out(JSON.stringify(event))
    return 0
  }
  const text = (name: string): string => {
    const value: Json | undefined = event.record[name]
    return typeof value === 'string' ? value : JSON.stringify(value ?? '-')
  }
  io.out(
    formatFields([
      ['tool', text('toolName')],
      ['decision', text('policyDecision')],
      ['reason', text('reason')],
      ['policies', text('policyRule')],
      ['policy version', event.change?.newVersion ?? text('bundle')],
      ['in force now', event.inForce ? 'yes' : 'no'],
    ]),
  )
  for (const { file, text: cedar } of event.policies) io.out(`\n// ${file}\n${cedar}`)
  return 0
}
