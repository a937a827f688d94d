/**
 * One row of the table of errors. `next` tells the reader what to do; it goes into the message of every surface.
 * `http` is the RFC 9457 status, `exit` the CLI exit code (0 ok · 1 findings or denied · 2 usage or configuration ·
 * 3 could not do its job · 4 authentication · 5 approval denied, expired or timed out), `rpc` the JSON-RPC code.
 */
export interface CodeEntry {
  readonly title: string
  readonly next: string
  readonly http: number
  readonly exit: 1 | 2 | 3 | 4 | 5
  readonly rpc?: number
  readonly retryable?: true
}
