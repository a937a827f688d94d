import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

interface Locked {
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly optional?: boolean
  readonly dev?: boolean
  readonly os?: readonly string[]
  readonly hasInstallScript?: boolean
}

const ROOT = join(import.meta.dirname, '../..')
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'))
const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> }
const installed = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
const places: string[] = []
afterAll(() => {
  for (const place of places) rmSync(place, { recursive: true })
})

/** Builds the program from nothing. @returns each file with the digest of what is in it */
function build(): Readonly<Record<string, string>> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-build-'))
  places.push(place)
  execFileSync(process.execPath, [join(ROOT, 'scripts/bundle.mjs'), place])
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [relative(place, path), createHash('sha256').update(readFileSync(path)).digest('hex')]
    }),
  )
}

describe('what Sallyport itself is made of', () => {
  it('T-177: building twice from the same sources gives the same program, byte for byte', () => {
    const [one, other] = [build(), build()]
    expect(Object.keys(one).length).toBeGreaterThan(10)
    expect(other).toEqual(one)
  })

  it('T-177: one package runs a script when it is installed, and it is the one that is compiled', () => {
    const withScript = installed.filter(([, each]) => each.hasInstallScript === true)
    const allowed = (read('package.json') as { readonly allowScripts: Readonly<Record<string, boolean>> }).allowScripts
    const name = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    expect(withScript.filter(([, { dev }]) => dev !== true).map(([path]) => name(path))).toEqual(['better-sqlite3'])
    for (const [path] of withScript)
      expect([path, allowed[name(path)]]).toEqual([path, path.endsWith('better-sqlite3')])
  })

  it('T-177: what is installed has a strong hash and comes from no named place', () => {
    // those without a hash are for systems that were not at hand when the lock was made
    const unhashed = installed.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)
    for (const [path, { optional, os }] of unhashed)
      expect([path, optional === true && os !== undefined]).toEqual([path, true])
    expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
  })
})
