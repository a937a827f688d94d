import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from './stage.ts'

export const hasTmux = spawnSync('tmux', ['-V']).status === 0
if (!hasTmux) console.warn('not verified: tmux is not installed, so nothing runs the dashboard in a real terminal')

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))

/** A real terminal that is driven as an agent under the same account could drive it (T-020). */
export class Terminal {
  readonly #place = mkdtempSync(join(tmpdir(), 'sallyport-tmux-'))
  readonly #socket = join(this.#place, 'tmux.sock')

  constructor(args: readonly string[], { columns = 100, rows = 30 }: { columns?: number; rows?: number } = {}) {
    const quoted = [process.execPath, PROGRAM, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
    const command = `env CI=true CONTINUOUS_INTEGRATION=1 LANG=C.UTF-8 TERM=xterm-256color ${quoted}; echo "[ended $?]"; sleep 600`
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), command)
  }

  #tmux(...args: string[]): string {
    const done = spawnSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8', timeout: 20_000 })
    return done.stdout
  }

  screen(): string {
    return this.#tmux('capture-pane', '-p')
  }

  /** Types a text as it is. */
  type(text: string): void {
    this.#tmux('send-keys', '-l', text)
  }

  /** Presses keys by tmux's names: `Enter`, `Down`. */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys)
  }

  async sees(words: string | RegExp, ms = 45_000): Promise<void> {
    const isThere = (): boolean =>
      typeof words === 'string' ? this.screen().includes(words) : words.test(this.screen())
    await until(isThere, () => `${String(words)} is not on\n${this.screen()}`, ms)
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows))
  }

  close(): void {
    this.#tmux('kill-server')
    rmSync(this.#place, { recursive: true, force: true })
  }
}
