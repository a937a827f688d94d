import { SallyportError } from '@sallyport/core'
import { codeOf } from './beneath.ts'
import { GONE } from './live-entry.ts'

const MOST_NAMED = 10
const IN_THE_WAY = [...GONE, 'EEXIST', 'ENOTEMPTY', 'EISDIR']

/** What the file system says of a path, as an error that names it. */
export async function naming(path: string, work: () => Promise<void> | void): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    if (thrown instanceof SallyportError) throw thrown
    throw IN_THE_WAY.includes(codeOf(thrown) ?? '') ? conflict([path]) : unwritable(thrown, path)
  }
}

export const named = (path: string): string => JSON.stringify(path)

export function conflict(paths: readonly string[]): SallyportError {
  const more = paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : ''
  const text = `${paths.slice(0, MOST_NAMED).map(named).join(', ')}${more}: not as when the copy was taken.`
  return new SallyportError('SP_SANDBOX_CONFLICT', text, { details: { paths } })
}

export const unwritable = (cause: unknown, path: string): SallyportError =>
  new SallyportError('SP_SANDBOX_LANDING', `${named(path)} cannot be written (${codeOf(cause) ?? 'it failed'}).`, {
    cause,
  })

export function notPutBack(stuck: readonly string[], place: string, cause: unknown): SallyportError {
  const text = `${stuck.slice(0, MOST_NAMED).map(named).join(', ')} could not be put back; the originals lie in ${place}.`
  return new SallyportError('SP_SANDBOX_LANDING', text, { cause })
}
