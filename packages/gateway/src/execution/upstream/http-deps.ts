import type { HttpAnswer, OutgoingHttp } from '../egress/outgoing.ts'

export interface HttpDeps {
  readonly outgoing: OutgoingHttp
  readonly maxMessageBytes: number
}

/** Media type without parameters, lower-case. */
export const contentType = (answer: HttpAnswer): string =>
  answer.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
