import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * Who owns the terminal this process runs in (T-001, T-007). Speed bumps, not walls: a process of the same account can
 * detach, rename itself or drive a terminal. What they stop is the ordinary case, an agent that runs our own command.
 */
export interface TerminalOwner {
  /** Why a PIN is not asked for here; empty when nothing speaks against it. */
  readonly objections: readonly string[]
  /** Device number of the controlling terminal, 0 when there is none, -1 where it cannot be known. */
  readonly device: number
}

/** Programs of agents, as their processes are called or as their first script is. */
const AGENTS: ReadonlySet<string> = new Set([
  'aider',
  'amp',
  'auggie',
  'claude',
  'claude-code',
  'cline',
  'codex',
  'continue',
  'copilot',
  'crush',
  'cursor-agent',
  'droid',
  'gemini',
  'goose',
  'kilocode',
  'openclaw',
  'openclaw-gateway',
  'opencode',
  'openhands',
  'qwen',
  'roo',
])
const AGENT_PATHS =
  /@anthropic-ai\/claude-code|@openai\/codex|@google\/gemini-cli|@github\/copilot|\/openclaw\/|\/cursor-agent\//
/** Programs that type for somebody or keep what is typed. */
const RECORDERS: ReadonlySet<string> = new Set([
  'asciinema',
  'autoexpect',
  'empty',
  'expect',
  'script',
  'socat',
  'termrec',
  'ttyrec',
  'unbuffer',
])
const INTERPRETERS = /^(?:node|nodejs|bun|deno|python[0-9.]*|ruby|sh|bash|dash|zsh)$/
const MAX_ANCESTORS = 64

interface Process {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly device: number
  readonly foreground: number
  readonly name: string
  readonly words: readonly string[]
}

/** Reads `/proc`; where there is none, nothing is known and nothing objected. */
export function terminalOwner(pid: number): TerminalOwner {
  const self = readProcess(pid)
  if (self === undefined) return { objections: [], device: -1 }
  const objections: string[] = []
  if (self.device === 0) objections.push('This process has no terminal.')
  else if (self.foreground !== self.group) objections.push('This process is not in the foreground of its terminal.')
  const leader = readProcess(self.session)
  for (const process of [...ancestors(self), ...(leader === undefined ? [] : [leader])]) {
    const what = describe(process)
    if (what !== undefined && !objections.includes(what)) objections.push(what)
  }
  return { objections, device: self.device }
}

function ancestors(self: Process): readonly Process[] {
  const line: Process[] = []
  let at: Process | undefined = readProcess(self.parent)
  while (at !== undefined && at.pid > 0 && line.length < MAX_ANCESTORS) {
    line.push(at)
    at = at.parent > 0 ? readProcess(at.parent) : undefined
  }
  return line
}

/** What is wrong with an ancestor, by all the names it goes by. */
function describe({ name, words, pid }: Process): string | undefined {
  const program = basename(words[0] ?? '')
  const script = INTERPRETERS.test(program) ? words.slice(1).find((word) => !word.startsWith('-')) : undefined
  const names = [name, program, basename(script ?? ''), executable(pid)].map((each) =>
    each.replace(/\.(?:[cm]?js|py|sh)$/, ''),
  )
  const agent = names.find((each) => AGENTS.has(each))
  if (agent !== undefined || AGENT_PATHS.test(`${words[0] ?? ''} ${script ?? ''}`)) {
    return `This terminal belongs to an agent (${agent ?? 'known program'}, process ${pid}).`
  }
  const recorder = names.find((each) => RECORDERS.has(each))
  if (recorder !== undefined) return `This terminal is driven or recorded by ${recorder} (process ${pid}).`
  const ours = names.includes('sallyport')
    ? words.find((word) => word === 'run' || word === 'hook' || word === 'wrap')
    : undefined
  return ours === undefined ? undefined : `This terminal is inside \`sallyport ${ours}\` (process ${pid}).`
}

function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const close = stat.lastIndexOf(')')
    const fields = stat.slice(close + 2).split(' ')
    const at = (index: number): number => Number(fields[index] ?? '0')
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((word) => word !== '')
    const name = stat.slice(stat.indexOf('(') + 1, close)
    return { pid, parent: at(1), group: at(2), session: at(3), device: at(4), foreground: at(5), name, words }
  } catch {
    return undefined
  }
}

function executable(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '')
  } catch {
    return ''
  }
}
