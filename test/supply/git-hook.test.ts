import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CliIo, CliOptions } from '../../packages/gateway/src/cli/command.ts'
import { run } from '../../packages/gateway/src/cli/hook/git/git.ts'

const KEY = ['ghp', 'R7qZ4WJx2mTn5KLpQ8vB3cXyD6fG9hS1aE0u'].join('_')
const BAD = 'import os\nos.system(input())\n'
let root: string

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
  })
const put = (path: string, content: string | Uint8Array): void => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-git-'))
  git('init', '-q', '-b', 'main')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function hook(options: CliOptions = {}) {
  const [said, told]: [string[], string[]] = [[], []]
  const io = { out: (text: string) => said.push(text), err: (text: string) => told.push(text), json: true, cwd: root }
  const code = await run(io as unknown as CliIo, [], options)
  const { findings = [], submodules = [] } = JSON.parse(said.join('') || '{}')
  return {
    code,
    told: told.join('\n'),
    submodules,
    found: findings.map(
      ({ path, rule }: { path: string; rule: string }) => `${path} ${rule.split('.').slice(0, 2).join('.')}`,
    ),
  }
}

describe('hook git', () => {
  test('AC-7.5.1: a secret that is staged stops the commit, in a file of any kind', async () => {
    put('notes.txt', `token ${KEY}\n`)
    put('app/config.yaml', `a: 1\ntoken: ${KEY}\n`)
    put('data.bin', Buffer.concat([Buffer.from([0, 1, 2, 255]), Buffer.from(` ${KEY} `), Buffer.from([0])]))
    put('utf16.txt', Buffer.from(`\ufefftoken ${KEY}\n`, 'utf16le'))
    put('with "quotes" and\nnewline.txt', `token ${KEY}\n`)
    git('add', '-A')
    const { code, found } = await hook()
    expect(code).toBe(1)
    expect(found.map((one: string) => one.replace(/ secret\..*/, ''))).toEqual([
      'app/config.yaml',
      'data.bin',
      'notes.txt',
      'utf16.txt',
      'with "quotes" and\nnewline.txt',
    ])
  })

  test('AC-7.5.3: dangerous code that is staged stops it too; what is fine does not', async () => {
    put('bad.py', BAD)
    git('add', '-A')
    expect((await hook()).found).toEqual(['bad.py code.dangerous_execution'])
    put('bad.py', 'print(1)\n')
    git('add', '-A')
    expect((await hook()).code).toBe(0)
  })

  test('AC-7.5.3 T-145: a program is one by its name or first line, whatever bytes are in it', async () => {
    put('nul.py', `${BAD}#\0\n`)
    put('begins.py', `ID3 = 1 # \u0001\n${BAD}`)
    put('run.prod', `#!/usr/bin/env python3\n${BAD}`)
    put('marked.sh', Buffer.concat([Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from('eval "$1"\n')]))
    git('add', '-A')
    expect((await hook()).found).toEqual([
      'begins.py code.dangerous_execution',
      'marked.sh code.unanalysable',
      'nul.py code.dangerous_execution',
      'nul.py code.unanalysable',
      'run.prod code.dangerous_execution',
    ])
  })

  test('AC-7.5.1: the index is scanned, not the work tree: cleaning or hiding a file after staging changes nothing', async () => {
    put('a.py', BAD)
    git('add', '-A')
    put('a.py', 'print(1)\n')
    expect((await hook()).code).toBe(1)
    rmSync(join(root, 'a.py'))
    expect((await hook()).code).toBe(1)
    put('.gitignore', 'a.py\n')
    expect((await hook()).code).toBe(1)
    git('rm', '-q', '--cached', 'a.py')
    put('a.py', BAD)
    expect((await hook()).code).toBe(0)
  })

  test('AC-7.5.4: what the baseline knows is silent, also after a move and an edit above it; a new one is loud', async () => {
    put('old.py', BAD)
    git('add', '-A')
    expect((await hook({ writeBaseline: true })).code).toBe(0)
    // not staged: it does not count
    expect((await hook()).code).toBe(1)
    git('add', '-A')
    expect((await hook()).code).toBe(0)
    git('commit', '-qm', 'one')
    put('old.py', `# a line above\n${BAD}`)
    git('add', '-A')
    expect((await hook()).code).toBe(0)
    git('commit', '-qm', 'two')
    mkdirSync(join(root, 'moved'))
    renameSync(join(root, 'old.py'), join(root, 'moved/new.py'))
    git('add', '-A')
    expect((await hook()).code).toBe(0)
    put('moved/new.py', `# a line above\n${BAD}eval(input())\n`)
    git('add', '-A')
    expect((await hook()).found).toEqual(['moved/new.py code.dangerous_execution'])
  })

  test('AC-7.5.4: reasons in a baseline outlive its next writing; a damaged one stops everything', async () => {
    put('old.py', BAD)
    git('add', '-A')
    await hook({ writeBaseline: true })
    const file = join(root, '.sallyport-baseline.json')
    const baseline = JSON.parse(readFileSync(file, 'utf8'))
    baseline.findings[0].reason = 'a sample of what not to do'
    writeFileSync(file, JSON.stringify(baseline))
    await hook({ writeBaseline: true })
    expect(readFileSync(file, 'utf8')).toContain('a sample of what not to do')
    writeFileSync(file, '<<<<<<< HEAD\n')
    git('add', '-A')
    await expect(hook()).rejects.toMatchObject({ code: 'SP_SCAN_BASELINE' })
  })

  test('AC-7.5.1: a program that cannot be read stops the commit, and only these bytes can be accepted', async () => {
    put('broken.py', Uint8Array.of(0x61, 0xff, 0x0a))
    git('add', '-A')
    expect(await hook()).toMatchObject({ code: 3, found: ['broken.py code.unanalysable'] })
    await hook({ writeBaseline: true })
    git('add', '-A')
    expect((await hook()).code).toBe(0)
    put('broken.py', Uint8Array.of(0x62, 0xff, 0x0a))
    git('add', '-A')
    expect((await hook()).code).toBe(3)
  })

  test('AC-7.5.1: a file too large to be looked into stops the commit', async () => {
    put('huge.txt', Buffer.alloc((16 << 20) + 1, 0x61))
    git('add', '-A')
    expect(await hook()).toMatchObject({ code: 3, found: ['huge.txt code.unanalysable'] })
  })

  test('a submodule is told of; a link is text; a deleted file is nothing', async () => {
    put('gone.txt', 'x')
    git('add', '-A')
    git('commit', '-qm', 'one')
    rmSync(join(root, 'gone.txt'))
    git('add', '-A')
    git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD').trim()},vendor/other`)
    const target = execFileSync('git', ['hash-object', '-w', '--stdin'], {
      cwd: root,
      input: `/x/${KEY}`,
      encoding: 'utf8',
    }).trim()
    git('update-index', '--add', '--cacheinfo', `120000,${target},link.py`)
    const { code, found, submodules, told } = await hook()
    expect([code, found.length, submodules]).toEqual([1, 1, ['vendor/other']])
    expect(told).toContain('was not scanned')
  })

  test('AC-7.5.1: a merge that is not finished and a folder without git are errors, never clean', async () => {
    put('a.txt', '1\n')
    git('add', '-A')
    git('commit', '-qm', 'one')
    git('checkout', '-qb', 'side')
    put('a.txt', '2\n')
    git('commit', '-qam', 'two')
    git('checkout', '-q', 'main')
    put('a.txt', '3\n')
    git('commit', '-qam', 'three')
    spawnSync('git', ['merge', 'side'], { cwd: root })
    await expect(hook()).rejects.toMatchObject({ code: 'SP_HOOK_GIT' })
    rmSync(join(root, '.git'), { recursive: true })
    await expect(hook()).rejects.toMatchObject({ code: 'SP_HOOK_GIT' })
  })

  test('AC-7.5.1: the installed hook stops `git commit`, one that cannot start stops it too, and no other hook is touched', async () => {
    expect((await hook({ install: true })).code).toBe(0)
    const file = join(root, '.git/hooks/pre-commit')
    expect(existsSync(join(root, '.git/hooks/pre-merge-commit'))).toBe(true)
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^#!\/bin\/sh\n# Sallyport[^\n]*\nexec '[^']+' '[^']+' hook git\n$/)
    put('a.txt', 'x\n')
    git('add', '-A')
    writeFileSync(file, text.replace(/^exec .*/m, "exec '/nowhere/node' hook git"))
    expect(spawnSync('git', ['commit', '-m', 'x'], { cwd: root }).status).not.toBe(0)
    expect(spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root }).status).not.toBe(0)
    writeFileSync(file, '#!/bin/sh\necho mine\n')
    chmodSync(file, 0o755)
    await expect(hook({ install: true })).rejects.toMatchObject({ code: 'SP_CLI_USAGE' })
    expect(readFileSync(file, 'utf8')).toContain('mine')
  })

  test('AC-7.5.1: --all looks at everything that is committed: for CI', async () => {
    put('a.txt', `token ${KEY}\n`)
    git('add', '-A')
    git('commit', '-qm', 'one')
    expect((await hook()).code).toBe(0)
    expect((await hook({ all: true })).code).toBe(1)
  })
})
