import { isJsonObject, jsonLine } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { escapeText } from '@sallyport/core/approval/escape'
import { filterQuery } from './filter.ts'
import { recordRow } from './record-row.ts'

/** Widths that fit most values; a longer one moves the rest of its own line only. */
const WIDTHS = [24, 7, 18, 17, 28, 14, 36, 0]

export const run: CommandRun = async (io, _args, options) => {
  try {
    for await (const item of io.gateway.stream(`/api/v1/log/tail${filterQuery(options)}`)) {
      if (io.json) io.out(jsonLine(item).trimEnd())
      else if (isJsonObject(item)) {
        const cells = recordRow(item).map((cell, i) => escapeText(String(cell)).padEnd(WIDTHS[i] ?? 0))
        io.out(cells.join('  ').trimEnd())
      }
    }
  } catch (error) {
    if (!io.signal.aborted) throw error
  }
  return 0
}
