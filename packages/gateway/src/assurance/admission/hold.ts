import { open, readFile, rm, stat } from 'node:fs/promises'
import { SallyportError } from '@sallyport/core'

/** Longest that somebody waits for the others, ms, and between two looks. */
const PATIENCE = 20_000
const LOOK = 25
/** A file of this age, ms, whose writer is gone or never wrote its number, is left over. */
const LEFT_OVER = 10_000

/**
 * Runs `task` while nobody else holds `path`: a file that exists for so long and names its process. One that a dead process left
 * is taken away under a second such file, so that two who find it do not both think that they have it.
 * @throws SallyportError SP_SKILL_BUSY, and what the task throws
 */
export async function holding<T>(path: string, task: () => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE
  while (!(await take(path))) {
    if (performance.now() > until) throw new SallyportError('SP_SKILL_BUSY', `${path} is held.`)
    if (await isLeftOver(path)) await clear(path)
    await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
  try {
    return await task()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.write(String(process.pid))
    } finally {
      await file.close()
    }
    return true
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false
    throw thrown
  }
}

async function isLeftOver(path: string): Promise<boolean> {
  const [text, age] = await Promise.all([
    readFile(path, 'utf8').catch(() => undefined),
    stat(path).then(
      ({ mtimeMs }) => performance.timeOrigin + performance.now() - mtimeMs,
      () => 0,
    ),
  ])
  if (text === undefined) return false
  const pid = Number(text)
  return Number.isInteger(pid) && pid > 0 ? !lives(pid) : age > LEFT_OVER
}

async function clear(path: string): Promise<void> {
  const guard = `${path}.clear`
  if (!(await take(guard))) {
    if (await isLeftOver(guard)) await rm(guard, { force: true })
    return
  }
  try {
    if (await isLeftOver(path)) await rm(path, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return codeOf(thrown) !== 'ESRCH'
  }
}

const codeOf = (thrown: unknown): unknown => (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined)
