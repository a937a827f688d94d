import type { FSWatcher } from 'chokidar'

/**
 * Calls back, one change at a time, when policy files have changed and stopped changing for 150 ms: a reload then follows
 * well within 2 s (AC-5.1.3), and a file that is half written has had time to become whole.
 */
export async function watchFiles(paths: readonly string[], changed: () => Promise<void>): Promise<() => Promise<void>> {
  if (paths.length === 0) return () => Promise.resolve()
  const { watch } = await import('chokidar')
  const watcher: FSWatcher = watch([...paths], {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: 150, pollInterval: 40 },
    ignored: (path: string) => /(?:^|\/)(?:\.[^/]+|node_modules)$/.test(path) && !paths.includes(path),
  })
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  watcher.on('all', () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = running.then(changed, changed)
    }, 60)
  })
  await new Promise<void>((resolve) => {
    watcher.once('ready', () => resolve())
  })
  return async () => {
    clearTimeout(timer)
    await watcher.close()
    await running.catch(() => undefined)
  }
}
