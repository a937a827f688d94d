import { mkdirSync, watch } from 'node:fs'

/** Quiet for so long, ms, before files are read: one that is half written has had time to become whole. */
const QUIET = 200

/** Calls back when files of the directory have changed; a reload follows well within 2 s (HB-19). Makes the directory. */
export function watchPacks(directory: string, changed: () => void): () => Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  let timer: NodeJS.Timeout | undefined
  const watcher = watch(directory, { persistent: false }, () => {
    clearTimeout(timer)
    timer = setTimeout(changed, QUIET)
    timer.unref()
  })
  // a directory that is taken away is no reason to stop: what is in force stays so
  watcher.on('error', () => watcher.close())
  return () => {
    clearTimeout(timer)
    watcher.close()
    return Promise.resolve()
  }
}
