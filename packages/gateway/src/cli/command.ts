import type { Json } from '@sallyport/core'

/** One leaf of the command tree. Data only: `--help` and completion never load a command's code. */
export interface CommandSpec {
  /** `policy check` */
  readonly path: string
  readonly summary: string
  /** Commander argument syntax, e.g. `<id>`, `[file]`, `[command...]`. */
  readonly arguments?: readonly (readonly [syntax: string, description: string])[]
  readonly options?: readonly (readonly [flags: string, description: string])[]
  /** Everything after the first positional argument (or `--`) belongs to a wrapped command. */
  readonly passThrough?: true
  /** Absent: a command of a later release, which answers SP_CLI_NOT_BUILT with exit 3. */
  readonly load?: () => Promise<{ readonly run: CommandRun }>
}

/** Returns the exit code. Throws SallyportError for everything that goes wrong; `main.ts` prints it and maps the code. */
export type CommandRun = (io: CliIo, args: readonly string[], options: CliOptions) => Promise<number>

export type CliOptions = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** What a command may use of the outside. */
export interface CliIo {
  /** Data. With --json exactly one JSON value (or NDJSON for streams), else text. */
  out(text: string): void
  /** Talk: progress, warnings, errors. */
  err(text: string): void
  readonly json: boolean
  readonly quiet: boolean
  readonly color: boolean
  readonly isTerminal: boolean
  readonly cwd: string
  readonly stateDir: string
  /** Path of sallyport.yaml given with --config, else found, else undefined. */
  readonly configPath: string | undefined
  /** Operator plane of the running gateway; throws SP_AUTHZ_UNAVAILABLE when there is none. */
  readonly gateway: GatewayClient
  /** Every leaf of the command tree, e.g. `policy check`. */
  readonly commandPaths: readonly string[]
  readonly signal: AbortSignal
}

export interface GatewayClient {
  /** JSON over the operator socket. Throws SallyportError rebuilt from the problem details of an error answer. */
  request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: Json): Promise<Json>
  /** NDJSON lines, until the signal aborts. */
  stream(path: string): AsyncIterable<Json>
  /** True when a gateway answers. */
  alive(): Promise<boolean>
}
