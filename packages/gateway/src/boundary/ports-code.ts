import type { RegisteredTool, JsonObject, Severity } from '@sallyport/core'
import type { CallHold } from './held.ts'
import type { Enforcement, GateReport, Refusal } from './ports.ts'

/** A piece of text that a call would write or run. Paths as the call names them. */
export type WrittenPiece =
  /** The whole text of a file. */
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  /** Replacements in a file that is there, in their order. */
  | { readonly kind: 'edits'; readonly path: string; readonly edits: readonly TextEdit[] }
  /** A line for a shell; the code in it counts. */
  | { readonly kind: 'command'; readonly text: string }
  /** Code that is run without becoming a file: its language as somebody names it. */
  | { readonly kind: 'code'; readonly language: string; readonly text: string }

export interface TextEdit {
  /** What is replaced; undefined where the call does not say it, so that only the new text is known. */
  readonly old: string | undefined
  readonly text: string
  readonly all?: boolean
}

export interface WrittenOrder {
  readonly pieces: readonly WrittenPiece[]
  /** Directory that relative paths are below; undefined: files that are there are read only by absolute paths. */
  readonly cwd: string | undefined
  /** Directories of baselines, absolute. */
  readonly roots: readonly string[]
}

/** Something in what would be written that a rule objects to, or that could not be looked at. */
export interface WrittenFinding {
  readonly path: string
  /** `code.<category>.<name>`, `skill.<category>.<name>`. */
  readonly rule: string
  readonly category: string
  readonly severity: Severity
  /** From 1, in the text as it would be. */
  readonly line: number
  readonly title: string
  readonly fix: string
  /** It could not be scanned, and it is of a kind that runs. */
  readonly unread?: true
  /** It stands in tests or examples. */
  readonly inTest?: true
  /** What it is known by in a baseline of each root; undefined where the file is not below it. */
  readonly prints: readonly (string | undefined)[]
}

/** Scans what would be written, beside the thread of the gateway. @throws SallyportError when it could not be done in time */
export type ScanWritten = (order: WrittenOrder) => Promise<readonly WrittenFinding[]>

/** What the code gate says of a call: what a person is asked, or why it is refused. */
export interface CodeVerdict {
  readonly report?: GateReport
  readonly refusal?: Refusal
  readonly hold?: CallHold
}

/** Step 4, second half: code that a call would write or run is read like that of a skill (HB-107). */
export interface CodePort {
  /** Undefined, and nothing done, where the call carries no code. Never rejects. */
  look(tool: RegisteredTool, args: JsonObject, call: CodeCall): Promise<CodeVerdict> | undefined
}

export interface CodeCall {
  readonly cwd: string | undefined
  readonly agent: string
  readonly enforcement: Enforcement
}
