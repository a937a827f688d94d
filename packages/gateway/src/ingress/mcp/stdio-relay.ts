import type { Duplex } from 'node:stream'
import { LineFramer, readMessageBytes, refusalMessage, type JsonLimits } from '@sallyport/core'
import type { ClientSession } from './session.ts'
import type { Reply } from './reply.ts'

/** Bytes waiting for a client that does not read: beyond the first, nothing it did not ask for; beyond the second, the end. */
const SOFT_BACKLOG = 1024 * 1024
const HARD_BACKLOG = 64 * 1024 * 1024

/**
 * Speaks MCP's stdio framing with one client: one message per line. `session` is made with the `push` this gives.
 * Resolves when the client has gone and everything of it is closed.
 */
export async function relayLines(
  stream: Duplex,
  head: Uint8Array,
  limits: JsonLimits & { readonly maxBytes: number },
  open: (push: (text: string) => boolean) => ClientSession,
): Promise<void> {
  const write = (text: string): void => {
    if (stream.writable) stream.write(text.includes('\n') ? `${text.replaceAll('\n', ' ')}\n` : `${text}\n`)
    if (stream.writableLength > HARD_BACKLOG) stream.destroy()
  }
  const push = (text: string): boolean => {
    if (!stream.writable || stream.writableLength > SOFT_BACKLOG) return false
    write(text)
    return true
  }
  const session = open(push)
  const gone = new AbortController()
  const reply: Reply = {
    send: push,
    end: write,
    endAll: (texts) => texts.forEach(write),
    none: () => undefined,
    signal: gone.signal,
  }
  const framer = new LineFramer(limits.maxBytes)
  const take = (chunk: Uint8Array): void => {
    for (const frame of framer.push(chunk)) {
      if (frame.kind === 'oversize') {
        const reason = `The line is longer than ${frame.limit} bytes.`
        session.refused('SP_JSON_TOO_LARGE', reason)
        write(refusalMessage('null', 'SP_JSON_TOO_LARGE', reason, ''))
        continue
      }
      if (isBlank(frame.bytes)) continue
      session.receive(readMessageBytes(frame.bytes, limits), reply).catch(() => stream.destroy())
    }
  }
  await new Promise<void>((resolve) => {
    stream.once('close', resolve)
    stream.once('error', () => stream.destroy())
    stream.once('end', () => stream.end())
    stream.on('data', take)
    if (head.length > 0) take(head)
  })
  gone.abort()
  await session.close()
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)
