import type { ParseShell } from '@sallyport/core'
import { createShellParser } from '../../packages/gateway/src/control/content/command/parser.ts'

/** The real parser, with a clock that stands still: no test depends on time. */
export const shellParser = (): Promise<ParseShell> => createShellParser({ now: () => 0 })
