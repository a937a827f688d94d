import { toSallyportError } from '@sallyport/core/errors/error'
import Database from 'better-sqlite3'
import { parentPort, workerData } from 'node:worker_threads'
import { createSearch } from '../search/search.ts'
import type { Statement } from './database.ts'
import type { FromSearch, ToSearch } from './search-protocol.ts'

/** Search thread: a connection that can only read, so that however long a search takes, no call waits for it. */
const port = parentPort
if (!port) throw new Error('Searches run in a worker thread.')
const db = new Database(workerData as string, { readonly: true, timeout: 5000 })
db.pragma('query_only = ON')
db.pragma('cache_size = -32000')
const statements = new Map<string, Statement>()
const prepare = (text: string): Statement => {
  const known = statements.get(text)
  if (known) return known
  const statement: Statement = db.prepare(text)
  // texts differ by the number of their values at most
  if (statements.size > 64) statements.clear()
  statements.set(text, statement)
  return statement
}
const search = createSearch(async (text, values) => prepare(text).all(...values))

port.on('message', (message: ToSearch) => {
  if (message.type === 'close') {
    db.close()
    port.close()
    return
  }
  const post = (answer: FromSearch): void => port.postMessage(answer)
  answerTo(message).then(
    (value) => post({ id: message.id, value }),
    (error: unknown) => {
      const { code, detail } = toSallyportError(error, 'SP_STORE_UNAVAILABLE')
      post({ id: message.id, error: { code, detail } })
    },
  )
})

function answerTo(message: Exclude<ToSearch, { type: 'close' }>): Promise<unknown> {
  switch (message.type) {
    case 'page':
      return search.page(message.query)
    case 'survey':
      return search.survey(message.query)
    case 'sessions':
      return search.sessions(message.query)
    case 'values':
      return search.values(message.field, message.prefix, message.limit)
  }
}
