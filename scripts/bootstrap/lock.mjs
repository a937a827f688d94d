import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './process.mjs'

const FILE = '.bootstrap.lock'
const WAIT = 20 * 60_000
const POLL = 250
const CUT_SHORT = 5000

/** Runs `work` while no other process prepares this working tree; the lock of a process that died is taken over. */
export async function holdingLock(work) {
  const mine = JSON.stringify({ pid: process.pid, host: hostname() })
  const deadline = Date.now() + WAIT
  let told = false
  while (!claim(mine)) {
    const held = read(FILE)
    if (held !== undefined && isStale(held)) discard(held)
    else if (Date.now() > deadline) throw new Error(`another run holds ${FILE}; remove it if none is running`)
    else if (!told && (told = true)) say('waiting for another run to finish its set-up …')
    await sleep(POLL)
  }
  const release = () => read(FILE) === mine && rmSync(FILE, { force: true })
  process.on('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

function claim(mine) {
  try {
    writeFileSync(FILE, mine, { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function isStale(held) {
  const { pid, host } = parse(held)
  // A claim that was cut short names nobody; one that is being written is complete a moment later.
  if (pid === undefined) return Date.now() - (statSync(FILE, { throwIfNoEntry: false })?.mtimeMs ?? 0) > CUT_SHORT
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function parse(held) {
  try {
    return JSON.parse(held)
  } catch {
    return {}
  }
}

/** Two runs may judge the same lock stale: whoever finds that it moved a fresh one puts that one back. */
function discard(stale) {
  const aside = `${FILE}.${process.pid}`
  try {
    renameSync(FILE, aside)
    if (read(aside) !== stale) linkSync(aside, FILE)
  } catch {} // somebody else was faster
  rmSync(aside, { force: true })
}
