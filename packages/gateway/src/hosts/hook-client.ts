/** What one hook client needs, written by `init`; nothing is looked up at run time. */
export interface HookClient {
  readonly host: string
  readonly socket: string
  readonly credential: string
  readonly deadlineMs: number
  /** Native answers for an event that found no gateway, as `init` would have written them into the script. */
  readonly unreachable: { readonly stdout: string; readonly stderr: string; readonly exit: 0 | 2 }
}
