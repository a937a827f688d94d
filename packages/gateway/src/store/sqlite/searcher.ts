import { CODES, SallyportError, type ErrorCode } from '@sallyport/core'
import type { Worker } from 'node:worker_threads'
import { startWorker } from '../../worker.ts'
import type { LogPage, LogSearcher, SessionPage, Survey } from '../search/ports.ts'
import type { FromSearch, ToSearch } from './search-protocol.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: SallyportError) => void
}

/** Searches that may wait; more are refused. */
const MOST_WAITING = 100

/** One search thread, started when it is first asked. A thread that dies rejects what it was asked; the next question starts another. */
function createThread(path: string) {
  let worker: Worker | undefined
  let next = 0
  const waiting = new Map<number, Waiting>()
  const lost = (what: string): void => {
    worker = undefined
    for (const { reject } of waiting.values()) reject(new SallyportError('SP_STORE_UNAVAILABLE', what))
    waiting.clear()
  }
  const start = (): Worker => {
    const started = startWorker('store/sqlite/search.worker', { workerData: path, name: 'sallyport-search' })
    started.unref()
    started.on('message', (answer: FromSearch) => {
      const asked = waiting.get(answer.id)
      waiting.delete(answer.id)
      if ('value' in answer) return asked?.resolve(answer.value)
      const { code, detail } = answer.error
      return asked?.reject(new SallyportError(code in CODES ? (code as ErrorCode) : 'SP_STORE_UNAVAILABLE', detail))
    })
    started.on('error', (error) => lost(`A search failed: ${String(error)}`))
    started.on('exit', () => lost('The search was given up.'))
    return started
  }
  return {
    ask: (message: ToSearch extends infer T ? (T extends { id: number } ? Omit<T, 'id'> : never) : never) =>
      new Promise<unknown>((resolve, reject) => {
        if (waiting.size >= MOST_WAITING) {
          return reject(new SallyportError('SP_STORE_BUSY', `${waiting.size} searches are waiting.`))
        }
        worker ??= start()
        const id = next++
        waiting.set(id, { resolve, reject })
        return worker.postMessage({ ...message, id } as ToSearch)
      }),
    async close() {
      const running = worker
      if (!running) return
      const ended = new Promise((resolve) => running.once('exit', resolve))
      running.postMessage({ type: 'close' } satisfies ToSearch)
      await ended
    },
  }
}

/** Searches of a database file: pages on one thread, counts on another, so that a list never waits for its numbers. */
export function createSearcher(path: string): LogSearcher & { close(): Promise<void> } {
  const [pages, counts] = [createThread(path), createThread(path)]
  return {
    page: async (query) => (await pages.ask({ type: 'page', query })) as LogPage,
    survey: async (query) => (await counts.ask({ type: 'survey', query })) as Survey,
    sessions: async (query) => (await pages.ask({ type: 'sessions', query })) as SessionPage,
    values: async (field, prefix, limit) =>
      (await pages.ask({ type: 'values', field, prefix, limit })) as readonly string[],
    close: async () => void (await Promise.all([pages.close(), counts.close()])),
  }
}
