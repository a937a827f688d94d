import type { LogRecord } from '@sallyport/core'

/** What comes of records when they are accepted. */
interface Tapped {
  /** Records that are written together with them. */
  readonly also: readonly LogRecord[]
  /** Resolves when what was made of them is durable, or cannot be made durable now. Never rejects. */
  readonly durable: Promise<void>
}

/** Sees each record at the moment it is accepted (SEC-5.2). Never waits and never throws. */
export type RecordTap = (records: readonly LogRecord[]) => Tapped | undefined
