import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { callers, hasSandbox, processesWith, sallyport, start, workspaceOf } from './machine.ts'

const fixture = (name: string): string => new URL(`fixtures/${name}`, import.meta.url).pathname
/** How often a race is run. */
const ROUNDS = 25

describe.skipIf(!hasSandbox).each(callers)('ways out that were found, as $name', (caller) => {
  const { path, home, done } = workspaceOf(caller)
  afterAll(done)
  const exec = (command: readonly string[], flags: readonly string[] = []) =>
    sallyport(caller, home, ['sandbox', 'exec', '--workspace', path, ...flags, '--', ...command])
  const own = (file: string): void => chownSync(file, caller.uid, caller.uid)

  /** Starts a sandbox again and again while two names are exchanged; none may show the canary. */
  async function race(names: readonly [string, string], workspace: string, script: string): Promise<void> {
    const flipping = spawn('python3', [fixture('flip.py'), ...names, '25'])
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const ran = sallyport(caller, home, ['sandbox', 'exec', '--workspace', workspace, '--', 'sh', '-c', script])
        expect(ran.out).not.toContain('canary')
        await sleep(7)
      }
    } finally {
      flipping.kill('SIGKILL')
    }
  }

  it.skipIf(process.arch !== 'x64')(
    'T-138: who rewrites the first process of the sandbox does not outlive it',
    async () => {
      copyFileSync(fixture('hijack-first.py'), join(path, 'hijack.py'))
      const mark = `mark-${caller.name}-hijack`
      expect(exec(['python3', 'hijack.py', mark]).out).toContain('hijacked')
      await sleep(200)
      expect(processesWith(mark)).toEqual([])
      const child = start(caller, home, [
        'sandbox',
        'exec',
        '--workspace',
        path,
        '--',
        'python3',
        'hijack.py',
        mark,
        'quiet',
      ])
      await new Promise((resolve) => child.stdout?.once('data', resolve))
      child.kill('SIGKILL')
      await sleep(500)
      expect(processesWith(mark)).toEqual([])
    },
    30_000,
  )

  it('T-140: a workspace that is exchanged for a link while a sandbox starts shows nothing else', async () => {
    const [outer, secret] = [join(path, 'outer'), join(home, 'secret')]
    for (const each of [outer, join(outer, 'sub'), secret]) {
      mkdirSync(each)
      own(each)
    }
    writeFileSync(join(secret, 'key'), 'canary-of-the-secret')
    own(join(secret, 'key'))
    symlinkSync(secret, join(outer, 'link'))
    await race([join(outer, 'sub'), join(outer, 'link')], join(outer, 'sub'), 'cat key; echo x >written')
    expect(readdirSync(secret)).toEqual(['key'])
  }, 60_000)

  it('T-140: a protected name that is exchanged for a link shows nothing else', async () => {
    const [secret, work] = [join(home, 'secret2'), join(path, 'racing')]
    for (const each of [secret, work, join(work, '.git')]) {
      mkdirSync(each)
      own(each)
    }
    writeFileSync(join(secret, 'key'), 'canary-of-the-secret')
    symlinkSync(secret, join(work, 'link'))
    const script = 'cat .git/key link/key; echo x >.git/written; echo x >link/written'
    await race([join(work, '.git'), join(work, 'link')], work, script)
    expect(readdirSync(secret)).toEqual(['key'])
  }, 60_000)

  it('T-041: git on the host obeys nothing that a command put into the repository', () => {
    const repository = join(path, 'repository')
    mkdirSync(repository)
    own(repository)
    const git = (...words: string[]) =>
      spawnSync('git', ['-c', 'safe.directory=*', '-C', repository, ...words], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', HOME: home },
      })
    expect(
      sallyport(caller, home, ['sandbox', 'exec', '--workspace', repository, '--', 'git', 'init', '-q', '.']).code,
    ).toBe(0)
    const evil = '[core]\\n\\trepositoryformatversion = 0\\n\\tfsmonitor = \\"touch pwned; false\\"\\n'
    const attempts = [
      `cp -r .git evil && printf "${evil}" >evil/config && echo ../evil >.git/commondir`,
      `printf "${evil}" >.git/config.worktree; git config extensions.worktreeConfig true`,
      'echo "touch pwned" >.git/hooks/post-index-change && chmod +x .git/hooks/post-index-change',
      'git config core.fsmonitor "touch pwned; false"',
      'mv .git .git-old; cp -r .git-old .git',
    ]
    for (const attempt of attempts) {
      const ran = sallyport(caller, home, ['sandbox', 'exec', '--workspace', repository, '--', 'sh', '-c', attempt])
      git('status', '--short')
      expect(existsSync(join(repository, 'pwned')), attempt).toBe(false)
      if (attempt.includes('commondir')) expect(ran.err).toContain('.git/commondir.from-sandbox')
    }
    // what a day of work needs still goes
    const work =
      'echo a >a; git add a && git -c user.name=a -c user.email=a@example.com commit -qm x && git checkout -qb b && git log --oneline'
    expect(
      sallyport(caller, home, ['sandbox', 'exec', '--workspace', repository, '--', 'sh', '-c', work]).out,
    ).toContain(' x')
  })

  it('T-041: what a program outside obeys, made where nothing was, has another name afterwards', () => {
    const made = (name: string, script: string): { readonly at: string; readonly err: string } => {
      const at = join(path, name)
      mkdirSync(at)
      own(at)
      return { at, err: sallyport(caller, home, ['sandbox', 'exec', '--workspace', at, '--', 'sh', '-c', script]).err }
    }
    const evil =
      'git config core.fsmonitor "touch pwned; false"; echo "touch pwned" >.git/hooks/post-index-change; chmod +x .git/hooks/*'
    const fresh = made('fresh', `git init -q .; ${evil}; mkdir .vscode .claude; echo x >.envrc; echo '{}' >.mcp.json`)
    for (const name of ['.vscode', '.claude', '.envrc', '.mcp.json', '.git/config', '.git/hooks/post-index-change']) {
      expect(existsSync(join(fresh.at, name)), name).toBe(false)
      expect(fresh.err).toContain(`${name}.from-sandbox`)
    }
    const honest = made(
      'honest',
      'git init -q . && git config user.name a && git remote add origin https://a.example/b.git',
    )
    expect(honest.err).toBe('')
    const led = made(
      'led',
      'mkdir evil; cd evil; git init -q .; git config core.fsmonitor "touch pwned; false"; cd ..; ln -s evil/.git .git',
    )
    const pointed = made(
      'pointed',
      'mkdir evil; cd evil; git init -q .; git config core.fsmonitor "touch pwned"; cd ..; echo "gitdir: evil/.git" >.git',
    )
    const out = made('out', `ln -s ${home} .git`)
    for (const { at, err } of [led, pointed, out]) {
      expect(existsSync(join(at, '.git'))).toBe(false)
      expect(err).toContain('.git.from-sandbox')
    }
    for (const { at } of [fresh, led, pointed]) {
      const env = { PATH: process.env['PATH'] ?? '', HOME: home }
      spawnSync('git', ['-c', 'safe.directory=*', '-C', at, 'status'], { env })
      spawnSync('git', ['-c', 'safe.directory=*', '-C', at, 'add', '-A'], { env })
      expect(existsSync(join(at, 'pwned'))).toBe(false)
    }
  })

  it('SEC-6.3: a wall that goes away while it runs ends it: a guarded file that is replaced outside is not guarded any more', async () => {
    const at = join(path, 'replaced')
    for (const each of [at, join(at, '.git')]) {
      mkdirSync(each)
      own(each)
    }
    writeFileSync(join(at, '.git/config'), '')
    own(join(at, '.git/config'))
    const script = `echo ready; until echo '[alias] st = !evil' >.git/config; do sleep 0.01; done 2>/dev/null; sleep 20`
    const child = start(caller, home, ['sandbox', 'exec', '--workspace', at, '--', 'sh', '-c', script])
    let err = ''
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()))
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    writeFileSync(join(at, '.git/new'), '')
    own(join(at, '.git/new'))
    renameSync(join(at, '.git/new'), join(at, '.git/config'))
    const began = performance.now()
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(137)
    expect(performance.now() - began).toBeLessThan(4_000)
    expect(err).toContain('SP_SANDBOX_LOST')
    // it was ended before it wrote, or what it wrote has another name
    const config = join(at, '.git/config')
    expect(existsSync(config) ? readFileSync(config, 'utf8') : '').toBe('')
  }, 20_000)

  it('T-041: a work tree whose repository lies elsewhere is worked on like any other', () => {
    const at = join(path, 'work-tree')
    mkdirSync(at)
    own(at)
    writeFileSync(join(at, '.git'), 'gitdir: ../elsewhere/.git/worktrees/x\n')
    own(join(at, '.git'))
    const ran = sallyport(caller, home, ['sandbox', 'exec', '--workspace', at, '--', 'sh', '-c', 'echo made >file'])
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(readFileSync(join(at, '.git'), 'utf8')).toContain('gitdir')
  })

  it('T-041: a repository that cannot be guarded is refused', () => {
    const [linked, shared, named] = ['linked', 'shared', 'named'].map((name) => join(path, name)) as [
      string,
      string,
      string,
    ]
    for (const each of [linked, join(linked, 'real'), shared, join(shared, '.git'), named, join(named, 'away')]) {
      mkdirSync(each)
      own(each)
    }
    symlinkSync('real', join(linked, '.git'))
    writeFileSync(join(shared, '.git/config'), '')
    linkSync(join(shared, '.git/config'), join(shared, 'second-name'))
    for (const bad of [linked, shared]) {
      const ran = sallyport(caller, home, ['sandbox', 'exec', '--workspace', bad, '--', 'true'])
      expect({ bad, code: ran.code, why: /SP_SANDBOX_WORKSPACE/.test(ran.err) }).toEqual({ bad, code: 125, why: true })
    }
    writeFileSync(join(named, '.git'), 'gitdir: away\n')
    writeFileSync(join(named, 'away/config'), '')
    const ran = sallyport(caller, home, [
      'sandbox',
      'exec',
      '--workspace',
      named,
      '--',
      'sh',
      '-c',
      'echo x >>away/config',
    ])
    expect(ran.code).not.toBe(0)
    expect(readFileSync(join(named, 'away/config'), 'utf8')).toBe('')
  })

  it('T-041: a directory that holds protected ones cannot be moved away', () => {
    mkdirSync(join(path, '.github/workflows'), { recursive: true })
    for (const each of ['.github', '.github/workflows']) own(join(path, each))
    expect(exec(['mv', '.github', 'x']).code).not.toBe(0)
    expect(exec(['sh', '-c', 'echo x >.github/other']).code).toBe(0)
  })

  it('T-141: no set-user-id file by way of one without a name, and no device by way of a rename', () => {
    const script =
      'import ctypes, os\nlibc = ctypes.CDLL(None)\nos.umask(0)\nopen("old", "w")\nlibc.renameat2(-100, b"old", -100, b"new", 4)\nfd = os.open(".", 0o20200000 | os.O_RDWR, 0o6777)\nlibc.linkat(-100, f"/proc/self/fd/{fd}".encode(), -100, b"set", 0x400)'
    exec(['python3', '-c', script])
    const odd = readdirSync(path).filter((name) => {
      const found = lstatSync(join(path, name))
      return (found.mode & 0o6000) !== 0 || found.isCharacterDevice()
    })
    expect(odd).toEqual([])
  })

  it('T-138: a directory as a stream is no way out', () => {
    const line = caller.line(['sandbox', 'exec', '--workspace', path, '--', 'sh', '-c', 'ls /proc/self/fd/0/'])
    const ran = sallyport({ ...caller, line: () => ['sh', '-c', 'exec "$@" </usr', 'sh', ...line] }, home, [])
    expect({ code: ran.code, out: ran.out }).toEqual({ code: 125, out: '' })
  })

  it('T-142: what cannot be told is not run, and limits that are none are refused', () => {
    for (const fd of ['77', '12', '0', 'x']) {
      expect(exec(['sh', '-c', 'echo ran >ran-untold'], ['--json-status', fd]).code, fd).toBe(125)
    }
    expect(existsSync(join(path, 'ran-untold'))).toBe(false)
    for (const limits of ['cpus: 100000000000', 'seconds: 3000000', 'memory: -1']) {
      writeFileSync(join(home, 'wide.yaml'), `extends: work\nlimits: { ${limits} }\n`)
      expect(exec(['true'], ['--profile', join(home, 'wide.yaml')]).err, limits).toContain('SP_SANDBOX_PROFILE')
    }
    for (const readable of ['/proc', '/run/user', '/dev', '/root']) {
      writeFileSync(join(home, 'shows.yaml'), `extends: work\nreadable: [${readable}]\n`)
      chmodSync(join(home, 'shows.yaml'), 0o644)
      expect(exec(['true'], ['--profile', join(home, 'shows.yaml')]).err, readable).toContain('SP_SANDBOX_PROFILE')
    }
  })
})
