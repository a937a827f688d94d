import type { Notice } from '@sallyport/core'

/** Somewhere alerts are told. */
export interface Sink {
  /** Resolves when the other side has taken it. Rejects with what went wrong. */
  readonly send: (notice: Notice, signal: AbortSignal) => Promise<void>
  readonly close?: () => void
}

/** What went wrong, in a few words and without anything of the target: an address may hold a secret. */
export function wordsOf(thrown: unknown): string {
  const error = thrown as { readonly code?: unknown; readonly name?: unknown; readonly status?: unknown }
  if (typeof error?.status === 'number') return `answered ${error.status}`
  if (error?.name === 'TimeoutError' || error?.name === 'AbortError') return 'no answer in time'
  return typeof error?.code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(error.code) ? error.code : 'failed'
}

/** An answer over HTTP that was not 2xx. */
export class SinkStatus extends Error {
  override readonly name = 'SinkStatus'
  readonly status: number

  constructor(status: number) {
    super(`answered ${status}`)
    this.status = status
  }
}
