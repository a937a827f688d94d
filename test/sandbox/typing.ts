import { spawn, type IPty } from '@lydell/node-pty'

/** What a hand does at a terminal. */
export type Keys = (pty: IPty) => void
/** Text to wait for, and then what to type or to do. */
export type Step = readonly [seen: string, then: string | Keys]

export interface Typed {
  readonly code: number
  readonly screen: string
  /** What was waited for in vain. */
  readonly left: readonly string[]
}

/** Runs a program on a terminal of 100 × 30 and types each step when the text before it has been seen. */
export async function typing(
  command: readonly string[],
  {
    cwd,
    env,
    limit = 30_000,
  }: { readonly cwd?: string; readonly env: Record<string, string>; readonly limit?: number },
  steps: readonly Step[],
): Promise<Typed> {
  const [program = '', ...args] = command
  const pty = spawn(program, args, { cols: 100, rows: 30, env, ...(cwd === undefined ? {} : { cwd }) })
  let screen = ''
  let from = 0
  const left = [...steps]
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))
  // what hangs shows what it waited for
  const late = setTimeout(() => pty.kill('SIGKILL'), limit)
  pty.onData((data) => {
    screen += data
    for (let next = left[0]; next !== undefined && screen.indexOf(next[0], from) >= 0; next = left[0]) {
      from = screen.indexOf(next[0], from) + next[0].length
      left.shift()
      if (typeof next[1] === 'string') pty.write(next[1])
      else next[1](pty)
    }
  })
  const code = await ended
  clearTimeout(late)
  return { code, screen, left: left.map(([seen]) => seen) }
}

/** Types after a moment, as a hand does. */
export const later =
  (text: string, ms = 300): Keys =>
  (pty) =>
    void setTimeout(() => pty.write(text), ms)

/** Types letter by letter. */
export const byHand =
  (text: string): Keys =>
  (pty) =>
    [...text].forEach((char, at) => setTimeout(() => pty.write(char), 20 * at))
