import { SallyportError, ScreenFilter, TypedReader, type Json } from '@sallyport/core'
import { environment } from '../../config/environment.ts'
import { PROGRAM } from '../../places.ts'
import type { CliIo } from '../command.ts'
import type { RunOrder } from './order.ts'

/** How often the last line asks what waits, ms. */
const LOOK = 2_000
const SIGNALLED = 128
/** Around what is pasted. */
// eslint-disable-next-line no-control-regex
const MARKS = /\u001b\[20[01]~/g
const ASKED_FOR = 'above this line speaks the agent; nobody asks for your PIN here'

/**
 * Stands between the human's terminal and the agent's: what the agent says is filtered, its last line is ours, and what the human types is
 * told to the gateway as the user's words, apart from what is pasted (T-014, T-019, T-094, T-143).
 * @returns the agent's exit code
 */
export async function relayTerminal(io: CliIo, { agent }: RunOrder, run: string): Promise<number> {
  const { spawn } = await import('@lydell/node-pty')
  const { stdin, stdout } = process
  const filter = new ScreenFilter(stdout.rows)
  const typed = new TypedReader()
  // the same words, with the run that is open already; what is behind `--` stays as it is
  const words = process.argv.slice(2)
  const at = words.indexOf('run')
  const inner = [PROGRAM, ...words.slice(0, at + 1), '--joined', run, ...words.slice(at + 1)]
  const pty = spawn(process.execPath, inner, {
    name: environment()['TERM'] ?? 'xterm-256color',
    cols: stdout.columns,
    rows: filter.rows,
    cwd: io.cwd,
    env: environment(),
  })
  let says = ASKED_FOR
  const line = (): string => filter.line(` sallyport ▏${agent}, confined ▏${says}`, stdout.columns)
  const ended = new Promise<number>((resolve) =>
    pty.onExit(({ exitCode, signal }) => resolve(signal === undefined || signal === 0 ? exitCode : SIGNALLED + signal)),
  )
  pty.onData((data) => {
    const { text, redraw } = filter.pass(data)
    if (stdout.write(redraw ? text + line() : text)) return
    pty.pause()
    stdout.once('drain', () => pty.resume())
  })
  const keys = (data: string): void => {
    pty.write(filter.wantsPaste ? data : data.replace(MARKS, ''))
    for (const { text, channel } of typed.read(data)) void tell(io, run, { text, channel })
  }
  const resized = (): void => {
    filter.resize(stdout.rows)
    pty.resize(stdout.columns, filter.rows)
    stdout.write(line())
  }
  const look = setInterval(() => {
    void waiting(io).then((what) => {
      if (what === says) return
      says = what
      stdout.write(line())
    })
  }, LOOK)
  const stop = (): void => pty.kill('SIGTERM')
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdin.on('data', keys)
  stdout.on('resize', resized)
  io.signal.addEventListener('abort', stop, { once: true })
  stdout.write(filter.enter() + line())
  try {
    return await ended
  } finally {
    clearInterval(look)
    stdin.off('data', keys)
    stdin.setRawMode(false)
    stdin.pause()
    stdout.off('resize', resized)
    stdout.write(filter.leave())
  }
}

/** Words that do not arrive are words that were never said: the gateway asks more, not less. */
const tell = (io: CliIo, run: string, words: Json): Promise<unknown> =>
  io.gateway.request('POST', `/api/v1/runs/${run}/words`, words).catch(() => undefined)

async function waiting(io: CliIo): Promise<string> {
  try {
    const answer = (await io.gateway.request('GET', '/api/v1/approvals?state=pending')) as {
      readonly items?: readonly Json[]
    }
    const count = answer.items?.length
    if (count === undefined) throw new SallyportError('SP_INTERNAL', 'The gateway did not say what waits.')
    return count === 0 ? ASKED_FOR : `${count} waiting: answer in another terminal, \`sallyport approvals watch\``
  } catch {
    return 'the gateway does not answer: every call is denied'
  }
}
