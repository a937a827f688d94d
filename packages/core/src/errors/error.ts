import { CODES, type CodeEntry, type ErrorCode } from './codes.ts'

export interface ErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** The one error class. `detail` says what is wrong here; the table says what it means and what to do next. */
export class SallyportError extends Error {
  override readonly name = 'SallyportError'
  readonly code: ErrorCode
  readonly detail: string
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, detail = '', options: ErrorOptions = {}) {
    super(detail === '' ? CODES[code].title : `${CODES[code].title} ${detail}`, { cause: options.cause })
    this.code = code
    this.detail = detail
    this.details = options.details ?? {}
  }

  get entry(): CodeEntry {
    return CODES[this.code]
  }
}

/** Turns anything thrown into a SallyportError; what is not ours becomes SP_INTERNAL and keeps its cause. */
export function toSallyportError(thrown: unknown, fallback: ErrorCode = 'SP_INTERNAL'): SallyportError {
  if (thrown instanceof SallyportError) return thrown
  return new SallyportError(fallback, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
}

export interface ProblemDetails {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly detail: string
  readonly next: string
  readonly eventId?: string
}

/** RFC 9457 problem details. Only table text, `detail` and the event id leave the process. */
export function toProblem(error: SallyportError, eventId?: string): ProblemDetails {
  const { title, http, next } = error.entry
  const problem = { type: `urn:sallyport:error:${error.code}`, title, status: http, code: error.code }
  return { ...problem, detail: error.detail, next, ...(eventId === undefined ? {} : { eventId }) }
}
