import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { callers, hasSandbox, processesWith, sallyport, start, workspaceOf, spawnIn, withoutWall } from './machine.ts'

describe.skipIf(!hasSandbox).each(callers)('sandbox exec as $name', (caller) => {
  const { path, home, done } = workspaceOf(caller)
  afterAll(done)
  const exec = (
    command: readonly string[],
    options: Parameters<typeof sallyport>[3] & { readonly flags?: readonly string[] } = {},
  ) =>
    sallyport(
      caller,
      home,
      ['sandbox', 'exec', '--workspace', path, ...(options.flags ?? []), '--', ...command],
      options,
    )

  it('SEC-6.1: streams, working directory and exit code are the command’s', () => {
    const ran = exec(['sh', '-c', 'cat; pwd; echo err >&2; exit 7'], { input: 'in\n' })
    expect(ran).toEqual({ code: 7, out: `in\n${path}\n`, err: 'err\n' })
  })

  it('SEC-6.1: output is handed on byte by byte, a lot of it too', () => {
    const ran = exec(['perl', '-e', 'print join("", map chr, 0 .. 255) x 40000'])
    expect(ran.out.length).toBe(256 * 40_000)
    expect(ran.out.slice(0, 256)).toBe(Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join(''))
  })

  it('SEC-6.1: exit codes say what became of the command', () => {
    writeFileSync(join(path, 'plain'), 'text')
    expect(exec(['no-such-program-here']).code).toBe(127)
    expect(exec(['./plain']).code).toBe(126)
    expect(exec(['sh', '-c', 'kill -TERM $$']).code).toBe(143)
    expect(exec(['perl', '-e', 'kill 9, $$']).code).toBe(137)
  })

  it('INV-4, E-69: what is written belongs to the owner of the workspace', () => {
    expect(exec(['sh', '-c', 'mkdir -p d && echo made >d/f && chmod 640 d/f']).code).toBe(0)
    const { uid, gid, mode } = statSync(join(path, 'd/f'))
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: caller.uid, gid: caller.uid, mode: 0o640 })
  })

  it('T-138: nothing of the environment but what is named goes in', () => {
    const env = { SECRET_OF_HOST: 'canary-value', SHOWN: 'yes' }
    const ran = exec(['sh', '-c', 'env; cat /proc/*/environ | tr "\\0" "\\n"'], { env, flags: ['--env', 'SHOWN'] })
    expect(ran.out).toContain('SHOWN=yes')
    expect(ran.out).not.toContain('canary-value')
    expect(ran.out).not.toContain(home)
  })

  it.each(['LD_AUDIT_X', 'BASH_ENV', 'PERL5OPT', 'A B', ''])('T-142: the variable %j is not passed on', (name) => {
    const ran = exec(['true'], { env: { [name === '' || name === 'A B' ? 'X' : name]: '1' }, flags: ['--env', name] })
    expect(ran.code).toBe(125)
  })

  it('SEC-6.3: --json-status tells what is in force', () => {
    const { out, code } = exec(['true'], { flags: ['--json-status', '1'] })
    expect(code).toBe(0)
    const said = JSON.parse(out) as Record<string, unknown>
    expect(said).toMatchObject({
      backend: 'bubblewrap',
      network: 'loopback',
      workspace: 'rw',
      processLimit: expect.any(String) as string,
    })
    expect(said['uid']).not.toBe(0)
    expect(said['seccomp']).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each(['with space', '--help', 'line\nbreak', 'ünïcode-名', 'quote\'and"', '-'])(
    'T-140: a workspace may be named %j',
    (name) => {
      const odd = workspaceOf(caller, name)
      const ran = sallyport(caller, odd.home, [
        'sandbox',
        'exec',
        `--workspace=${odd.path}`,
        '--',
        'sh',
        '-c',
        'echo x >f; pwd',
      ])
      expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' })
      expect(Buffer.from(ran.out, 'latin1').toString()).toBe(`${odd.path}\n`)
      expect(existsSync(join(odd.path, 'f'))).toBe(true)
      odd.done()
    },
  )

  it('T-142: what is no workspace is refused, and nothing runs', () => {
    symlinkSync(path, join(home, 'link'))
    mkdirSync(join(home, '.claude/projects'), { recursive: true })
    for (const bad of [
      '/',
      '/etc',
      '/usr/lib',
      '/tmp',
      '/proc/self',
      home,
      join(home, 'link'),
      join(home, 'none'),
      join(path, 'plain'),
      join(home, '.claude/projects'),
    ]) {
      const ran = sallyport(caller, home, ['sandbox', 'exec', '--workspace', bad, '--', 'sh', '-c', 'echo ran'])
      expect({ bad, ...ran, err: ran.err.replace(/:.*\n/s, '') }).toEqual({ bad, code: 125, out: '', err: 'sallyport' })
      expect(ran.err.trim().split('\n')).toHaveLength(1)
    }
  })

  it('T-142: a profile that is misspelt or unknown is refused', () => {
    writeFileSync(join(home, 'typo.yaml'), 'workspace: rw\nnetwrok: none\n')
    writeFileSync(join(home, 'wide.yaml'), 'extends: work\nreadable: [/]\n')
    for (const profile of [join(home, 'typo.yaml'), join(home, 'wide.yaml'), join(home, 'none.yaml'), 'strict']) {
      const ran = exec(['sh', '-c', 'echo ran'], { flags: ['--profile', profile] })
      expect({ code: ran.code, out: ran.out }).toEqual({ code: 125, out: '' })
      expect(ran.err).toContain('SP_SANDBOX_PROFILE')
    }
  })

  it('AC-6.4.2: what is mounted below a read-only path cannot be written either', () => {
    const data = join(path, '..', 'data')
    mkdirSync(join(data, 'below'), { recursive: true })
    writeFileSync(join(home, 'data.yaml'), `extends: work\nreadable: [${data}]\n`)
    const ran = exec(['sh', '-c', `echo x >${data}/below/new && echo wrote; ls -d ${data}`], {
      flags: ['--profile', join(home, 'data.yaml')],
      before: `mount -t tmpfs -o mode=1777 none ${data}/below`,
    })
    expect(ran.out).toBe(`${data}\n`)
  })

  it('AC-6.4.2: a read-only workspace cannot be changed in any way', () => {
    writeFileSync(join(home, 'ro.yaml'), 'extends: work\nworkspace: ro\n')
    writeFileSync(join(path, 'kept'), 'as it was')
    const attempts = [
      'echo x >kept',
      'rm kept',
      'mv kept gone',
      'chmod 777 kept',
      'truncate -s 0 kept',
      'ln kept hard',
      'touch new',
      'mkdir new',
    ]
    for (const attempt of attempts)
      expect(exec(['sh', '-c', attempt], { flags: ['--profile', join(home, 'ro.yaml')] }).code, attempt).not.toBe(0)
    expect(readFileSync(join(path, 'kept'), 'utf8')).toBe('as it was')
  })

  it('ND-6.2.a: without a network there are no sockets of the internet', () => {
    writeFileSync(join(home, 'none.yaml'), 'extends: work\nnetwork: none\n')
    const script =
      'import socket\nsocket.socketpair()\ntry: socket.socket(socket.AF_INET)\nexcept OSError as e: print(e.errno)'
    expect(exec(['python3', '-c', script], { flags: ['--profile', join(home, 'none.yaml')] }).out).toBe('97\n')
  })

  it('AC-6.2.2, E-64: two profiles of system calls, each for its own tool; the operator’s counts', () => {
    const rules = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 122 }]
    writeFileSync(join(home, 'own.json'), JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules }))
    writeFileSync(join(home, 'own.yaml'), `extends: work\nseccomp: ${join(home, 'own.json')}\n`)
    const ran = exec(['perl', '-e', 'mkdir "d2" or print $! + 0'], { flags: ['--profile', join(home, 'own.yaml')] })
    expect(ran.out).toBe('122')
    expect(exec(['mkdir', 'd2']).code).toBe(0)
  })

  it('ND-6.1.a: 100 processes, 512 MB and one processor are the bounds of a sandbox, and what is not in force is said', () => {
    const said = JSON.parse(exec(['true'], { flags: ['--json-status', '1'] }).out) as Record<string, string>
    const forked = exec([
      'perl',
      '-e',
      'my $n = 0; for (1 .. 300) { my $p = fork; last if !defined $p; if (!$p) { sleep 9; exit } $n++ } print $n; kill 9, -getpgrp',
    ])
    expect(Number(forked.out)).toBe(99)
    expect(said['processLimit']).toBe('sandbox')
    // two processes that want all there is, for a second
    const busy =
      'my $end = time + 2; if (fork) { 1 while time < $end; wait; my @t = times; print $t[0] + $t[1] + $t[2] + $t[3] } else { 1 while time < $end }'
    const used = Number(exec(['perl', '-e', busy]).out)
    if (said['cgroup'] !== 'none') expect(used).toBeLessThan(2.4)
    const hog = exec(['perl', '-e', 'my @all; push @all, "x" x (32 << 20) for 1 .. 20; print "had it"'])
    expect(hog.out).toBe('')
    expect(said['memoryLimit']).toBe(said['cgroup'] === 'none' ? 'process' : 'sandbox')
  })

  it('T-144: time that runs out ends everything, whatever it ignores', async () => {
    writeFileSync(join(home, 'short.yaml'), 'extends: work\nlimits: { seconds: 1 }\n')
    const mark = `mark-${caller.name}-timeout`
    const script = `trap "" TERM INT HUP; setsid sh -c 'trap "" TERM; while :; do sleep 1; done' ${mark} & while :; do sleep 1; done`
    expect(exec(['sh', '-c', script, mark], { flags: ['--profile', join(home, 'short.yaml')] }).code).toBe(124)
    await sleep(100)
    expect(processesWith(mark)).toEqual([])
  })

  it('HB-141: killing what started it leaves no process and no group behind', async () => {
    const mark = `mark-${caller.name}-kill`
    const child = start(caller, home, [
      'sandbox',
      'exec',
      '--workspace',
      path,
      '--',
      'sh',
      '-c',
      `echo up; setsid sh -c "sleep 300; :" ${mark}; :`,
      mark,
    ])
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    expect(processesWith(mark).length).toBeGreaterThan(0)
    child.kill('SIGKILL')
    await sleep(500)
    expect(processesWith(mark)).toEqual([])
    // the next one removes what the killed one could not
    expect(exec(['true']).code).toBe(0)
    const groups = ['', 'memory', 'cpu'].map((controller) => join('/sys/fs/cgroup', controller, 'sallyport'))
    const left = groups.filter(existsSync).flatMap((group) => readdirSync(group))
    expect(left.filter((name) => name.startsWith(`${child.pid ?? 0}.`))).toEqual([])
  })

  it('T-138: a directory that was left open by whoever started us is closed', () => {
    const line = caller.line([
      'sandbox',
      'exec',
      '--workspace',
      path,
      '--',
      'sh',
      '-c',
      'ls /proc/self/fd | tr "\\n" " "; ls /proc/self/fd/9/',
    ])
    const ran = sallyport({ ...caller, line: () => ['sh', '-c', 'exec 9</usr; exec "$@"', 'sh', ...line] }, home, [])
    expect(ran.out.trim()).toBe('0 1 2 3')
  })

  it('T-140: links that protected names are made into show nothing', () => {
    symlinkSync(home, join(path, '.vscode'))
    writeFileSync(join(home, 'private'), 'canary-of-home')
    const ran = exec(['sh', '-c', 'cat .vscode/private; ls -d .vscode'])
    expect(ran.out).toBe('.vscode\n')
    expect(lstatSync(join(path, '.vscode')).isSymbolicLink()).toBe(true)
  })

  it('HB-141: whatever starts it may be killed at any moment, also while it is made, and nothing is left', async () => {
    const mark = `mark-${process.pid}-${caller.name}-early`
    for (let round = 0; round < 12; round++) {
      const child = start(caller, home, ['sandbox', 'exec', '--workspace', path, '--', 'sh', '-c', 'sleep 300', mark])
      const gone = new Promise((resolve) => child.once('close', resolve))
      for (let tries = 0; tries < 400 && processesWith(mark).length < 2; tries++) await sleep(1)
      await sleep(round)
      child.kill('SIGKILL')
      await gone
    }
    await expect.poll(() => processesWith(mark), { timeout: 10_000 }).toEqual([])
  }, 60_000)

  it('T-141: a set-user-id file cannot be made, in any way', () => {
    const script =
      'cp /bin/true s; chmod u+s s; install -m 4755 /bin/true s2; python3 -c "import os; os.open(\\"s3\\", os.O_CREAT | os.O_WRONLY, 0o6755); os.mknod(\\"s4\\", 0o104755)"; umask 0; tar -cf t.tar --mode=4755 s && tar -xpf t.tar; :'
    exec(['sh', '-c', script])
    const set = readdirSync(path).filter((name) => (lstatSync(join(path, name)).mode & 0o6000) !== 0)
    expect(set).toEqual([])
  })
})

