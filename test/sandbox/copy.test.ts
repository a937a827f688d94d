import { once } from 'node:events'
import { execFileSync, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callers, hasSandbox, namesIn, sallyport, start, workspaceOf, type Ran } from './machine.ts'

const isRoot = process.getuid?.() === 0

/** All that is in a directory: kind, mode, owner and content by path. */
function treeOf(directory: string): Readonly<Record<string, string>> {
  const tree: Record<string, string> = {}
  for (const name of namesIn(directory)) {
    const path = join(directory, name)
    const { mode, uid } = lstatSync(path)
    const kind = lstatSync(path)
    const content = kind.isSymbolicLink()
      ? readlinkSync(path)
      : kind.isFile()
        ? readFileSync(path, 'utf8')
        : 'directory'
    tree[name] = `${(mode & 0o7777).toString(8)} ${uid} ${content}`
  }
  return tree
}

describe.skipIf(!hasSandbox).each(callers)('workspace: copy, as $name', (caller) => {
  let path: string
  let home: string
  let done: () => void
  beforeEach(() => {
    ;({ path, home, done } = workspaceOf(caller))
    put('keep.txt', 'kept\n')
    put('change.txt', 'one\n')
    put('gone/inner/file', 'x')
    put('tool.sh', '#!/bin/sh\n', 0o750)
    put('turns', 'a file')
    put('becomes/file', 'in a directory')
    symlinkSync('keep.txt', join(path, 'link'))
    if (isRoot) execFileSync('chown', ['-Rh', `${caller.uid}:${caller.uid}`, path])
  })
  afterEach(() => done())

  const put = (name: string, text: string, mode = 0o644): void => {
    mkdirSync(join(path, name, '..'), { recursive: true })
    writeFileSync(join(path, name), text)
    chmodSync(join(path, name), mode)
    if (isRoot) chownSync(join(path, name), caller.uid, caller.uid)
  }
  const words = (script: string, flags: readonly string[]): readonly string[] => [
    ...['sandbox', 'exec', '--profile', 'edit', '--workspace', path, ...flags, '--', 'bash', '-c', script],
  ]
  const exec = (script: string, ...flags: string[]): Ran => sallyport(caller, home, words(script, flags))
  const apply = (script: string): Ran => exec(script, '--apply')
  const leftOver = (): readonly string[] => readdirSync(join(home, '.local/share/sallyport/copies'))
  /** Runs up to the point where it says `ready`, then has half a second left. */
  const readied = async (script: string): Promise<ChildProcess> => {
    const child = start(caller, home, words(`${script}; echo ready; sleep 0.5`, ['--apply']))
    await once(child.stdout ?? child, 'data')
    return child
  }
  const ended = async (child: ChildProcess): Promise<{ code: number; err: string }> => {
    let err = ''
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    return { code, err }
  }

  it('E-69: a command works at the workspace’s own path, and nothing of it lands unasked', () => {
    const before = treeOf(path)
    const ran = exec('pwd; echo two >>change.txt; rm -r gone; echo new >new.txt; cat change.txt link')
    expect(ran).toMatchObject({ code: 0, out: `${path}\none\ntwo\nkept\n` })
    expect(ran.err).toMatch(/changed +8 +"change\.txt"/)
    expect(ran.err).toMatch(/nothing landed: give --apply/)
    expect(treeOf(path)).toEqual(before)
    expect(leftOver()).toEqual([])
  })

  it('E-69, INV-4: every kind of change lands, with owner and mode, and nothing else', () => {
    const before = treeOf(path)
    const odd = ['--help', '-rf', 'two words', 'line\nbreak', 'ünïcode-名', '*', 'a;b', '$(x)']
    const ran = apply(`
      echo two >>change.txt; rm -r gone; chmod 640 keep.txt; chmod 700 tool.sh
      rm turns; mkdir -p turns/deep; echo in >turns/deep/f; rm -r becomes; echo now >becomes
      rm link; ln -s change.txt link; ln -s turns/deep/f other; ln -s ../change.txt turns/up
      mkdir -m 555 closed empty; chmod 700 closed; echo c >closed/f; chmod 500 closed
      printf 'a\\0b' >binary
      for n in --help -rf 'two words' $'line\\nbreak' ünïcode-名 '*' 'a;b' '$(x)'; do echo odd >"./$n"; done`)
    expect(ran).toMatchObject({ code: 0 })
    const { uid } = caller
    const expected: Record<string, string> = {
      ...before,
      ...{
        'change.txt': `644 ${uid} one\ntwo\n`,
        'keep.txt': `640 ${uid} kept\n`,
        'tool.sh': `700 ${uid} #!/bin/sh\n`,
      },
      ...{ turns: `755 ${uid} directory`, 'turns/deep': `755 ${uid} directory`, 'turns/deep/f': `644 ${uid} in\n` },
      ...{ becomes: `644 ${uid} now\n`, link: `777 ${uid} change.txt`, other: `777 ${uid} turns/deep/f` },
      ...{ 'turns/up': `777 ${uid} ../change.txt`, empty: `555 ${uid} directory`, closed: `500 ${uid} directory` },
      ...{ 'closed/f': `644 ${uid} c\n`, binary: `644 ${uid} a\0b` },
      ...Object.fromEntries(odd.map((name) => [name, `644 ${uid} odd\n`])),
    }
    for (const name of ['gone', 'gone/inner', 'gone/inner/file', 'becomes/file']) delete expected[name]
    expect(treeOf(path)).toEqual(expected)
    expect(leftOver()).toEqual([])
    chmodSync(join(path, 'closed'), 0o700)
  })

  it('E-69: what ended with another code than 0 does not land', () => {
    const before = treeOf(path)
    expect(apply('echo x >new; exit 3')).toMatchObject({ code: 3 })
    expect(treeOf(path)).toEqual(before)
  })

  it.each([
    ['.envrc', 'echo x >.envrc'],
    ['.vscode', 'mkdir .vscode && echo {} >.vscode/tasks.json'],
    ['.git', 'mkdir -p .git/hooks && echo x >.git/hooks/pre-commit'],
    ['.git/commondir', 'mkdir .git && echo /elsewhere >.git/commondir'],
    ['.ENVRC', 'echo x >.ENVRC'],
    ['.github', 'mkdir -p .github/workflows && echo x >.github/workflows/ci.yml'],
    ['.github', 'mkdir -p elsewhere/workflows && ln -s elsewhere .github'],
    ['sub/.mcp.json', 'mkdir sub && echo {} >sub/.mcp.json'],
    ['sub/.git', 'mkdir sub && echo gitdir: x >sub/.git'],
    ['bare', 'mkdir -p bare/objects bare/refs && touch bare/HEAD && echo x >bare/config'],
    [
      '.sallyport-landing',
      'mkdir .sallyport-landing; echo x >.sallyport-landing/x; mkdir d && mv .sallyport-landing d',
    ],
    ['absolute', 'ln -s /etc/passwd absolute'],
    ['upwards', 'mkdir a && ln -s ../../outside a/upwards'],
    ['through', 'ln -s . here; ln -s here/../../x through'],
    ['around', 'ln -s b a; ln -s a b'],
    ['pipe', 'mkfifo pipe'],
    ['a name that is no text', "touch $'bad\\xff'"],
    ['unreadable', caller.name === 'root' ? 'mkfifo unreadable' : 'echo x >unreadable; chmod 0 unreadable'],
  ])('T-041, T-140, T-141: %s never lands, nor anything with it', (_, script) => {
    const before = treeOf(path)
    const ran = apply(`echo fine >fine.txt; ${script}`)
    expect(ran).toMatchObject({ code: 125 })
    expect(ran.err).toMatch(/SP_SANDBOX_LANDING/)
    expect(treeOf(path)).toEqual(before)
    expect(leftOver()).toEqual([])
  })

  it('T-041: what is protected and there is read-only in the copy as well', () => {
    put('.git/hooks/pre-commit.sample', '')
    put('.git/config', '[core]\n')
    put('.git/objects/.keep', '')
    if (isRoot) execFileSync('chown', ['-R', `${caller.uid}:${caller.uid}`, path])
    const ran = apply('(echo x >.git/hooks/x); (echo x >>.git/config); mv .git other; echo o >.git/objects/o; true')
    expect(ran.code).toBe(0)
    expect(existsSync(join(path, '.git/objects/o'))).toBe(true)
    expect(readdirSync(join(path, '.git/hooks'))).toEqual(['pre-commit.sample'])
  })

  it('T-140: what a protected name leads to through a link is protected', () => {
    put('hooks/pre-commit', 'true\n')
    symlinkSync('hooks', join(path, '.husky'))
    const ran = apply('echo evil >>hooks/pre-commit')
    expect(ran).toMatchObject({ code: 125 })
    expect(readFileSync(join(path, 'hooks/pre-commit'), 'utf8')).toBe('true\n')
  })

  it('T-140: links and special files of the workspace are not followed, set-id bits are not copied and do not land', () => {
    mkdirSync(join(home, 'outside'))
    writeFileSync(join(home, 'outside/secret'), 'canary')
    symlinkSync(join(home, 'outside'), join(path, 'out'))
    execFileSync('mkfifo', [join(path, 'pipe')])
    put('set-id', 'old', 0o4755)
    const ran = apply('cat out/secret; ls; stat -c %a set-id; echo new >set-id; chmod 4755 set-id')
    expect(ran.out).not.toMatch(/canary|pipe/)
    expect(ran.out).toMatch(/^755$/m)
    expect(ran.code).not.toBe(0)
    expect(apply('echo new >set-id; true').code).toBe(0)
    expect(treeOf(path)).toMatchObject({ 'set-id': `755 ${caller.uid} new\n`, out: expect.any(String) as string })
    expect(lstatSync(join(path, 'pipe')).isFIFO()).toBe(true)
  })

  it('T-140: a workspace that changed meanwhile keeps its change, and nothing lands', async () => {
    for (const [meanwhile, script] of [
      [() => put('change.txt', 'theirs\n'), 'echo mine >change.txt; echo x >other.txt'],
      [() => put('other.txt', 'theirs\n'), 'echo mine >other.txt; echo x >change.txt'],
      [() => put('gone/new', 'theirs\n'), 'rm -r gone; echo x >change.txt'],
      [() => chmodSync(join(path, 'keep.txt'), 0o600), 'rm keep.txt; echo x >change.txt'],
    ] as const) {
      const child = await readied(script)
      meanwhile()
      const before = treeOf(path)
      const { code, err } = await ended(child)
      expect({ code, conflict: /SP_SANDBOX_CONFLICT/.test(err) }).toEqual({ code: 125, conflict: true })
      expect(treeOf(path)).toEqual(before)
    }
    expect(leftOver()).toEqual([])
  }, 30_000)

  it('T-140: of two copies in conflict one lands, and two that do not meet land both', async () => {
    const both = await Promise.all([readied('echo a >change.txt; echo a >a'), readied('echo b >change.txt; echo b >b')])
    const codes = (await Promise.all(both.map(ended))).map(({ code }) => code)
    expect([...codes].sort((a, b) => a - b)).toEqual([0, 125])
    const won = codes[0] === 0 ? 'a' : 'b'
    expect(readFileSync(join(path, 'change.txt'), 'utf8')).toBe(`${won}\n`)
    expect(readdirSync(path).filter((name) => name === 'a' || name === 'b')).toEqual([won])
    const apart = await Promise.all([readied('echo 1 >first'), readied('echo 2 >second')])
    expect((await Promise.all(apart.map(ended))).map(({ code }) => code)).toEqual([0, 0])
    expect(readdirSync(path)).toEqual(expect.arrayContaining(['first', 'second']))
    expect(leftOver()).toEqual([])
  }, 30_000)

  it('E-69: a workspace beyond the limits is refused before anything runs, and a copy beyond them does not land', () => {
    const profile = join(home, 'small.yaml')
    writeFileSync(profile, 'extends: edit\nlimits: { copySize: 5000, copyEntries: 40 }\n')
    chmodSync(profile, 0o644)
    const small = (script: string): Ran =>
      sallyport(
        caller,
        home,
        words(script, ['--apply']).map((word) => (word === 'edit' ? profile : word)),
      )
    const before = treeOf(path)
    expect(small('head -c 6000 /dev/zero >big').err).toMatch(/SP_SANDBOX_LANDING.*5000 bytes/)
    expect(small('for i in {1..50}; do echo >f$i; done').err).toMatch(/SP_SANDBOX_LANDING.*40 entries/)
    expect(small(`p=.; for i in {1..140}; do p=$p/d; done; mkdir -p $p`).err).toMatch(/SP_SANDBOX_LANDING/)
    expect(treeOf(path)).toEqual(before)
    put('big', 'x'.repeat(6_000))
    const ran = small('echo ran')
    expect(ran).toMatchObject({ code: 125, out: '' })
    expect(ran.err).toMatch(/SP_SANDBOX_COPY.*5000 bytes/)
    expect(leftOver()).toEqual([])
  })

  it('T-144: a copy that was made hard to remove is removed', () => {
    const ran = exec(
      'mkdir -p shut/in; echo x >shut/in/f; chmod 0 shut/in shut; perl -e "mkdir(q(d)), chdir(q(d)) for 1 .. 3000"',
    )
    expect(ran.err).toMatch(/SP_SANDBOX_LANDING/)
    expect(leftOver()).toEqual([])
  })

  it('T-138: nobody else gets to a copy, and one whose maker was killed is removed at the next use', async () => {
    const child = start(caller, home, words('echo ready; sleep 30', []))
    await once(child.stdout ?? child, 'data')
    expect(leftOver()).toHaveLength(1)
    const place = join(home, '.local/share/sallyport/copies')
    for (const name of ['', ...leftOver()]) {
      const { mode, uid } = lstatSync(join(place, name))
      expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o700, uid: caller.uid })
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(leftOver()).toHaveLength(1)
    expect(exec('true').code).toBe(0)
    expect(leftOver()).toEqual([])
  })

  it('SEC-6.3: --json-status says that it is a copy, and how it was made', () => {
    const { out } = exec('true', '--json-status', '1')
    expect(JSON.parse(out)).toMatchObject({
      workspace: 'copy',
      copy: expect.stringMatching(/^(reflink|plain)$/) as string,
    })
  })

  it.runIf(isRoot)('E-69: a disk that fills up while the copy is taken is said, and nothing runs or stays', () => {
    const state = join(home, '.local/share/sallyport')
    mkdirSync(state, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=256k,uid=${caller.uid},gid=${caller.uid}`, 'none', state])
    try {
      put('big', 'x'.repeat(1_000_000))
      const ran = apply('echo ran')
      expect(ran).toMatchObject({ code: 125, out: '' })
      expect(ran.err).toMatch(/SP_SANDBOX_COPY.*ENOSPC/)
      expect(leftOver()).toEqual([])
    } finally {
      execFileSync('umount', [state])
    }
  })

  it.runIf(isRoot)('E-69: a disk that fills up while changes land leaves the workspace as it was', () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=256k,uid=${caller.uid},gid=${caller.uid}`, 'none', path])
    try {
      put('f', 'old')
      put('d/g', 'old')
      chownSync(join(path, 'd'), caller.uid, caller.uid)
      const before = treeOf(path)
      const ran = apply('rm -r d; echo new >f; echo x >a; head -c 1000000 /dev/urandom >big; mkdir new; echo y >new/y')
      expect(ran.err).toMatch(/SP_SANDBOX_LANDING.*"big".*ENOSPC/)
      expect(ran.code).toBe(125)
      expect(treeOf(path)).toEqual(before)
      expect(leftOver()).toEqual([])
      expect(apply('rm -r d; echo new >f').code).toBe(0)
      expect(treeOf(path)).toEqual({ f: `644 ${caller.uid} new\n` })
    } finally {
      execFileSync('umount', [path])
    }
  })
})
