import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import type { openKilled } from './killed-vault.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Below `node_modules`, from where native modules are found. */
const CACHE = join(ROOT, 'node_modules/.cache')

export interface KillPrograms {
  /** Path of the program that writes. */
  readonly writer: string
  readonly open: typeof openKilled
  remove(): void
}

/** The writer and what looks at its vault as plain programs: two hundred starts from sources would be a minute of reading them. */
export async function killPrograms(): Promise<KillPrograms> {
  mkdirSync(CACHE, { recursive: true })
  const target = mkdtempSync(join(CACHE, 'sallyport-kill-'))
  const bundle = await rolldown({
    cwd: ROOT,
    input: {
      writer: 'test/vault/writer-child.ts',
      open: 'test/vault/killed-vault.ts',
      'store/sqlite/writer.worker': 'packages/gateway/src/store/sqlite/writer.worker.ts',
    },
    platform: 'node',
    external: [/^better-sqlite3/, /^pg$/],
    resolve: { conditionNames: ['source', 'import', 'node', 'default'], mainFields: ['module', 'main'] },
    logLevel: 'warn',
  })
  await bundle.write({ dir: target, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'part-[hash].js' })
  await bundle.close()
  const { openKilled: open } = (await import(pathToFileURL(join(target, 'open.js')).href)) as {
    readonly openKilled: typeof openKilled
  }
  return { writer: join(target, 'writer.js'), open, remove: () => rmSync(target, { recursive: true }) }
}
