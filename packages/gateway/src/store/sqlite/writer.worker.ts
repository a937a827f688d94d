import { toSallyportError } from '@sallyport/core/errors/error'
import { parentPort, workerData } from 'node:worker_threads'
import type { FromWriter, ToWriter, WriterData } from './protocol.ts'
import { SqliteWriter } from './writer.ts'

/** Writer thread: one batch in, one answer out. Lives as long as the store. */
const port = parentPort
if (!port) throw new Error('The writer runs as a worker thread.')
const post = (message: FromWriter): void => port.postMessage(message)

try {
  const writer = await SqliteWriter.open(workerData as WriterData, {
    tampered: (text) => post({ type: 'event', kind: 'tampered', text }),
    trouble: (text) => post({ type: 'event', kind: 'trouble', text }),
  })
  port.on('message', (message: ToWriter) => {
    if (message.type === 'batch') {
      post({ type: 'batch', id: message.id, results: writer.run(message.ops, message.now) })
      // After the answer: callers do not wait for the tree.
      if (writer.due) signQuietly(writer, message.now)
      return
    }
    try {
      writer.close(message.now)
    } catch (error) {
      post({ type: 'event', kind: 'trouble', text: String(error) })
    }
    post({ type: 'closed' })
    port.close()
  })
  post({ type: 'ready' })
} catch (error) {
  const { code, detail } = toSallyportError(error, 'SP_STORE_UNAVAILABLE')
  post({ type: 'failed', error: { code, detail } })
  port.close()
}

function signQuietly(writer: SqliteWriter, now: number): void {
  try {
    writer.checkpoint(now)
  } catch (error) {
    post({ type: 'event', kind: 'trouble', text: `No checkpoint: ${String(error)}` })
  }
}
