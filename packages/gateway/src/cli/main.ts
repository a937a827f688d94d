import { Command, CommanderError, Option } from 'commander'
import { CODES } from '@sallyport/core/errors/codes'
import { SallyportError, toProblem, toSallyportError } from '@sallyport/core/errors/error'
import type { CommandSpec, CliOptions } from './command.ts'
import { createIo, type GlobalOptions, type Surroundings } from './io.ts'
import { commandTree } from './tree.ts'
import { NODE_PROXY_OPTION } from '../execution/egress/node-proxy.ts'
import { VERSION } from '../version.ts'

/** Variables that let others run code inside this process or steer it; a security tool does not start under them (T-039). */
const REFUSED_VARIABLES = ['NODE_OPTIONS', 'NODE_PATH', 'LD_PRELOAD', 'LD_AUDIT', 'NODE_REPL_EXTERNAL_MODULE']

/** What our own sandboxes set: a file below a directory of root's. */
const SHIPPED: Readonly<Record<string, string>> = { NODE_OPTIONS: NODE_PROXY_OPTION }

/**
 * Runs one command line and returns the exit code. Data goes to standard output, everything else to standard error; with
 * `--json` an error is a problem object on standard output too.
 */
export async function main(argv: readonly string[], around: Surroundings): Promise<number> {
  const json = argv.includes('--json')
  try {
    const steering = REFUSED_VARIABLES.filter((name) => ![undefined, '', SHIPPED[name]].includes(around.env[name]))
    if (steering.length > 0) {
      throw new SallyportError('SP_CLI_USAGE', `Unset ${steering.join(', ')}: it would run other code in this process.`)
    }
    let code = 0
    const program = buildProgram(around, (result) => (code = result))
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : CODES.SP_CLI_USAGE.exit
    return report(toSallyportError(thrown), json, around)
  }
}

function report(error: SallyportError, json: boolean, around: Surroundings): number {
  if (json) around.out(`${JSON.stringify({ error: toProblem(error) })}\n`)
  around.err(`sallyport: ${error.code}: ${error.message}\n  ${error.entry.next}\n`)
  return around.signal.aborted ? 130 : error.entry.exit
}

function buildProgram(around: Surroundings, done: (code: number) => void): Command {
  const program = new Command('sallyport')
    .description('The security gateway for AI agents: every tool call crosses one boundary.')
    .version(VERSION, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: around.out, writeErr: around.err })
    .showSuggestionAfterError()
    .enablePositionalOptions()
  globalOptions(program)
  for (const spec of commandTree) addCommand(program, spec, around, done)
  return program
}

/** Options that every leaf takes, before or after its name. */
function globalOptions(command: Command): Command {
  return command
    .option('--json', 'machine-readable output')
    .option('--config <file>', 'configuration file')
    .option('--state <directory>', 'state directory')
    .option('--quiet', 'no talk on standard error')
    .option('--no-color', 'no colours')
    .addOption(new Option('--no-input', 'never ask; fail with the command to run instead'))
}

function addCommand(program: Command, spec: CommandSpec, around: Surroundings, done: (code: number) => void): void {
  const words = spec.path.split(' ')
  const parent = words
    .slice(0, -1)
    .reduce((at, word) => at.commands.find((child) => child.name() === word) ?? group(at, word), program)
  const command = parent.command(words.at(-1) ?? '').description(spec.summary)
  for (const [syntax, description] of spec.arguments ?? []) command.argument(syntax, description)
  for (const [flags, description] of spec.options ?? []) command.option(flags, description)
  if (spec.load === undefined) command.allowUnknownOption()
  if (spec.passThrough === true) command.passThroughOptions()
  globalOptions(command).action(async () => {
    const { load } = spec
    if (load === undefined) throw new SallyportError('SP_CLI_NOT_BUILT', `${spec.path}.`)
    const options = command.optsWithGlobals()
    const { run } = await load()
    const io = createIo(options as GlobalOptions, { ...around, commandPaths: commandTree.map(({ path }) => path) })
    done(
      await run(
        io,
        command.processedArgs.flat().filter((word) => word !== undefined) as string[],
        options as CliOptions,
      ),
    )
  })
}

const group = (parent: Command, word: string): Command => {
  const command = parent.command(word).description(GROUPS[word] ?? '')
  return globalOptions(command)
}

const GROUPS: Readonly<Record<string, string>> = {
  mcp: 'MCP servers: wrap, review, pin',
  policy: 'what is allowed, denied and asked',
  approvals: 'calls that wait for a human',
  agents: 'who may call',
  log: 'the tamper-evident log',
  config: 'configuration',
  hook: 'adapters for agent hosts',
  session: 'sessions of agents',
  tools: 'tool policy (aliases)',
  vault: 'values that agents never hold',
  egress: 'what leaves sandboxes',
  security: 'posture (not built yet)',
  scan: 'scan code, skills, plugins and definitions of tools',
  skills: 'skills (not built yet)',
  memory: 'agent memory (not built yet)',
  alerts: 'what went wrong and who has it',
  detect: 'judge a text, a command line, a path, a URL or a document',
  sandbox: 'run commands confined',
  rules: 'signed rule packs',
  advisories: 'what is known of vulnerable packages',
  credentials: 'what is lent to agents, used and stale',
  console: 'web console',
}
