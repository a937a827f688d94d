import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from './diagram.ts'

const place = mkdtempSync(join(tmpdir(), 'sallyport-changed-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
const GATE = 'packages/gateway/src/control/content/gate.ts'
let root: string
let number = 0

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
  })
const put = (path: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), `${++number}\n`)
}
const commit = (message: string, ...paths: readonly string[]): void => {
  for (const path of paths) put(path)
  git('add', '-A')
  git('commit', '-q', '--allow-empty', '-m', message)
}
const check = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts/check-tests-changed.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })

beforeEach(() => {
  root = join(place, `repo-${++number}`)
  mkdirSync(root)
  git('init', '-q', '-b', 'main')
  commit('start', GATE, 'README.md')
  git('checkout', '-qb', 'work')
})

describe('AC-7.3.3: a change in a security module needs a change in tests', () => {
  test('alone it fails, and is named', () => {
    commit('x', GATE)
    const { status, stderr } = check()
    expect([status, stderr.includes(GATE)]).toEqual([1, true])
  })

  test('not committed it fails too, and so does a file that git does not know yet, and a removed one', () => {
    put(GATE)
    expect(check().status).toBe(1)
    git('checkout', '-q', '.')
    put('packages/gateway/src/custody/new.ts')
    expect(check().status).toBe(1)
    rmSync(join(root, 'packages/gateway/src/custody'), { recursive: true })
    git('rm', '-q', GATE)
    expect(check().status).toBe(1)
  })

  test.each([
    ['a test beside it', [GATE, 'packages/gateway/src/control/content/gate.test.ts'], 'x'],
    ['a test across modules', [GATE, 'test/content/gateway.test.ts'], 'x'],
    ['a reason', [GATE], 'x\n\nTests: not needed, because only a comment changed'],
    ['other files', ['README.md', 'packages/gateway/src/cli/main.ts'], 'x'],
  ])('with %s it passes', (_name, paths, message) => {
    commit(message, ...paths)
    expect(check().status).toBe(0)
  })

  test.each([
    'x\n\nTests: not needed',
    'x\n\nTests: not needed, because no',
    'see Tests: not needed, because only a comment changed',
  ])('this is no reason: %j', (message) => {
    commit(message, GATE)
    expect(check().status).toBe(1)
  })

  test('a reason on main is none for the work on top of it', () => {
    git('checkout', '-q', 'main')
    commit('x\n\nTests: not needed, because only a comment changed')
    git('checkout', '-qb', 'other')
    commit('y', GATE)
    expect(check().status).toBe(1)
  })

  test('without a common commit it is not verified; for a pull request that is red', () => {
    git('checkout', '-q', '--orphan', 'alone')
    git('branch', '-qD', 'main')
    commit('z', GATE)
    expect(check().stdout).toContain('not verified')
    expect([check().status, check(['nothing']).status, check([], { GITHUB_BASE_REF: 'main' }).status]).toEqual([
      0, 3, 3,
    ])
  })
})
