import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** One shell of an agent, kept open: each line is a script in base64, each answer what it wrote, in base64, on one line. */
export const DRIVER = `echo ready
while read -r line; do
  d=$(mktemp -d)
  printf %s "$line" | base64 -d >"$d/attempt"
  timeout -k 1 25 sh "$d/attempt" <&- >"$d/out" 2>&1
  echo "answer $(base64 -w0 <"$d/out")"
done
`

export class Shell {
  readonly #child: ChildProcess
  readonly #prelude: string
  #out = ''
  #told = ''
  #ready = false

  constructor(child: ChildProcess, prelude: string) {
    this.#child = child
    this.#prelude = prelude
    child.stdout?.on('data', (chunk: Buffer) => (this.#out += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (this.#told += chunk.toString()))
    child.stdin?.on('error', () => undefined)
  }

  async ready(): Promise<void> {
    if (!this.#ready) await this.#line()
    this.#ready = true
  }

  /** What the script wrote. @throws Error when the shell itself is gone */
  async run(script: string): Promise<string> {
    await this.ready()
    this.#child.stdin?.write(`${Buffer.from(this.#prelude + script).toString('base64')}\n`)
    const line = await this.#line()
    return Buffer.from(line.slice('answer '.length), 'base64').toString()
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.stdin?.end()
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    await closed
    clearTimeout(late)
  }

  async #line(): Promise<string> {
    while (!this.#out.includes('\n')) {
      if (this.#child.exitCode !== null) throw new Error(`The agent's shell ended: ${this.#told}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const at = this.#out.indexOf('\n')
    const line = this.#out.slice(0, at)
    this.#out = this.#out.slice(at + 1)
    return line
  }
}
