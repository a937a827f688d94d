import { Transform, type TransformCallback } from 'node:stream'
import type { Scrubber } from '@sallyport/core'

/** Longest payload of a control frame (RFC 6455 section 5.5). */
const MOST_CONTROL = 125
const DATA = new Set([1, 2])
const CONTROL = new Set([8, 9, 10])

/** A frame's header as it was read. */
interface Head {
  readonly size: number
  readonly length: number
  readonly opcode: number
  readonly isLast: boolean
}

/**
 * What a WebSocket server says, with a credential taken out of it: within a message, however it is cut into frames. Lengths stay as they
 * are. What is no frame of a server without extensions (RFC 6455 section 5.2) is an error.
 */
export class ScrubbedFrames extends Transform {
  readonly #scrubber: Scrubber
  #unread: Buffer = Buffer.alloc(0)
  /** Payload of the current data frame that has not come yet, bytes. */
  #left = 0
  #isLast = false
  #isInMessage = false
  /** What goes out next, in order: bytes as they are, or so many that come out of the scrubber. */
  readonly #order: (Buffer | number)[] = []
  #clean: Buffer = Buffer.alloc(0)

  constructor(scrubber: Scrubber) {
    super()
    this.#scrubber = scrubber
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk])
    try {
      while (this.#step());
      done()
    } catch (thrown) {
      done(thrown as Error)
    }
  }

  /** Takes one frame, or what there is of a payload, off the bytes; false when more have to come. */
  #step(): boolean {
    if (this.#left > 0) {
      const part = this.#unread.subarray(0, this.#left)
      if (part.length === 0) return false
      this.#unread = this.#unread.subarray(part.length)
      this.#left -= part.length
      this.#order.push(part.length)
      this.#out(this.#scrubber.push(part))
      if (this.#left === 0 && this.#isLast) this.#out(this.#scrubber.end())
      return true
    }
    const head = readHead(this.#unread, this.#isInMessage)
    if (head === undefined) return false
    const { size, length, opcode, isLast } = head
    if (CONTROL.has(opcode)) {
      if (this.#unread.length < size + length) return false
      const said = this.#unread.subarray(size, size + length).toString('latin1')
      this.#order.push(this.#unread.subarray(0, size), Buffer.from(this.#scrubber.whole(said), 'latin1'))
      this.#unread = this.#unread.subarray(size + length)
    } else {
      this.#order.push(this.#unread.subarray(0, size))
      this.#unread = this.#unread.subarray(size)
      this.#left = length
      this.#isLast = isLast
      this.#isInMessage = !isLast
    }
    this.#out(length === 0 && isLast && !CONTROL.has(opcode) ? this.#scrubber.end() : Buffer.alloc(0))
    return true
  }

  #out(clean: Buffer): void {
    this.#clean = Buffer.concat([this.#clean, clean])
    for (let next = this.#order[0]; next !== undefined; next = this.#order[0]) {
      if (typeof next === 'number') {
        const bytes = this.#clean.subarray(0, next)
        this.#clean = this.#clean.subarray(bytes.length)
        if (bytes.length > 0) this.push(bytes)
        this.#order[0] = next - bytes.length
        if (bytes.length < next) return
      } else this.push(next)
      this.#order.shift()
    }
  }
}

/** Undefined when more has to come. */
function readHead(bytes: Buffer, isInMessage: boolean): Head | undefined {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return undefined
  const [isLast, opcode, short] = [first >= 0x80, first & 0x0f, second & 0x7f]
  const isControl = CONTROL.has(opcode)
  const fits = isControl ? isLast && short <= MOST_CONTROL : isInMessage ? opcode === 0 : DATA.has(opcode)
  if (!fits || (first & 0x70) !== 0 || second >= 0x80) throw new Error('The server says what is no frame.')
  const size = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < size) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (!Number.isSafeInteger(length)) throw new Error('The server announces more than anybody can read.')
  return { size, length, opcode, isLast }
}
