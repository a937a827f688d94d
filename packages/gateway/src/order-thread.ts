import type { Worker, WorkerOptions } from 'node:worker_threads'
import { startWorker } from './worker.ts'

export interface OrderThreadConfig {
  /** As `startWorker` has it. */
  readonly name: string
  readonly options?: WorkerOptions
  /** Longest that one order may take, ms. */
  readonly limitMs: number
  /** An idle thread is ended after this, ms: it holds memory. */
  readonly idleMs: number
  /** What an order fails with. `how`: `could not be done within 60 s`, `failed: …`, `ended without a result`. */
  readonly failed: (how: string, cause?: unknown) => Error
}

/** A thread that carries out one order at a time. One that hangs or dies fails its order; the next order gets a new one (T-160). */
export class OrderThread<Order, Answer> {
  readonly #config: OrderThreadConfig
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(config: OrderThreadConfig) {
    this.#config = config
  }

  /** Has the thread ready for an order that comes soon. */
  start(): void {
    if (this.#worker !== undefined) return
    const worker = startWorker(this.#config.name, this.#config.options)
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

  run(order: Order): Promise<Answer> {
    const next = this.#queue.then(() => this.#one(order))
    this.#queue = next.catch(() => undefined)
    return next
  }

  #one(order: Order): Promise<Answer> {
    clearTimeout(this.#idle)
    this.start()
    const worker = this.#worker as Worker
    worker.ref()
    const { limitMs, idleMs, failed } = this.#config
    return new Promise<Answer>((resolve, reject) => {
      const fail = (how: string, cause?: unknown): void => {
        done()
        this.#drop()
        reject(failed(how, cause))
      }
      const timer = setTimeout(() => fail(`could not be done within ${limitMs / 1000} s`), limitMs)
      const onMessage = (made: Answer): void => {
        done()
        worker.unref()
        this.#idle = setTimeout(() => this.#drop(), idleMs)
        this.#idle.unref()
        resolve(made)
      }
      const onError = (error: Error): void => fail(`failed: ${error.message}`, error)
      const onExit = (): void => fail('ended without a result')
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
