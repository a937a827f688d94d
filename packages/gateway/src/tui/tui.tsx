import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'
import { render } from 'ink'
import { isJsonObject, parseJson, SallyportError, toSallyportError } from '@sallyport/core'
import { run as silence } from '../cli/alerts/silence.ts'
import { run as approve } from '../cli/approvals/approve.ts'
import type { CliIo, CliOptions, CommandRun } from '../cli/command.ts'
import { lookOf } from '../cli/look.ts'
import { systemClock } from '../clock.ts'
import { environment } from '../config/environment.ts'
import { layout } from '../config/paths.ts'
import { dashboard, type Leave, type Place } from './app.tsx'
import { createSource } from './source.ts'

const WHOLE_SCREEN = '\u001b[?1049h\u001b[H'
const BACK = '\u001b[?1049l'
const WARNING =
  'An agent under your account can press keys here. Approving asks for your PIN, which keys alone are not.'

/**
 * `sallyport tui`. Runs in the terminal's second screen; what needs a PIN leaves it for the prompt of the command line, the only
 * one that asks for it, and comes back.
 */
export const run: CommandRun = async (io, _args, options) => {
  if (io.json || options['input'] === false || !isatty(0) || !isatty(1))
    throw new SallyportError('SP_CLI_NEEDS_TERMINAL', 'The dashboard needs a terminal on both sides.')
  const env = environment()
  const source = createSource(io.gateway)
  const { level } = await source.status()
  const isShared = level.startsWith('L0') && (env['TMUX'] ?? env['STY'] ?? '') !== ''
  const look = lookOf(env, { color: io.color, ascii: options['ascii'] === true })
  let place: Place = { tab: 'approvals', selected: '', said: '' }
  for (;;) {
    const from = place
    const left = await show((leave) =>
      dashboard({ source, look, place: from, leave, now, ...(isShared ? { warning: WARNING } : {}) }),
    )
    if (left.how.kind === 'quit') return 0
    place = { ...left.place, said: await atPrompt(io, left.how, options) }
  }
}

const now = (): number => systemClock.now()

/** Draws until somebody leaves; the terminal is as it was before. */
async function show(
  draw: (leave: (how: Leave, place: Place) => void) => React.ReactElement,
): Promise<{ readonly how: Leave; readonly place: Place }> {
  let left: { readonly how: Leave; readonly place: Place } = {
    how: { kind: 'quit' },
    place: { tab: 'approvals', selected: '', said: '' },
  }
  process.stdout.write(WHOLE_SCREEN)
  try {
    const screen = render(
      draw((how, place) => (left = { how, place })),
      { exitOnCtrlC: true },
    )
    await screen.waitUntilExit()
  } finally {
    process.stdout.write(BACK)
  }
  return left
}

/** @returns what came of it, one line */
async function atPrompt(io: CliIo, how: Exclude<Leave, { kind: 'quit' }>, options: CliOptions): Promise<string> {
  const person = options['as'] === undefined ? {} : { as: options['as'] }
  try {
    if (how.kind === 'approve') {
      await approve(io, [how.id], { ...person, full: true })
      return `Approved ${how.id.slice(0, 8)}.`
    }
    const about = how.agent === '' ? {} : { agent: how.agent }
    await silence(io, [], { ...person, ...about, name: how.name, for: '1d', reason: 'silenced from the dashboard' })
    return `Alerts ${how.name} are silenced for a day.`
  } catch (thrown) {
    const { code, message } = toSallyportError(thrown)
    const place = consoleUrl(io)
    const isWeak = code === 'SP_APPROVAL_EVIDENCE' && how.kind === 'approve'
    return isWeak && place !== undefined
      ? `A PIN is not enough. Open ${place}/approvals/${how.id} and touch your passkey.`
      : `${code}: ${message}`
  }
}

/** Where people reach the console; absent where there is none. */
function consoleUrl({ stateDir }: CliIo): string | undefined {
  try {
    const info = parseJson(readFileSync(layout(stateDir).info, 'utf8'))
    const url = isJsonObject(info) ? info['consoleUrl'] : undefined
    return typeof url === 'string' ? url : undefined
  } catch {
    return undefined
  }
}
