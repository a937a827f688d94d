import { analyseCommand, bindArgument, DEFAULT_COMMAND_POLICY, type ParseShell } from '@sallyport/core'
import { createShellParser } from './parser.ts'

/** What one command line is and does, for policy (AC-3.3.2, T-150). */
interface CommandReading {
  readonly verdict: 'clean' | 'ask' | 'block'
  readonly effects: readonly string[]
  readonly programs: readonly string[]
}

export interface CommandReader {
  /** Never throws. What cannot be read asks. @param cwd directory in which it would run: the workspace */
  read(source: string, cwd?: string): CommandReading
  /** Puts data into a template: what that would do, and the argument vector where it may run. Never throws. */
  bind(template: string, argument: string): BoundReading
}

interface BoundReading extends CommandReading {
  readonly argv: readonly string[] | undefined
}

const UNREAD: CommandReading = Object.freeze({
  verdict: 'ask',
  effects: Object.freeze(['opaque.unread']),
  programs: [],
})

/** The reader before its grammar is there, and without one: every command line asks. */
export const unreadCommands: CommandReader = Object.freeze({
  read: () => UNREAD,
  bind: () => ({ ...UNREAD, argv: undefined }),
})

/** Starts to load the grammar at once and reads with it from then on; a start does not wait for it. */
export function commandReader(now: () => number, failed: (error: unknown) => void): CommandReader {
  let loaded: CommandReader = unreadCommands
  openCommandReader(now).then((made) => void (loaded = made), failed)
  return {
    read: (source, cwd) => loaded.read(source, cwd),
    bind: (template, argument) => loaded.bind(template, argument),
  }
}

/** @throws SallyportError SP_INTERNAL when the grammar files are missing or changed */
export async function openCommandReader(now: () => number): Promise<CommandReader> {
  const parse: ParseShell = await createShellParser({ now })
  return {
    read(source, cwd) {
      try {
        const policy = cwd === undefined ? DEFAULT_COMMAND_POLICY : { ...DEFAULT_COMMAND_POLICY, workspaces: [cwd] }
        const { verdict, facts } = analyseCommand(source, { parse, policy })
        return { verdict, effects: facts.effects, programs: facts.programs }
      } catch {
        return UNREAD
      }
    },
    bind(template, argument) {
      try {
        const { verdict, reasons, argv } = bindArgument(template, argument, { parse })
        const effects = [...new Set(reasons.map(({ rule }) => rule))]
        const program = argv?.[0]?.split('/').at(-1)
        return { verdict, effects, programs: program === undefined ? [] : [program], argv }
      } catch {
        return { ...UNREAD, argv: undefined }
      }
    },
  }
}
