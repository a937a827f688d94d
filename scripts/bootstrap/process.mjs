import { spawn } from 'node:child_process'
import { basename } from 'node:path'

const SECOND = 1000
const NOTICE_EVERY = 15 * SECOND
const GRACE = 5 // seconds
const DRAIN = 1 // seconds
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
    const { code, signal, timedOut, interrupted } = await supervise(command, options, limit, (text) => lines.push(text))
    if (interrupted) throw Object.assign(new Error(`${title || command[0]}: interrupted`), { exitCode: 130 })
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
    (error) => {
      if (error.exitCode) throw error
      return false
    },
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
    const detached = onOutput !== undefined && process.platform !== 'win32'
    const shell = process.platform === 'win32' && file === 'npm'
    const child = spawn(file, args, { ...options, detached, shell })
    const outcome = { timedOut: false, interrupted: false }
    const timers = []
    const after = (seconds, work) => timers.push(setTimeout(() => work(), seconds * SECOND))
    const kill = (signal) => {
      try {
        if (child.pid) process.kill(detached ? -child.pid : child.pid, signal)
      } catch {} // already gone
    }
    const forward = (signal) => {
      outcome.interrupted = true
      const terminalDid = signal === 'SIGINT' && !detached && process.stdin.isTTY
      if (!terminalDid) kill(signal)
    }
    const expire = () => {
      outcome.timedOut = true
      kill('SIGTERM')
      after(GRACE, () => kill('SIGKILL'))
    }
    const settle = (finish, value) => {
      timers.forEach(clearTimeout)
      for (const signal of FORWARDED) process.off(signal, forward)
      child.stdout?.destroy()
      child.stderr?.destroy()
      finish(value)
    }

    if (limit) after(limit, expire)
    for (const signal of FORWARDED) process.on(signal, forward)
    child.stdout?.setEncoding('utf8').on('data', onOutput)
    child.stderr?.setEncoding('utf8').on('data', onOutput)
    child.on('error', (error) => settle(reject, error))
    child.on('close', (code, signal) => settle(resolve, { ...outcome, code, signal }))
    // A daemon that the child left behind may hold its output open for ever.
    child.on('exit', (code, signal) => after(DRAIN, () => settle(resolve, { ...outcome, code, signal })))
  })
}
