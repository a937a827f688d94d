import type { Json, JsonObject } from '@sallyport/core'

/** What a hook event means, whatever the host calls it. */
export type CanonicalEvent = 'tool.before' | 'tool.after' | 'tool.failed' | 'prompt' | 'session.start'

interface EventBase {
  /** The host's own name of the event; the answer has to repeat it. */
  readonly native: string
  /** Chosen by the host: a display hint, never a key for labels (T-088). */
  readonly sessionHint: string
  readonly cwd: string
}

interface ToolEventBase extends EventBase {
  readonly toolUseId: string
  readonly tool: string
  /** Name of the MCP server as the host configured it, for tools that came over MCP. */
  readonly mcpServer: string | undefined
  /** Which of the host's configurations names that server, where the host says so: `user`, `local`, `project`… */
  readonly mcpSource: string | undefined
  /** Exact JSON text of the tool's input: what digests, approvals and the log are about. */
  readonly inputText: string
}

export interface ToolBefore extends ToolEventBase {
  readonly event: 'tool.before'
}
export interface ToolAfter extends ToolEventBase {
  readonly event: 'tool.after' | 'tool.failed'
  /** `undefined` when the host's text could not be read strictly: then nobody may see the raw result. */
  readonly response: Json | undefined
  readonly responseText: string | undefined
  readonly interrupted: boolean
}
/** A claim about what the user typed. Untrusted: it may raise labels and never lower them (T-045). */
export interface PromptSubmitted extends EventBase {
  readonly event: 'prompt'
  readonly prompt: string
}
export interface SessionStarted extends EventBase {
  readonly event: 'session.start'
  readonly source: string
}
export type HookEvent = ToolBefore | ToolAfter | PromptSubmitted | SessionStarted

/** What Sallyport says to a hook event. `proceed` never widens: the host's own permission rules still apply. */
export type HookAnswer =
  | { readonly kind: 'proceed' }
  | { readonly kind: 'deny'; readonly reason: string }
  /** `tool.after` only: what the model sees in place of the result. Same shape as the result, or the host ignores it. */
  | { readonly kind: 'replace'; readonly output: Json; readonly note: string }
  | { readonly kind: 'note'; readonly text: string }

/** Exactly what the hook process does: one line of JSON on stdout, one line on stderr, an exit code. */
export interface NativeAnswer {
  readonly exit: 0 | 2
  readonly stdout: JsonObject
  readonly stderr: string
}
