import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { connect } from 'node:net'
import { environment } from '../../config/environment.ts'
import { layout } from '../../config/paths.ts'
import { PROGRAM } from '../../places.ts'

const START_LIMIT = 15_000
const POLL = 25
/** What a gateway started on demand sees of the caller's environment. */
const PASSED = ['PATH', 'HOME', 'LANG', 'TZ', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'USER', 'LOGNAME']

/**
 * Returns when a gateway answers at the agent socket; starts one when there is none. Many clients may call this at once: one of
 * them starts it under a lock, the others wait. Throws when none comes up in time, and then the call is denied.
 */
export async function ensureGateway(stateDir: string, configPath?: string): Promise<void> {
  const { agentSocket, run, log } = layout(stateDir)
  if (await answers(agentSocket)) return
  mkdirSync(run, { recursive: true, mode: 0o700 })
  const lock = `${run}/start.lock`
  const deadline = performance.now() + START_LIMIT
  let started = false
  while (performance.now() < deadline) {
    if (!started && takeLock(lock)) {
      started = true
      try {
        if (!(await answers(agentSocket))) launch(stateDir, configPath, log)
        while (performance.now() < deadline && !(await answers(agentSocket))) await pause(POLL)
      } finally {
        rmSync(lock, { force: true })
      }
    }
    if (await answers(agentSocket)) return
    await pause(POLL)
  }
  throw new Error(`No gateway came up within ${START_LIMIT / 1000} s; see ${log}.`)
}

function launch(stateDir: string, configPath: string | undefined, log: string): void {
  const args = [PROGRAM, 'up', '--state', stateDir, ...(configPath === undefined ? [] : ['--config', configPath])]
  const out = openSync(log, 'a', 0o600)
  const env = Object.fromEntries(
    PASSED.flatMap((name) => (environment()[name] === undefined ? [] : [[name, environment()[name]]])),
  )
  spawn(process.execPath, args, { detached: true, stdio: ['ignore', out, out], cwd: '/', env }).unref()
  closeSync(out)
}

/** A lock file that nobody has let go of for longer than a start takes is left over. */
function takeLock(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600)
    writeSync(file, String(process.pid))
    closeSync(file)
    return true
  } catch {
    const age = ageOf(path)
    if (age !== undefined && age > START_LIMIT * 2) rmSync(path, { force: true })
    return false
  }
}

function ageOf(path: string): number | undefined {
  try {
    return performance.timeOrigin + performance.now() - statSync(path).mtimeMs
  } catch {
    return undefined
  }
}

const answers = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketPath)
    const end = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(1000, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
