import { spawn } from 'node:child_process'
import { basename } from 'node:path'

const SECOND = 1000
const NOTICE_EVERY = 15 * SECOND
const GRACE = 5 * SECOND
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']
const TAIL = 40

export const say = (line) => process.stderr.write(`sallyport: ${line}\n`)

export function requireSupportedNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major >= 22 || (major === 20 && minor >= 20)) return
  throw new Error(`Node ${process.versions.node} is not supported; use 20.20 or newer 20.x, or 22 and later`)
}

/** The npm that started us, else the one on the path. */
export function npm(...args) {
  const script = process.env.npm_execpath ?? ''
  return /^npm(-cli)?\.c?js$/.test(basename(script)) ? [process.execPath, script, ...args] : ['npm', ...args]
}

/**
 * Runs a step of the set-up quietly and resolves with its output.
 * - says what it does, and that it still does, on stderr
 * - ends the whole process group when the time limit (seconds) is reached, and rejects
 * - rejects with the last lines of output on any other failure
 */
export async function run(title, command, { limit, env = {}, cwd, showOutputOnFailure = false }) {
  const lines = []
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / SECOND)
  if (title) say(`${title} …`)
  const notice = title && setInterval(() => say(`${title} … ${seconds()} s`), NOTICE_EVERY)
  try {
    const options = { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }
    const { code, signal, timedOut } = await supervise(command, options, limit, (text) => lines.push(text))
    if (timedOut) throw new Error(`${title || command[0]}: gave up after ${limit} s`)
    if (code === 0) return lines.join('')
    const output = lines.join('').trimEnd().split('\n')
    throw new Error(
      `${title || command[0]}: failed (${signal ?? code})\n${output.slice(showOutputOnFailure ? 0 : -TAIL).join('\n')}`,
    )
  } finally {
    clearInterval(notice)
  }
}

export const succeeds = (command, options) =>
  run('', command, { limit: 30, ...options }).then(
    () => true,
    () => false,
  )

/** Runs the task itself on this terminal and resolves with its exit code. */
export async function runTask(command, { limit }) {
  const { code, signal, timedOut } = await supervise(command, { stdio: 'inherit' }, limit)
  if (timedOut) say(`gave up after ${limit} s`)
  return timedOut ? 124 : (code ?? 128 + (signal === 'SIGINT' ? 2 : 15))
}

function supervise([file, ...args], options, limit, onOutput) {
  return new Promise((resolve, reject) => {
    // A group of its own lets a time limit reach grandchildren (compilers); on a terminal the task must stay in ours.
    const detached = options.stdio !== 'inherit' && process.platform !== 'win32'
    const shell = process.platform === 'win32' && file === 'npm'
    const child = spawn(file, args, { ...options, detached, shell })
    const kill = (signal) => {
      try {
        if (child.pid) process.kill(detached ? -child.pid : child.pid, signal)
      } catch {} // already gone
    }
    let timedOut = false
    const timers = []
    if (limit) {
      const expire = () => {
        timedOut = true
        kill('SIGTERM')
        timers.push(setTimeout(() => kill('SIGKILL'), GRACE))
      }
      timers.push(setTimeout(expire, limit * SECOND))
    }
    const forward = (signal) => kill(signal)
    for (const signal of FORWARDED) process.on(signal, forward)
    child.stdout?.on('data', onOutput)
    child.stderr?.on('data', onOutput)
    const settle = (finish) => (value, signal) => {
      for (const timer of timers) clearTimeout(timer)
      for (const name of FORWARDED) process.off(name, forward)
      child.stdout?.destroy()
      child.stderr?.destroy()
      finish(value, signal)
    }
    child.on('error', settle(reject))
    child.on(
      onOutput ? 'close' : 'exit',
      settle((code, signal) => resolve({ code, signal, timedOut })),
    )
  })
}
