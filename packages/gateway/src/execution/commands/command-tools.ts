import { SallyportError, type Json, type JsonObject } from '@sallyport/core'
import type { DecideWritten, LandingPort } from '../../boundary/ports-landing.ts'
import { refuse } from '../../boundary/ports.ts'
import type { CopyMaker } from '../copy/copy-maker.ts'
import type { Confine } from '../sandbox/confine.ts'
import type { LocalOrder, LocalTools } from '../upstream/local-transport.ts'
import type { CommandServerSpec } from '../upstream/spec.ts'
import { commandDefinitions, EXEC_ARGUMENT, TEMPLATE_ARGUMENT } from './definitions.ts'
import { collect, type Finished } from './collect.ts'
import { landed, type Landed } from './landed.ts'

export interface CommandToolsDeps {
  readonly confine: Confine
  readonly copies: CopyMaker
  readonly decideLanding: LandingPort
  /** The argument vector of a template with data put into it, or undefined when it may not run (AC-3.3.1). */
  readonly bind: (template: string, argument: string) => readonly string[] | undefined
}

const SHELL = ['/bin/bash', '-c']

/**
 * Commands of the configuration as tools: what policy released runs in a sandbox, a command line through a shell and a template
 * without one. There is no way to run it bare (E-60).
 */
export function commandTools(spec: CommandServerSpec, deps: CommandToolsDeps): LocalTools {
  const { alias, commands, cwd, env, sandbox: profile } = spec
  return {
    name: alias,
    confinement: `bubblewrap: ${profile.name}`,
    definitions: commandDefinitions(commands),
    async call(name, args, { signal, decideWritten = nobodyDecides }: LocalOrder) {
      const command = commandOf(spec, deps, name, args)
      const copy = await deps.copies(cwd, profile)
      try {
        const sandbox = await deps.confine({ alias, command, cwd, copy, env }, profile)
        const kill = (): void => sandbox.kill()
        signal.addEventListener('abort', kill, { once: true })
        if (signal.aborted) kill()
        const finished = await collect(sandbox)
        if (copy === undefined) return resultOf(finished)
        const isWhole = !finished.timedOut && !signal.aborted
        const request = { server: alias, tool: `${alias}.${name}`, decideWritten }
        return resultOf(finished, await landed(copy, request, isWhole, deps.decideLanding))
      } finally {
        await copy?.discard()
      }
    },
  }
}

function commandOf(
  { commands }: CommandServerSpec,
  { bind }: CommandToolsDeps,
  name: string,
  args: JsonObject,
): readonly string[] {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) throw new SallyportError('SP_MCP_UNKNOWN_TOOL', 'There is no such command.')
  if (command.template === undefined) return [...SHELL, requireText(args[EXEC_ARGUMENT])]
  const bound = bind(command.template, requireText(args[TEMPLATE_ARGUMENT]))
  if (bound === undefined) {
    throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', 'The argument would be more than data to this command.')
  }
  return bound
}

/** Whatever reaches a command without a released call lands nothing. */
const nobodyDecides: DecideWritten = () => refuse('SP_SANDBOX_LANDING', 'There is no decision about what it wrote.')

function requireText(value: Json | undefined): string {
  if (typeof value === 'string') return value
  throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', 'The argument is not a text.')
}

function resultOf({ code, timedOut, stdout, stderr, cut }: Finished, landing?: Landed): JsonObject {
  const said = [
    stdout,
    stderr,
    timedOut ? '(ended: it took too long)' : '',
    cut ? '(output was cut)' : '',
    landing?.said ?? '',
  ]
  return {
    content: [{ type: 'text', text: said.filter((text) => text !== '').join('\n') }],
    structuredContent: { exitCode: code, timedOut, stdout, stderr, cut, ...landing?.body },
    isError: code !== 0 || landing?.isRefused === true,
  }
}
