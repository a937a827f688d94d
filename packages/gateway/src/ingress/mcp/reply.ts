/** Where the answer to one message goes. Texts are whole JSON-RPC messages. */
export interface Reply {
  /** A message that belongs to the request: progress, a question to the client. False when this client cannot be told now. */
  send(text: string): boolean
  /**
   * The answer; `rpcCode` is the code of an error answer, for transports with a status of their own. `status` where the code
   * alone does not tell: −32602 is HTTP 400 for a bad envelope and an ordinary answer for bad arguments.
   */
  end(text: string, rpcCode?: number, status?: number): void
  /** Several answers at once: to a batch. */
  endAll(texts: readonly string[]): void
  /** There is no answer: a notification, a response, or a request that its sender has cancelled. */
  none(): void
  /** Aborts when the client has gone and that cancels the request. */
  readonly signal: AbortSignal
}
