import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

interface Chunk {
  readonly file: string
  readonly isEntry?: boolean
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}

const BUILT = fileURLToPath(new URL('../../packages/gateway/console/', import.meta.url))
/** Bytes, gzip, of everything that the first page waits for: the document, what it names, and both fonts. */
const FIRST_LOAD = 200_000
/** What one page may add, by the name of its folder; all others 20 000. */
const PAGES: Readonly<Record<string, number>> = {
  log: 45_000,
  sessions: 45_000,
  tools: 45_000,
  health: 35_000,
  activity: 35_000,
  policies: 160_000,
}

const chunks = (): Readonly<Record<string, Chunk>> => {
  const manifest = `${BUILT}manifest.json`
  if (!existsSync(manifest)) throw new Error('The console is not built: npm run build')
  return JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, Chunk>
}

/** Files that come with a chunk, those of its static imports included. */
function filesOf(key: string, all: Readonly<Record<string, Chunk>>, seen = new Set<string>()): Set<string> {
  const chunk = all[key]
  if (chunk === undefined || seen.has(chunk.file)) return seen
  seen.add(chunk.file)
  for (const file of chunk.css ?? []) seen.add(file)
  for (const other of chunk.imports ?? []) filesOf(other, all, seen)
  return seen
}

const size = (files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(BUILT + file), { level: 9 }).length, 0)

describe('weight of the console', () => {
  it('SC2: the first load stays below 200 kB', () => {
    const all = chunks()
    const entry = Object.entries(all).find(([, { isEntry }]) => isEntry === true)?.[0] ?? ''
    const fonts = Object.values(all).filter(({ file }) => /geist(-mono)?-latin-wght-normal.*woff2$/.test(file))
    const first = new Set(['index.html', ...filesOf(entry, all), ...fonts.map(({ file }) => file)])
    expect(fonts.length).toBe(2)
    expect(size(first)).toBeLessThanOrEqual(FIRST_LOAD)
  })

  it('SC2: no page adds more than it is allotted', () => {
    const all = chunks()
    const entry = Object.entries(all).find(([, { isEntry }]) => isEntry === true)?.[0] ?? ''
    const first = filesOf(entry, all)
    const over = Object.keys(all).flatMap((key) => {
      const page = /^src\/pages\/([\w-]+)\/page\.tsx$/.exec(key)?.[1]
      if (page === undefined) return []
      const own = size([...filesOf(key, all)].filter((file) => !first.has(file)))
      return own > (PAGES[page] ?? 20_000) ? [`${page}: ${own}`] : []
    })
    expect(over).toEqual([])
  })
})
