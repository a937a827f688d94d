import { isJsonObject, type JsonObject } from '@sallyport/core'
import { listOf, textOf } from '../agents/answers.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

export const run: CommandRun = async (io, [name], options) => {
  if (options['retry-dead'] === true || options['retryDead'] === true) {
    const answer = await io.gateway.request('POST', '/api/v1/alert-sinks/revive', {})
    const revived = isJsonObject(answer) ? textOf(answer, 'revived') : '0'
    io.out(io.json ? safeJson(answer) : `${revived} on their way again.`)
    return 0
  }
  const names = name === undefined ? await sinkNames(io.gateway.request.bind(io.gateway)) : [name]
  const results: JsonObject[] = []
  for (const sink of names) {
    const answer = await io.gateway.request('POST', `/api/v1/alert-sinks/${encodeURIComponent(sink)}/test`, {})
    results.push({ sink, ...(isJsonObject(answer) ? answer : {}) })
  }
  if (io.json) io.out(safeJson({ items: results }))
  else if (results.length === 0) io.err('There is no sink; `alerts.sinks` names them.')
  else
    io.out(
      formatTable(
        ['SINK', 'ANSWER'],
        results.map((each) => [textOf(each, 'sink'), textOf(each, 'error') || 'ok']),
      ),
    )
  return results.every(({ ok }) => ok === true) ? 0 : 1
}

async function sinkNames(request: (method: 'GET', path: string) => Promise<unknown>): Promise<readonly string[]> {
  const answer = await request('GET', '/api/v1/alert-sinks')
  return listOf(answer as JsonObject, 'items').map((item) => textOf(item, 'name'))
}
