import { toSallyportError } from '@sallyport/core/errors/error'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { FromWriter, ToWriter, WriterData } from './protocol.ts'
import { COLUMNS, SqliteWriter } from './writer.ts'

/** At most this many records in one transaction, so that one never holds the others up for long. */
const MOST_RECORDS = 1024

/** Writer thread. Everything that has arrived while it wrote is one transaction. Lives as long as the store. */
const port = parentPort
if (!port) throw new Error('The writer runs as a worker thread.')
const post = (message: FromWriter): void => port.postMessage(message)

try {
  const writer = await SqliteWriter.open(workerData as WriterData, {
    tampered: (text) => post({ type: 'event', kind: 'tampered', text }),
    trouble: (text) => post({ type: 'event', kind: 'trouble', text }),
  })
  const close = (now: number): void => {
    try {
      writer.close(now)
    } catch (error) {
      post({ type: 'event', kind: 'trouble', text: String(error) })
    }
    post({ type: 'closed' })
    port.close()
  }
  port.on('message', (message: ToWriter) => {
    if (message.type === 'close') return close(message.now)
    const batches = [message]
    let closing: Extract<ToWriter, { type: 'close' }> | undefined
    for (let records = sizeOf(message); records < MOST_RECORDS && closing === undefined;) {
      const more = receiveMessageOnPort(port)?.message as ToWriter | undefined
      if (more === undefined) break
      if (more.type === 'close') closing = more
      else {
        batches.push(more)
        records += sizeOf(more)
      }
    }
    const { now } = batches.at(-1) ?? message
    const results = writer.run(
      batches.flatMap(({ ops }) => ops),
      now,
    )
    let at = 0
    post({ type: 'batch', results: batches.map(({ ops }) => results.slice(at, (at += ops.length))) })
    // After the answer: callers do not wait for the tree.
    if (writer.due) signQuietly(writer, now)
    if (closing !== undefined) close(closing.now)
    return undefined
  })
  post({ type: 'ready' })
} catch (error) {
  const { code, detail } = toSallyportError(error, 'SP_STORE_UNAVAILABLE')
  post({ type: 'failed', error: { code, detail } })
  port.close()
}

function sizeOf({ ops: [first] }: Extract<ToWriter, { type: 'batch' }>): number {
  return first?.op === 'append' ? first.rows.length / COLUMNS : 0
}

function signQuietly(writer: SqliteWriter, now: number): void {
  try {
    writer.checkpoint(now)
  } catch (error) {
    post({ type: 'event', kind: 'trouble', text: `No checkpoint: ${String(error)}` })
  }
}
