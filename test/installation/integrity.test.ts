import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installationState, requireWhole } from '../../packages/gateway/src/installation.ts'

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))
const PACKAGE = 'packages/gateway'
const SHIPPED = ['bin', 'bundle', 'console', 'grammars', 'inside', 'weights', 'package.json', 'sealed.json']
const CLASSES = ['bin', 'bundle', 'console', 'grammars', 'inside', 'weights', '../../rules/packs', '../../policies']

let place: string
let root: string
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'sallyport-installed-'))
  root = join(place, PACKAGE)
  for (const name of SHIPPED) cpSync(join(REPOSITORY, PACKAGE, name), join(root, name), { recursive: true })
  for (const name of ['rules', 'policies']) cpSync(join(REPOSITORY, name), join(place, name), { recursive: true })
  symlinkSync(join(REPOSITORY, 'node_modules'), join(place, 'node_modules'))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** The first file of a class, its last byte turned, while `look` looks. */
function flipped<T>(folder: string, look: (path: string) => T): T {
  const entry = readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).find((one) => one.isFile())
  const path = join(entry?.parentPath ?? '', entry?.name ?? '')
  const bytes = readFileSync(path)
  const changed = Buffer.from(bytes)
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
  writeFileSync(path, changed)
  try {
    return look(path)
  } finally {
    writeFileSync(path, bytes)
  }
}
const up = () =>
  spawnSync(process.execPath, [join(root, 'bin/sallyport.js'), 'up', '--state', join(place, 'state')], {
    ...{ encoding: 'utf8', timeout: 20_000 },
    env: { PATH: process.env['PATH'] ?? '', HOME: place },
  })

describe('T-040: the installed program', () => {
  it('is whole as it was built', () => {
    expect(installationState(root)).toEqual({ state: 'whole', changed: [], isCheckout: false })
  })

  it.each(CLASSES)('T-040: one byte of %s is noticed, and nothing starts', (folder) => {
    flipped(folder, () => {
      const state = installationState(root)
      expect(state.changed).toHaveLength(1)
      expect(() => requireWhole(state)).toThrow(expect.objectContaining({ code: 'SP_INTEGRITY_CHANGED' }))
    })
  })

  it('T-040: a file more, a file less, a link in its place, and no list of files are noticed too', () => {
    const extra = join(root, 'bundle/more.js')
    writeFileSync(extra, '')
    expect(installationState(root).changed).toEqual(['bundle/more.js'])
    unlinkSync(extra)
    const program = join(root, 'bin/sallyport.js')
    const text = readFileSync(program)
    unlinkSync(program)
    expect(installationState(root).changed).toEqual(['bin/sallyport.js'])
    writeFileSync(program, text)
    const list = join(root, 'sealed.json')
    const sealed = readFileSync(list)
    for (const damage of ['', '{}', '{"version":1,"folders":[],"files":{}}']) {
      writeFileSync(list, damage)
      const state = installationState(root)
      expect(state.state).toBe('unsealed')
      expect(() => requireWhole(state)).toThrow(expect.objectContaining({ code: 'SP_INTEGRITY_CHANGED' }))
    }
    writeFileSync(list, sealed)
  })

  it('T-040: the program itself says so, with its code, and ends', () => {
    flipped('../../policies', () => {
      const { status, stderr } = up()
      expect([status, stderr]).toEqual([3, expect.stringContaining('SP_INTEGRITY_CHANGED')])
      expect(stderr).toContain('../../policies/')
    })
  })

  it('T-040: who works on the product is told, and goes on', () => {
    const state = { state: 'changed', changed: ['bundle/x.js'], isCheckout: true } as const
    expect(requireWhole(state)).toContain('npm run build')
  })
})
