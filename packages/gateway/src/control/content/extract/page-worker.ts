import { parentPort } from 'node:worker_threads'
import { toSallyportError } from '@sallyport/core'
import type { WebDocument } from '../../../boundary/ports-web.ts'
import { readWebDocument } from './web-document.ts'

export interface PageOrder {
  readonly bytes: Uint8Array
  readonly mediaType: string | undefined
  readonly url: string
}
/** What was read, or why nothing was. */
export type PageAnswer = { readonly page: WebDocument } | { readonly problem: string }

/** Reads pages beside the thread of the gateway: whoever wrote one does not decide how long everybody else waits. */
parentPort?.on('message', (order: PageOrder) => {
  parentPort?.postMessage(answerTo(order))
})

function answerTo({ bytes, mediaType, url }: PageOrder): PageAnswer {
  try {
    return { page: readWebDocument(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), mediaType, url) }
  } catch (thrown) {
    return { problem: toSallyportError(thrown).detail }
  }
}
