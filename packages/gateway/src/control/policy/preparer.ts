import { createHmac, timingSafeEqual } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { actionModel, digest, type Json } from '@sallyport/core'
import type { PrepareOptions } from './prepare.ts'
import type { PrepareThread } from './prepare-thread.ts'
import type { EstCache } from './read-policies.ts'
import { whyNot, type Prepared } from './prepared.ts'
import type { SourceFile } from './sources.ts'

export interface PreparerDeps {
  readonly cacheDir: string | undefined
  /** Key of the cache: what somebody else wrote there counts as absent (T-040). */
  readonly macKey: Uint8Array
  /** Absent: on the caller's thread. */
  readonly thread?: PrepareThread
  readonly monotonic: () => number
  /** Told when a cache file was not written by us. */
  readonly onTampered: (file: string) => void
}
export interface Preparer {
  prepare(files: readonly SourceFile[], options: PrepareOptions): Promise<Prepared>
  /** Resolves when the cache is written. */
  settled(): Promise<void>
}

/** Raise when `prepare` or what it depends on changes: older cache files then count as absent. */
const FORMAT = 'sallyport/prepared/9'
const KEEP = 8
const EXTENTS: readonly PrepareOptions['extent'][] = ['in-force', 'start', 'change']

export function createPreparer(deps: PreparerDeps): Preparer {
  const { thread, monotonic } = deps
  const cache: EstCache = new Map()
  let saving = Promise.resolve()
  const here: Preparer['prepare'] = async (files, options) => {
    const [{ loadCedar }, { prepare }] = await Promise.all([import('./cedar.ts'), import('./prepare.ts')])
    return prepare(files, options, { cedar: await loadCedar(), monotonic, cache })
  }
  return {
    async prepare(files, options) {
      const key = cacheKey(files, options)
      // what has passed a stricter check has passed this one
      for (const extent of EXTENTS.slice(EXTENTS.indexOf(options.extent))) {
        const known = await readCache(deps, cacheName(key, extent))
        if (known !== undefined) return known
      }
      const made = thread === undefined ? await here(files, options) : await thread.run({ files, options })
      if (whyNot(made) === undefined) saving = saving.then(() => writeCache(deps, cacheName(key, options.extent), made))
      return made
    },
    settled: () => saving,
  }
}

/** What was checked and against what: everything of an order but how much has to hold. */
function cacheKey(files: readonly SourceFile[], options: PrepareOptions): string {
  const tools = options.tools
    .map(actionModel)
    .map(({ id, server, parents, args }) => [id, server, parents, shapeJson(args)])
  return digest(FORMAT, [files.map(({ path, digest: d }) => [path, d]), tools as Json, { ...options.check }])
}

const cacheName = (key: string, extent: PrepareOptions['extent']): string =>
  `policy-${digest(FORMAT, [key, extent])}.json`

/** Shapes hold maps; their order is the order of the tool's schema, which the digest covers. */
const shapeJson = (shape: unknown): Json =>
  JSON.parse(JSON.stringify(shape ?? null, (_, value: unknown) => (value instanceof Map ? [...value] : value))) as Json

async function readCache({ cacheDir, macKey, onTampered }: PreparerDeps, name: string): Promise<Prepared | undefined> {
  if (cacheDir === undefined) return undefined
  const text = await readFile(join(cacheDir, name), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const cut = text.indexOf('\n')
  const body = text.slice(cut + 1)
  const given = Buffer.from(text.slice(0, Math.max(0, cut)), 'hex')
  const wanted = mac(macKey, name, body)
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return JSON.parse(body) as Prepared
  onTampered(join(cacheDir, name))
  return undefined
}

/** A cache that cannot be written costs time at the next start, nothing else. */
async function writeCache({ cacheDir, macKey }: PreparerDeps, name: string, made: Prepared): Promise<void> {
  if (cacheDir === undefined) return
  try {
    await mkdir(cacheDir, { recursive: true, mode: 0o700 })
    const body = JSON.stringify(made)
    const path = join(cacheDir, name)
    const handle = await open(`${path}.${process.pid}.tmp`, 'w', 0o600)
    try {
      await handle.writeFile(`${mac(macKey, name, body).toString('hex')}\n${body}`)
    } finally {
      await handle.close()
    }
    await rename(`${path}.${process.pid}.tmp`, path)
    await prune(cacheDir)
  } catch {
    return
  }
}

async function prune(cacheDir: string): Promise<void> {
  const names = (await readdir(cacheDir)).filter((name) => /^policy-[0-9a-f]{64}\.json$/.test(name))
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(cacheDir, name))).mtimeMs })))
  for (const { name } of aged.sort((a, b) => b.at - a.at).slice(KEEP)) await unlink(join(cacheDir, name))
}

const mac = (key: Uint8Array, name: string, body: string): Buffer =>
  createHmac('sha256', key).update(`${FORMAT}\n${name}\n`).update(body).digest()
