import type { Bench } from './bench.ts'

/** Reads files of one kind. */
export interface Reader {
  /** Fits paths in the folder. */
  readonly path: RegExp
  read(path: string, text: string, on: Bench): Promise<void> | void
}
