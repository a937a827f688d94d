import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { DEFAULT_CONFIG } from '../../packages/gateway/src/cli/init/default-config.ts'

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'sallyport-home-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Writes every module that is resolved to a file. */
const hooks = (file: string): string => `
  import { appendFileSync } from 'node:fs'
  export async function resolve(specifier, context, next) {
    const found = await next(specifier, context)
    appendFileSync(${JSON.stringify(file)}, specifier + '\\n')
    return found
  }`
const asUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`

describe('the program on a machine where nothing was set up', () => {
  test('E-76 AC-7.1.5: a default installation has nothing above info, in less than 3 s, and without server, store or SQL', () => {
    const seen = join(home, 'modules')
    const config = join(home, 'sallyport.yaml')
    writeFileSync(config, DEFAULT_CONFIG('balanced'), { mode: 0o600 })
    const register = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks(seen)))})`
    const started = performance.now()
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', asUrl(register), PROGRAM, '--config', config, 'security', 'audit', '--json'],
      { cwd: home, env: { HOME: home, PATH: '/usr/bin:/bin' }, encoding: 'utf8', timeout: 60_000 },
    )
    const took = performance.now() - started
    expect(stderr).toBe('')
    const { summary, complete, unknown } = JSON.parse(stdout) as {
      readonly summary: Readonly<Record<string, number>>
      readonly complete: boolean
      readonly unknown: readonly { readonly hides: boolean }[]
    }
    expect([status, complete, summary]).toEqual([0, true, { ...summary, critical: 0, high: 0, medium: 0, low: 0 }])
    expect(unknown.filter(({ hides }) => hides)).toEqual([])
    const modules = readFileSync(seen, 'utf8').split('\n')
    expect(modules.length).toBeGreaterThan(10)
    expect(modules.filter((one) => /^(?:fastify|kysely|better-sqlite3|pg|undici|ws)\b/.test(one))).toEqual([])
    // twice the limit: tests share the machine
    expect(took).toBeLessThan(6_000)
  }, 60_000)
})
