import type { Json } from '@sallyport/core'

/** What an answer from the web says to somebody who reads it. */
export interface WebDocument {
  /** `other`: no text; then `text` says what it is. */
  readonly kind: 'html' | 'json' | 'text' | 'other'
  readonly text: string
  readonly title: string
  /** The value, where it is JSON. */
  readonly json?: Json
  /** Texts that no reader of the page would see. They are left out. */
  readonly hidden: number
}

/** Text and title of an answer. Judged by its bytes where its media type is not true; links become absolute against `url`. */
export type ReadWebDocument = (bytes: Uint8Array, mediaType: string | undefined, url: string) => Promise<WebDocument>
