import { systemClock } from '../../clock.ts'
import { escapeText, isJsonObject } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { safeJson, text } from './json.ts'

export const run: CommandRun = async (io) => {
  for await (const item of io.gateway.stream('/api/v1/approvals/watch')) {
    if (!isJsonObject(item)) continue
    if (io.json) io.out(safeJson(item))
    else {
      const words = ['state', 'severity', 'tool', 'agentId', 'id', 'reason'].map((key) => escapeText(text(item, key)))
      io.out(`${new Date(systemClock.now()).toISOString().slice(11, 19)}  ${words.join('  ')}`)
    }
  }
  return io.signal.aborted ? 130 : 0
}
