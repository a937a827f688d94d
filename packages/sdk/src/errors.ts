import { CODES, type ErrorCode } from '@sallyport/core'

/** What the gateway said about a call. */
export interface Refusal {
  /** `SP_…`; a code that this version does not know stays as it is. */
  readonly code: string
  /** Short text that may be shown to a model. */
  readonly reason: string
  /** Finds the call in the log (`sallyport log show`); absent when the gateway never saw it. */
  readonly eventId?: string
}

const titleOf = (code: string): string => (code in CODES ? CODES[code as ErrorCode].title : 'The call is denied.')

/** The call was denied and did not run. Do not retry it unchanged. */
export class DeniedError extends Error {
  override readonly name: string = 'DeniedError'
  readonly code: string
  readonly reason: string
  readonly eventId: string | undefined

  constructor({ code, reason, eventId }: Refusal, cause?: unknown) {
    const event = eventId === undefined ? '' : ` (event ${eventId})`
    super(`${[titleOf(code), reason].filter((text) => text !== '').join(' ')} [${code}]${event}`, { cause })
    this.code = code
    this.reason = reason === '' ? titleOf(code) : reason
    this.eventId = eventId
  }
}

/** A human was asked and nobody decided in time. The call did not run. */
export class ApprovalTimeoutError extends Error {
  override readonly name: string = 'ApprovalTimeoutError'
  readonly code: string
  readonly reason: string
  readonly eventId: string | undefined
  readonly approvalId: string | undefined

  constructor({ code, reason, eventId }: Refusal, approvalId?: string) {
    const event = eventId === undefined ? '' : ` (event ${eventId})`
    super(`${[titleOf(code), reason].filter((text) => text !== '').join(' ')} [${code}]${event}`)
    this.code = code
    this.reason = reason === '' ? titleOf(code) : reason
    this.eventId = eventId
    this.approvalId = approvalId
  }
}

/** The gateway gave no answer: nothing listens, the connection broke, or it took too long. */
export class UnreachableError extends Error {
  override readonly name: string = 'UnreachableError'
}
