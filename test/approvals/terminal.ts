import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HOST = fileURLToPath(new URL('./fixtures/pty-host.mjs', import.meta.url))
const CLI = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Step {
  readonly waitFor: string
  readonly type: string
  readonly afterMs?: number
}
export interface Played {
  readonly code: number
  readonly screen: string
  readonly unplayed: number
}

export const cliCommand = (args: readonly string[]): readonly string[] => [process.execPath, CLI, ...args]
const environment = { PATH: '/usr/bin:/bin', HOME: tmpdir(), TERM: 'xterm', LANG: 'C.UTF-8' }

/** Runs a command in a real terminal that no ancestor of this test owns, and types what the steps say. */
export async function inTerminal(
  command: readonly string[],
  steps: readonly Step[],
  more: { columns?: number } = {},
): Promise<Played> {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-pty-'))
  const result = join(dir, 'result.json')
  const script = join(dir, 'script.json')
  writeFileSync(script, JSON.stringify({ command, steps, result, cwd: ROOT, env: environment, ...more }))
  const host = spawn('/bin/sh', ['-c', `"$0" "$1" "$2" >"$2.log" 2>&1 &`, process.execPath, HOST, script], {
    detached: true,
    stdio: 'ignore',
    env: environment,
  })
  host.unref()
  for (let tries = 0; tries < 600 && !existsSync(result); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  if (!existsSync(result)) throw new Error(`no terminal: ${readFileSync(`${script}.log`, 'utf8')}`)
  const played = JSON.parse(readFileSync(result, 'utf8')) as Played
  rmSync(dir, { recursive: true })
  return played
}

/** Runs a command without a terminal, with `input` on its standard input. The gateway lives in this process: never block. */
export function piped(
  command: readonly string[],
  input = '',
  detached = false,
): Promise<{ readonly code: number; readonly out: string }> {
  const [file = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(detached ? 'setsid' : file, detached ? ['-w', file, ...args] : args, {
      cwd: ROOT,
      env: environment,
    })
    let out = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (out += text))
    const timer = setTimeout(() => child.kill('SIGKILL'), 25_000)
    child.on('error', reject)
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code: code ?? -1, out })
    })
  })
}
