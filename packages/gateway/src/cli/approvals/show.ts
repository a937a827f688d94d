import { foldedRows, isJsonObject, renderView, type ApprovalView, type JsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { safeJson, text } from './json.ts'

export const run: CommandRun = async (io, [id]) => {
  const item = (await io.gateway.request('GET', `/api/v1/approvals/${encodeURIComponent(id ?? '')}`)) as JsonObject
  if (io.json) {
    io.out(safeJson(item))
    return 0
  }
  const view = item['view']
  if (isJsonObject(view)) {
    const shown = view as unknown as ApprovalView
    const width = Math.max(40, process.stdout.columns || 100)
    io.out(renderView(shown, { width, full: false }).join('\n'))
    if (foldedRows(shown).length > 0) io.err('Long values are folded; `approvals approve --full` shows all of them.')
  }
  io.err(`state: ${text(item, 'state')}`)
  return 0
}
