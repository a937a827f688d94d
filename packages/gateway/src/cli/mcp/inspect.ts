import { isJsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { listOf, safeJson, serverPath, textOf } from './answers.ts'

const SHOWN = 72

/** Asks the server now. Exit 1 when a tool waits for a review or differs from its pin. */
export const run: CommandRun = async (io, [server = '']) => {
  const answer = await io.gateway.request('POST', `${serverPath(server)}/inspect`, {})
  const tools = listOf(answer, 'tools')
  const open = tools.filter((tool) => OPEN.has(textOf(tool, 'state')))
  if (io.json) {
    io.out(safeJson(answer))
    return open.length === 0 ? 0 : 1
  }
  const rows = tools.map((tool) => {
    const { definition } = tool
    const text = isJsonObject(definition) ? textOf(definition, 'description').split('\n')[0] : ''
    const effect = tool['annotated'] === true ? textOf(tool, 'effect') : 'unclassified'
    return [
      textOf(tool, 'name'),
      textOf(tool, 'state'),
      effect,
      textOf(tool, 'pin').slice(0, 12),
      (text ?? '').slice(0, SHOWN),
    ]
  })
  io.out(formatTable(['TOOL', 'STATE', 'EFFECT', 'PIN', 'DESCRIPTION'], rows))
  if (open.length > 0)
    io.err(`${open.length} to review: sallyport mcp diff ${server}, then sallyport mcp pin ${server}.`)
  return open.length === 0 ? 0 : 1
}

const OPEN: ReadonlySet<string> = new Set(['unreviewed', 'drifted', 'refused'])