const [root] = callers.filter(({ name }) => name === 'root')
describe.skipIf(!hasSandbox || root === undefined)('a sandbox that is not what it should be', () => {
  if (root === undefined) return
  const { path, home, done } = workspaceOf(root)
  afterAll(done)
  const exec = (before: string) =>
    sallyport(root, home, ['sandbox', 'exec', '--workspace', path, '--', 'sh', '-c', 'echo ran >ran'], { before })

  it('T-142, E-70: without bubblewrap nothing runs', () => {
    const ran = exec('mount --bind /dev/null /usr/bin/bwrap')
    expect(ran.code).toBe(125)
    expect(ran.err).toContain('SP_SANDBOX_UNAVAILABLE')
    expect(existsSync(join(path, 'ran'))).toBe(false)
  })

  // a bubblewrap that leaves one wall out, as an old or a changed one might
  it.each([
    ['--unshare-all', '--unshare-user\0--unshare-pid\0--unshare-ipc\0--unshare-uts\0--unshare-cgroup', 'net namespace'],
    ['--unshare-all', '--unshare-user\0--unshare-net\0--unshare-ipc\0--unshare-uts\0--unshare-cgroup', 'pid namespace'],
    ['--cap-drop\0ALL', '--cap-add\0CAP_DAC_OVERRIDE', 'Cap'],
    ['--remount-ro\0/\0', '', '/ is not read-only'],
    ['--ro-bind\0/proc/sys\0/proc/sys', '', '/proc/sys is not read-only'],
    [`--ro-bind\0/usr\0/usr`, '--bind\0/usr\0/usr', '/usr is not read-only'],
  ])('AC-6.3.1, AC-6.3.2, ND-6.3.a, E-67: %j left out blocks the command', (from, to, fault) => {
    const before = withoutWall(home, from, to)
    const ran = exec(before)
    expect(ran.err).toContain('SP_SANDBOX_UNVERIFIED')
    expect(ran.err).toContain(fault)
    expect(ran.code).toBe(125)
    expect(existsSync(join(path, 'ran'))).toBe(false)
  })

  it('AC-6.3.4: what was found before counts for nothing: a maker that is changed between two starts is refused', () => {
    const first = `'${process.execPath}' /mnt/packages/gateway/bin/sallyport.js sandbox exec --workspace '${path}' -- touch before`
    const ran = exec(`${first}; ${withoutWall(home, '--cap-drop\0ALL', '--cap-add\0CAP_DAC_OVERRIDE')}`)
    expect(existsSync(join(path, 'before'))).toBe(true)
    expect(ran.err).toContain('SP_SANDBOX_UNVERIFIED')
    expect(existsSync(join(path, 'ran'))).toBe(false)
  })

  it('AC-6.3.3: it is a critical finding in the log of the gateway, with what to do', () => {
    const config = join(home, 'sallyport.yaml')
    const command = JSON.stringify([process.execPath, '-e', 'require("fs").writeFileSync("ran", "")'])
    writeFileSync(
      config,
      `version: 1\nservers: { walled: { command: ${command}, cwd: ${path}, sandbox: { workspace: rw } } }\n`,
    )
    const ran = spawnIn(root, withoutWall(home, '--cap-drop\0ALL', '--cap-add\0CAP_DAC_OVERRIDE'), [
      ...['test/sandbox/fixtures/alerts-of.mjs', config, join(home, 'state')],
    ])
    expect(ran.out).toMatch(/"name":"sandbox-unverified".*"severity":"critical"/)
    expect(ran.out).toMatch(/walled: Cap\w+ is not empty.*Run `sallyport sandbox probe`/)
    expect(existsSync(join(path, 'ran'))).toBe(false)
  })
})
