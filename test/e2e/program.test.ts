import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const inPackage = (path: string): string => fileURLToPath(new URL(`../../packages/gateway/${path}`, import.meta.url))

test('without its bundle the program runs nothing else and says how to build it', () => {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-program-'))
  try {
    cpSync(inPackage('bin'), join(place, 'bin'), { recursive: true })
    const ran = spawnSync(process.execPath, [join(place, 'bin/sallyport.js'), 'version'], { encoding: 'utf8' })
    expect(ran).toMatchObject({ status: 3, stdout: '' })
    expect(ran.stderr).toContain('npm run build')
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})

test('the bundle names no directory of the machine it was made on', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const files = readdirSync(inPackage('bundle'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  )
  expect(files.length).toBeGreaterThan(50)
  expect(files.filter((name) => readFileSync(inPackage(`bundle/${name}`), 'utf8').includes(root))).toEqual([])
})
