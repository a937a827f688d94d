import type { Worker } from 'node:worker_threads'
import { SallyportError } from '@sallyport/core'
import { startWorker } from '../../worker.ts'
import type { Prepared } from './prepared.ts'
import type { PrepareOrder } from './prepare-worker.ts'

const THREAD_LIMIT_MS = 60_000
/** What policies are made of lives long: much room for what is young only takes memory, 20 MB for both threads. */
const FRUGAL = { maxYoungGenerationSizeMb: 4 }
/** An idle thread holds about 60 MB; changes of tools come in bursts. */
const IDLE_MS = 5_000

/**
 * The thread that checks policies, one order at a time. A thread that hangs or dies is a refused policy, not a dead gateway
 * (T-160); the next order gets a new one.
 */
export class PrepareThread {
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #queue: Promise<unknown> = Promise.resolve()

  /** Has the thread ready for an order that comes soon. */
  start(): void {
    if (this.#worker !== undefined) return
    const worker = startWorker('control/policy/prepare-worker', { resourceLimits: FRUGAL })
    // one that dies between orders is replaced by the next
    const gone = (): void => {
      if (this.#worker === worker) this.#worker = undefined
    }
    worker.on('error', gone).on('exit', gone)
    worker.unref()
    this.#worker = worker
  }

  close(): void {
    this.#drop()
  }

  run(order: PrepareOrder): Promise<Prepared> {
    const next = this.#queue.then(() => this.#one(order))
    this.#queue = next.catch(() => undefined)
    return next
  }

  #one(order: PrepareOrder): Promise<Prepared> {
    clearTimeout(this.#idle)
    this.start()
    const worker = this.#worker as Worker
    worker.ref()
    return new Promise<Prepared>((resolve, reject) => {
      const fail = (text: string, cause?: unknown): void => {
        done()
        this.#drop()
        reject(new SallyportError('SP_POLICY_INVALID', text, { cause }))
      }
      const seconds = THREAD_LIMIT_MS / 1000
      const timer = setTimeout(() => fail(`The policies could not be checked within ${seconds} s.`), THREAD_LIMIT_MS)
      const onMessage = (made: Prepared): void => {
        done()
        worker.unref()
        this.#idle = setTimeout(() => this.#drop(), IDLE_MS)
        this.#idle.unref()
        resolve(made)
      }
      const onError = (error: Error): void => fail(`Checking the policies failed: ${error.message}`, error)
      const onExit = (): void => fail('Checking the policies ended without a result.')
      const done = (): void => {
        clearTimeout(timer)
        worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      }
      worker.on('message', onMessage).on('error', onError).on('exit', onExit)
      worker.postMessage(order)
    })
  }

  #drop(): void {
    clearTimeout(this.#idle)
    void this.#worker?.terminate()
    this.#worker = undefined
  }
}
