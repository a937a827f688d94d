import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesWith, type Caller } from './machine.ts'

const START_TRIES = 200
const START_WAIT = 100

/** A Docker engine of this test run alone. */
export interface TestEngine {
  readonly socket: string
  /** As a crash of it would. */
  kill(): void
  stop(): Promise<void>
}

/** Starts one in a directory of its own, without any network of its own; says why where it cannot. */
export async function startEngine(): Promise<TestEngine | string> {
  if (process.getuid?.() !== 0) return 'only root may start one for the tests'
  if (spawnSync('dockerd', ['--version']).status !== 0) return 'dockerd is not installed'
  const place = mkdtempSync(join(tmpdir(), 'sallyport-engine-'))
  chmodSync(place, 0o755)
  const at = (name: string): string => join(place, name)
  const child = spawn('sh', [
    ...['-c', 'log=$1; shift; exec "$@" >"$log" 2>&1', 'sh', at('log'), 'dockerd'],
    ...['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid'), '-H', `unix://${at('sock')}`],
    ...['--iptables=false', '--ip6tables=false', '--bridge=none'],
  ])
  const stop = async (): Promise<void> => {
    await ended(child)
    // a crash leaves what stood between the engine and its containers
    for (const line of processesWith(place)) process.kill(Number(line.trim().split(' ')[0]), 'SIGKILL')
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((row) => row.split(' ')[1] ?? '')
    for (const mount of mounts.filter((each) => each.startsWith(place)).reverse()) spawnSync('umount', ['-l', mount])
    rmSync(place, { recursive: true, force: true })
  }
  for (let tries = 0; !(existsSync(at('sock')) && (await answers(at('sock')))); tries++) {
    if (child.exitCode === null && tries < START_TRIES) await sleep(START_WAIT)
    else {
      const said = existsSync(at('log')) ? (readFileSync(at('log'), 'utf8').trim().split('\n').at(-1) ?? '') : ''
      await stop()
      return `dockerd does not start here (${said.slice(0, 300)})`
    }
  }
  // the tests' user is in no group
  chmodSync(at('sock'), 0o666)
  return { socket: at('sock'), kill: () => void child.kill('SIGKILL'), stop }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

const answers = (socket: string): Promise<boolean> => asked(socket, '/_ping').then(Boolean, () => false)

/** What an engine says at a path. */
export const asked = (socketPath: string, path: string, method = 'GET', body?: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/x-tar', 'content-length': body.length }
    const sent = request({ socketPath, path, method, headers, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      answer.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** The caller with this engine for its own. */
export const withEngine = (caller: Caller, socket: string): Caller => ({
  ...caller,
  line: (args, before) => ['env', `DOCKER_HOST=unix://${socket}`, ...caller.line(args, before)],
})
