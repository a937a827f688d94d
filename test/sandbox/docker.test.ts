import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { asked, startEngine, withEngine, type TestEngine } from './engine.ts'
import { callers, processesWith, sallyport, start, workspaceOf } from './machine.ts'

const fixture = (name: string): string => new URL(`fixtures/${name}`, import.meta.url).pathname
const started = await startEngine()
if (typeof started === 'string') process.stderr.write(`NOT VERIFIED: a Docker engine, because ${started}.\n`)
const here: readonly TestEngine[] = typeof started === 'string' ? [] : [started]

describe.each(here)('a Docker engine', (engine) => {
  const [root] = callers
  if (root === undefined) throw new Error('nobody is here')
  const caller = withEngine(root, engine.socket)
  const { path, home, done } = workspaceOf(caller)
  afterAll(async () => {
    done()
    await engine.stop()
  })
  const words = (command: readonly string[], workspace = path): readonly string[] => [
    ...['sandbox', 'exec', '--backend', 'docker', '--workspace', workspace, '--', ...command],
  ]
  const exec = (command: readonly string[], workspace?: string) => sallyport(caller, home, words(command, workspace))
  const made = async (): Promise<readonly string[]> => {
    const all = JSON.parse(await asked(engine.socket, '/containers/json?all=true')) as readonly { Names: string[] }[]
    return all.flatMap(({ Names }) => Names)
  }
  const gone = async (): Promise<readonly string[]> => {
    for (let tries = 0; tries < 50 && (await made()).length > 0; tries++) await sleep(100)
    return made()
  }
  /** Makers that are gone and have left something mounted. */
  const leftShown = (): readonly string[] =>
    readdirSync('/run/sallyport-shown')
      .map((name) => name.split('.')[0] ?? '')
      .filter((pid) => !existsSync(`/proc/${pid}`))
  let sockets = 0
  /** A command in a container of an engine that changes what it is asked for. */
  async function through(change: string): Promise<{ readonly code: number; readonly err: string }> {
    const socket = join(home, `changed-${sockets++}`)
    rmSync(join(path, 'ran'), { force: true })
    const proxy = spawn(process.execPath, [fixture('changed-engine.mjs'), socket, engine.socket, change])
    await once(proxy.stdout, 'data')
    try {
      return sallyport(withEngine(root ?? caller, socket), home, words(['sh', '-c', 'echo ran >ran']))
    } finally {
      proxy.kill('SIGKILL')
    }
  }
  const shows = (of: string, change: string): string => `h.Mounts.find(({ Target }) => Target === ${of}).${change}`

  it.each([
    ['c.Image = c.Image', ''],
    ['delete h.CapDrop', 'CapBnd is not empty'],
    ['h.NetworkMode = "host"; c.Hostname = ""', "shares the host's net namespace"],
    ['h.IpcMode = "host"', "shares the host's ipc namespace"],
    ['h.UTSMode = "host"; c.Hostname = ""', "shares the host's uts namespace"],
    ['h.CgroupnsMode = "host"', "shares the host's cgroup namespace"],
    ['h.PidMode = "host"', "shares the host's pid namespace"],
    ['h.ReadonlyRootfs = false', '/ is not read-only'],
    ['h.ReadonlyPaths = ["/dev"]', '/proc/sys is not'],
    ['h.ReadonlyPaths = ["/proc/sys"]', '/dev is not read-only'],
    ['h.MaskedPaths = h.MaskedPaths.filter((each) => each !== "/sys")', '/sys'],
    ['h.MaskedPaths = ["/sys"]', '/proc/kallsyms is not covered'],
    ['h.MaskedPaths = []; h.Privileged = true', 'not empty'],
    [shows('"/usr"', 'ReadOnly = false'), '/usr is not read-only'],
    [shows('"/etc/alternatives"', 'Source = "/root"'), '/etc/alternatives is not what was meant'],
    ['h.Mounts.push({ Type: "bind", Source: "/root", Target: "/more" })', "/more was mounted by nobody's order"],
    ['h.Mounts.push({ Type: "bind", Source: "/", Target: "/tmp/host", ReadOnly: true })', '/tmp/host was mounted'],
    ['c.Volumes = { "/volume": {} }', '/volume was mounted'],
    [
      `h.Tmpfs["/tmp"] = undefined; h.Mounts.push({ ...h.Mounts[0], Source: ${JSON.stringify(home)}, Target: "/tmp", ReadOnly: false })`,
      '/tmp is that of',
    ],
    [shows('"/etc/passwd"', 'Source = "/etc/hostname"'), '/etc/passwd is not what was meant'],
    ['h.Devices = [{ PathOnHost: "/dev/kmsg", PathInContainer: "/dev/kmsg", CgroupPermissions: "r" }]', '/dev/kmsg is'],
    ['h.GroupAdd = ["0"]', 'it is in the group 0'],
    ['c.User = c.User.replace(/:.*/, ":0")', 'it is in the group 0'],
    ['c.Env.push("PERL5LIB=/tmp")', 'its environment holds PERL5LIB'],
    ['h.Memory = 0; h.MemorySwap = 0', 'its memory is not bounded'],
    ['h.PidsLimit = 0', 'its pids is not bounded'],
    ['h.NanoCpus = 0', 'its cpu is not bounded'],
    ['h.SecurityOpt = ["seccomp=unconfined"]', 'ended before it was ready'],
    ['c.User = "0:0"', 'came to the gate'],
    ['DIES', 'does not answer'],
  ])(
    'AC-6.3.1, ND-6.3.a: an engine that does %j is found out before anything runs',
    async (change, said) => {
      const { code, err } = await through(change)
      const ran = existsSync(join(path, 'ran'))
      if (said === '') return expect({ code, ran, err }).toEqual({ code: 0, ran: true, err: '' })
      expect(err).toContain(said)
      expect({ code, ran }).toEqual({ code: 125, ran: false })
    },
    40_000,
  )
  it('HB-141: of those nothing is left after the next start', async () => {
    expect(exec(['true']).code).toBe(0)
    expect(await gone()).toEqual([])
    expect(leftShown()).toEqual([])
  })

  it('AC-6.3.1: somebody else’s image under the name of ours is found out', async () => {
    expect(exec(['true']).code).toBe(0)
    const images = JSON.parse(await asked(engine.socket, '/images/json')) as readonly { RepoTags: string[] | null }[]
    const [tag = ''] = images
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .filter((name) => name.startsWith('sallyport-root:'))
    const planted = join(home, 'planted')
    for (const name of ['', 'usr', 'etc']) mkdirSync(join(planted, name))
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(planted, name))
    writeFileSync(join(planted, 'etc/ld.so.preload'), '/tmp/evil.so\n')
    const plant = (): Buffer => spawnSync('tar', ['-C', planted, '-c', '.']).stdout
    const [repo = '', version = ''] = tag.split(':')
    await asked(engine.socket, `/images/create?fromSrc=-&repo=${repo}&tag=${version}`, 'POST', plant())
    const { code, err } = exec(['sh', '-c', 'echo ran >planted'])
    expect(err).toContain("/etc/ld.so.preload is in its root by nobody's order")
    expect({ code, ran: existsSync(join(path, 'planted')) }).toEqual({ code: 125, ran: false })
    await asked(engine.socket, `/images/${tag}?force=true`, 'DELETE')
    expect(exec(['true']).code).toBe(0)
  })

  it('E-70: an engine of another machine is not asked', () => {
    const { code, err } = sallyport(root, home, words(['true']), { env: { DOCKER_HOST: 'tcp://127.0.0.1:1' } })
    expect(err).toContain('only an engine of this machine')
    expect(code).toBe(125)
  })

  it('SEC-6.1: a workspace has any name, and words are handed on as they are', () => {
    const odd = join(path, 'a,b "c"=\n:ro$(id)')
    mkdirSync(odd)
    const ran = exec(['printf', '%s|', '', 'x\ny', '--', '$HOME', 'a"b,c'], odd)
    expect(ran).toEqual({ code: 0, out: '|x\ny|--|$HOME|a"b,c|', err: '' })
    expect(exec(['sh', '-c', 'echo here >file'], odd).code).toBe(0)
    expect(readFileSync(join(odd, 'file'), 'utf8')).toBe('here\n')
  })

  it('T-138: neither the command nor what it is given is told to the engine', async () => {
    const child = spawn(
      'env',
      [
        'TOKEN=canary-value',
        ...caller.line(words(['sh', '-c', 'echo up; sleep 2; : canary-word'])).toSpliced(-4, 0, '--env', 'TOKEN'),
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: process.env['PATH'], HOME: home },
      },
    )
    await once(child.stdout, 'data')
    const [name = ''] = await made()
    const known = await asked(engine.socket, `/containers${name}/json`)
    expect(known).toContain('sallyport.maker')
    expect(known).not.toContain('canary')
    await once(child, 'exit')
  })

  it('HB-141, T-144: killing the gateway and what stands beside it ends what is inside', async () => {
    const mark = `mark-${process.pid}-docker-both`
    const child = start(caller, home, words(['sh', '-c', `echo up; setsid sh -c "sleep 300; :" ${mark}; :`]))
    await once(child.stdout ?? child, 'data')
    const porters = spawnSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
    expect(processesWith(mark).length).toBeGreaterThan(0)
    // the porter first stops, so that it cannot end anything
    for (const pid of porters) process.kill(Number(pid), 'SIGSTOP')
    child.kill('SIGKILL')
    for (const pid of porters) process.kill(Number(pid), 'SIGKILL')
    await sleep(1_000)
    expect(processesWith(mark)).toEqual([])
    expect(await gone()).toEqual([])
  })

  it.skipIf(process.arch !== 'x64')(
    'T-138: who rewrites the first process of the sandbox does not outlive it',
    async () => {
      writeFileSync(join(path, 'hijack.py'), readFileSync(fixture('hijack-first.py')))
      const mark = `mark-${process.pid}-docker-hijack`
      const child = start(caller, home, words(['python3', 'hijack.py', mark, 'quiet']))
      await once(child.stdout ?? child, 'data')
      child.kill('SIGKILL')
      await sleep(700)
      expect(processesWith(mark)).toEqual([])
    },
  )

  it('HB-141: what was made and never started is removed by the next start, and nothing of the workspace', async () => {
    writeFileSync(join(path, 'kept'), 'as it was')
    const socket = join(home, 'stuck')
    const proxy = spawn(process.execPath, [fixture('changed-engine.mjs'), socket, engine.socket, 'STUCK'])
    await once(proxy.stdout, 'data')
    const child = start(withEngine(root, socket), home, words(['true']))
    for (let tries = 0; tries < 100 && (await made()).length === 0; tries++) await sleep(50)
    child.kill('SIGKILL')
    await sleep(300)
    proxy.kill('SIGKILL')
    expect((await made()).length).toBe(1)
    expect(leftShown()).toEqual([`${child.pid ?? 0}`])
    expect(exec(['true']).code).toBe(0)
    expect(await gone()).toEqual([])
    expect(leftShown()).toEqual([])
    expect(readFileSync(join(path, 'kept'), 'utf8')).toBe('as it was')
  })

  it('E-70: an engine that dies while a command runs takes nothing from it', async () => {
    const child = start(caller, home, words(['sh', '-c', 'echo up; sleep 1; echo still here; exit 3']))
    let out = ''
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()))
    await once(child.stdout ?? child, 'data')
    engine.kill()
    const [code] = (await once(child, 'close')) as [number]
    expect({ code, out }).toEqual({ code: 3, out: 'up\nstill here\n' })
    expect(exec(['true'])).toMatchObject({ code: 125 })
  })
})
