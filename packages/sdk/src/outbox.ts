import type { JsonObject } from '@sallyport/core'
import type { Connection } from './connection.ts'
import type { Reply } from './transport.ts'

interface Letter {
  readonly path: '/v1/outcomes' | '/v1/unmediated'
  readonly bodyText: string
}

const CAPACITY = 1000
const RETRY = 5000

/** Reports that could not be delivered: sent when the gateway answers again, every few seconds, and at close. */
export class Outbox {
  readonly #connection: Connection
  readonly #letters: Letter[] = []
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined

  constructor(connection: Connection) {
    this.#connection = connection
    connection.onAnswer(() => {
      if (this.#letters.length > 0) void this.flush()
    })
  }

  get waiting(): number {
    return this.#letters.length
  }

  /** Delivers now; keeps the report for later when the gateway cannot be reached. */
  async deliver(letter: Letter): Promise<Reply | undefined> {
    try {
      return await this.#connection.send({ method: 'POST', ...letter })
    } catch {
      this.keep(letter)
      return undefined
    }
  }

  keep(letter: Letter): void {
    if (this.#letters.length >= CAPACITY) this.#letters.shift()
    this.#letters.push(letter)
    this.#timer ??= setInterval(() => void this.flush(), RETRY).unref()
  }

  /** Sends what waits, in order, until something fails. */
  flush(): Promise<void> {
    this.#flushing ??= this.#sendAll().finally(() => (this.#flushing = undefined))
    return this.#flushing
  }

  async close(): Promise<void> {
    await this.flush()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #sendAll(): Promise<void> {
    for (let letter = this.#letters[0]; letter !== undefined; letter = this.#letters[0]) {
      try {
        await this.#connection.send({ method: 'POST', ...letter })
      } catch {
        return
      }
      // Refused reports are not repeated: the gateway has said what it thinks of them.
      if (this.#letters[0] === letter) this.#letters.shift()
    }
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

export const unmediatedLetter = (call: JsonObject): Letter => ({
  path: '/v1/unmediated',
  bodyText: JSON.stringify({ calls: [call] }),
})
