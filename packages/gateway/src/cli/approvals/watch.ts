import { escapeText, isJsonObject, type JsonObject } from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { lookOf } from '../look.ts'
import { endLine, requestBlock, type Style } from './block.ts'
import { notifyDesktop } from './desktop.ts'
import { itemsOf, safeJson, text } from './json.ts'

const WAITING: ReadonlySet<string> = new Set(['pending', 'partially_approved'])
/** Requests whose last state is remembered, so that none is said twice. */
const MOST = 5_000

/** `sallyport approvals watch`: says what waits and how it ends. Decides nothing and reads no key. */
export const run: CommandRun = async (io, _args, options) => {
  const said = new Map<string, string>()
  const style = styleOf(io, options)
  const alarm = options['bell'] !== false
  const tell = async (item: JsonObject, isNew: boolean): Promise<void> => {
    const [id, state] = [text(item, 'id'), text(item, 'state')]
    if (said.get(id) === state) return
    const wasWaiting = WAITING.has(said.get(id) ?? '')
    said.set(id, state)
    if (said.size > MOST) said.delete(said.keys().next().value ?? '')
    if (io.json) return io.out(safeJson(item))
    if (!WAITING.has(state)) {
      const line = endLine(item, systemClock.now(), style)
      if (line !== undefined) io.out(line)
      return undefined
    }
    if (wasWaiting) return undefined
    for (const line of requestBlock(item, await viewOf(io, id), systemClock.now(), style)) io.out(line)
    if (!isNew) return undefined
    if (alarm && io.isTerminal) io.err('\u0007')
    if (options['desktop'] !== false)
      notifyDesktop(
        `${escapeText(text(item, 'agentId'))} waits for you`,
        `${escapeText(text(item, 'tool'))}, ${escapeText(text(item, 'severity'))}. sallyport approvals show ${escapeText(id)}`,
      )
    return undefined
  }
  // the stream first: what comes while the list is read is told after it
  const coming = io.gateway.stream('/api/v1/approvals/watch')[Symbol.asyncIterator]()
  let next = coming.next()
  for (const state of WAITING)
    for (const item of itemsOf(await io.gateway.request('GET', `/api/v1/approvals?state=${state}`)))
      await tell(item, false)
  if (!io.json) io.err(`Waiting for approvals. Bell ${alarm ? 'on' : 'off'}. Ctrl-C to stop.`)
  for (;;) {
    const { value, done } = await next
    if (done === true) return io.signal.aborted ? 130 : 0
    next = coming.next()
    if (isJsonObject(value)) await tell(value, true)
  }
}

/** What a person would be shown; null where it is gone by now. */
async function viewOf(io: CliIo, id: string) {
  const found = await io.gateway.request('GET', `/api/v1/approvals/${encodeURIComponent(id)}`).catch(() => null)
  return isJsonObject(found) ? (found['view'] ?? null) : null
}

const styleOf = ({ color }: CliIo, options: CliOptions): Style =>
  lookOf(environment(), { color, ascii: options['ascii'] === true })
