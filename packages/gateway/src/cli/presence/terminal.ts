import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { isatty, ReadStream, WriteStream } from 'node:tty'
import { SallyportError } from '@sallyport/core'
import { terminalOwner } from '../../control/presence/terminal-owner.ts'
import type { CliIo, CliOptions } from '../command.ts'

/** A human's terminal. Everything shown and typed here goes through `/dev/tty`, never through pipes. */
export interface Terminal {
  readonly width: number
  show(text: string): void
  /** Reads one line with echo off. Rejects with SP_CLI_NEEDS_TERMINAL when the person gives up (Ctrl-C, Ctrl-D). */
  readSecret(prompt: string): Promise<string>
  close(): void
}

/** Keys that were pressed before the question was on the screen are thrown away for this long, ms (T-027). */
const SETTLE_MS = 120
const MAX_SECRET = 512

/**
 * Opens the terminal for a decision (T-001, T-007): not with `--json` or `--no-input`, not when standard input or output is
 * something else, not in the background, not where an agent or a recorder owns the terminal.
 * @throws SallyportError SP_CLI_NEEDS_TERMINAL with the reason.
 */
export function openTerminal(io: Pick<CliIo, 'json'>, options: CliOptions): Terminal {
  const refuse = (why: string): never => {
    throw new SallyportError('SP_CLI_NEEDS_TERMINAL', why)
  }
  if (io.json) refuse('--json is for programs.')
  if (options['input'] === false) refuse('--no-input was given.')
  if (!isatty(0)) refuse('Standard input is not a terminal.')
  if (!isatty(1)) refuse('Standard output is not a terminal.')
  const { objections, device } = terminalOwner(process.pid)
  if (objections.length > 0) refuse(objections.join(' '))
  if (device > 0 && (fstatSync(0).rdev !== device || fstatSync(1).rdev !== device)) {
    refuse('Standard input or output is not the terminal this process belongs to.')
  }
  return attach(openTty() ?? refuse('There is no /dev/tty.'))
}

function openTty(): number | undefined {
  try {
    return openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY)
  } catch {
    return undefined
  }
}

function attach(fd: number): Terminal {
  const input = new ReadStream(fd)
  const output = new WriteStream(openSync('/dev/tty', constants.O_WRONLY | constants.O_NOCTTY))
  input.setRawMode(true)
  input.pause()
  return {
    width: Math.max(40, Math.min(output.columns || 80, 200)),
    show: (text) => void output.write(text.replaceAll('\n', '\r\n')),
    readSecret: (prompt) => readSecret(input, output, prompt),
    close() {
      input.setRawMode(false)
      input.destroy()
      output.destroy()
      try {
        closeSync(fd)
      } catch {
        // The stream has closed it already.
      }
    },
  }
}

async function readSecret(input: ReadStream, output: WriteStream, prompt: string): Promise<string> {
  const early = (): void => undefined
  input.on('data', early)
  input.resume()
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  input.off('data', early)
  output.write(prompt)
  return new Promise((resolve, reject) => {
    let secret: readonly string[] = []
    const stop = (): void => {
      input.off('data', onData)
      input.pause()
      output.write('\r\n')
    }
    const onData = (chunk: Buffer): void => {
      for (const char of chunk.toString('utf8')) {
        if (char === '\r' || char === '\n') {
          stop()
          return resolve(secret.join(''))
        }
        if (char === '\u0003' || char === '\u0004') {
          stop()
          return reject(new SallyportError('SP_CLI_NEEDS_TERMINAL', 'Nothing was decided.'))
        }
        if (char === '\u007f' || char === '\b') secret = secret.slice(0, -1)
        else if (char >= ' ' && secret.length < MAX_SECRET) secret = [...secret, char]
      }
    }
    input.on('data', onData)
    input.resume()
  })
}
