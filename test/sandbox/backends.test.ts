import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { containers, engine } from './containers.ts'
import { callers, processesWith, sallyport, spawnIn, start, withoutWall, workspaceOf, type Ran } from './machine.ts'

/** All of them once; elsewhere those that are about the host’s files and processes (each takes gVisor a third of a second). */
const SOME = ['namespaces/', 'files/', 'secrets/']

describe.each(containers)('$backend as $caller.name', ({ backend, caller }) => {
  const { path, home, done } = workspaceOf(caller)
  afterAll(done)
  const exec = (
    command: readonly string[],
    options: Parameters<typeof sallyport>[3] & { readonly flags?: readonly string[] } = {},
  ) =>
    sallyport(
      caller,
      home,
      ['sandbox', 'exec', '--backend', backend, '--workspace', path, ...(options.flags ?? []), '--', ...command],
      options,
    )
  const bundles = caller.uid === 0 ? '/run/sallyport-oci' : join(tmpdir(), `sallyport-oci-${caller.uid}`)

  it('SEC-6.1: streams, working directory and exit code are the command’s', () => {
    const ran = exec(['sh', '-c', 'cat; pwd; echo err >&2; exit 7'], { input: 'in\n' })
    expect(ran).toEqual({ code: 7, out: `in\n${path}\n`, err: 'err\n' })
  })

  it('SEC-6.1: output is handed on byte by byte, a lot of it too', () => {
    const ran = exec(['perl', '-e', 'print join("", map chr, 0 .. 255) x 10000'])
    expect(ran.out.length).toBe(256 * 10_000)
    expect(ran.out.slice(0, 256)).toBe(Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join(''))
  })

  it('SEC-6.1: exit codes say what became of the command', () => {
    writeFileSync(join(path, 'plain'), 'text')
    expect(exec(['no-such-program-here']).code).toBe(127)
    expect(exec(['./plain']).code).toBe(126)
    expect(exec(['sh', '-c', 'kill -TERM $$'])).toEqual({ code: 143, out: '', err: '' })
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

  it('SEC-6.3, E-70: --json-status tells what is in force, and what cannot be seen', () => {
    const { out, code } = exec(['true'], { flags: ['--json-status', '1'] })
    expect(code).toBe(0)
    const said = JSON.parse(out) as { readonly uid: number; readonly unverified: readonly string[] }
    expect(said).toMatchObject({ backend, network: 'loopback', workspace: 'rw' })
    expect(said.uid === 0).toBe(false)
    expect(said.unverified.some((what) => what.includes('filter'))).toBe(backend === 'runsc')
  })

  it.skipIf(backend === 'docker')('AC-6.4.2: what is mounted below a read-only path cannot be written either', () => {
    const data = join(path, '..', 'data')
    mkdirSync(join(data, 'below'), { recursive: true })
    writeFileSync(join(home, 'data.yaml'), `extends: work\nreadable: [${data}]\n`)
    const ran = exec(['sh', '-c', `echo x >${data}/below/new && echo wrote`], {
      flags: ['--profile', join(home, 'data.yaml')],
      before: `mount -t tmpfs -o mode=1777 none ${data}/below`,
    })
    expect(ran.out).toBe('')
    expect(ran.err).toContain('Read-only file system')
  })

  it('AC-6.4.2: a read-only workspace cannot be changed in any way', () => {
    writeFileSync(join(home, 'ro.yaml'), 'extends: work\nworkspace: ro\n')
    writeFileSync(join(path, 'kept'), 'as it was')
    const attempts = ['echo x >kept', 'rm kept', 'mv kept gone', 'chmod 777 kept', 'ln kept hard', 'mkdir new']
    const script = attempts.map((attempt) => `(${attempt}) 2>/dev/null && echo '${attempt}'`).join('; ')
    expect(exec(['sh', '-c', script], { flags: ['--profile', join(home, 'ro.yaml')] }).out).toBe('')
    expect(readFileSync(join(path, 'kept'), 'utf8')).toBe('as it was')
  })

  it('ND-6.2.a, AC-6.2.2: the profile of system calls counts, shipped or the operator’s', () => {
    writeFileSync(join(home, 'none.yaml'), 'extends: work\nnetwork: none\n')
    const script =
      'import socket\nsocket.socketpair()\ntry: socket.socket(socket.AF_INET); print("made")\nexcept OSError: print("refused")'
    expect(exec(['python3', '-c', script], { flags: ['--profile', join(home, 'none.yaml')] }).out).toBe('refused\n')
    const rules = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }]
    writeFileSync(join(home, 'own.json'), JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules }))
    writeFileSync(join(home, 'own.yaml'), `extends: work\nseccomp: ${join(home, 'own.json')}\n`)
    const ran = exec(['perl', '-e', 'mkdir "d2" or print $! + 0'], { flags: ['--profile', join(home, 'own.yaml')] })
    expect(ran.out).toBe('1')
  })

  it('ND-6.1.a: processes, memory and processors are bounded', () => {
    const fork =
      'my $n = 0; for (1 .. 300) { my $p = fork; last if !defined $p; if (!$p) { sleep 9; exit } $n++ } print $n; kill 9, -getpgrp'
    const forked = Number(exec(['perl', '-e', fork]).out || '0')
    if (backend === 'runsc') expect(forked).toBeLessThan(200)
    else expect(forked).toBe(99)
    const hog = exec(['perl', '-e', 'my @all; push @all, "x" x (32 << 20) for 1 .. 20; print "had it"'])
    expect(hog.out).toBe('')
  })

  it('T-144: time that runs out ends everything, whatever it ignores', async () => {
    writeFileSync(join(home, 'short.yaml'), 'extends: work\nlimits: { seconds: 1 }\n')
    const mark = `mark-${process.pid}-${backend}-${caller.name}-timeout`
    const script = `trap "" TERM INT HUP; setsid sh -c 'trap "" TERM; while :; do sleep 1; done' ${mark} & while :; do sleep 1; done`
    expect(exec(['sh', '-c', script, mark], { flags: ['--profile', join(home, 'short.yaml')] })).toMatchObject({
      code: 124,
    })
    await sleep(100)
    expect(processesWith(mark)).toEqual([])
    const left = readdirSync(bundles).filter((name) => !existsSync(`/proc/${name.split('.')[0] ?? ''}`))
    expect(left).toEqual([])
  })

  it('HB-141: killing what started it leaves no process behind, and the next start removes its files', async () => {
    const mark = `mark-${process.pid}-${backend}-${caller.name}-kill`
    const script = `echo up; setsid sh -c "sleep 300; :" ${mark}; :`
    const child = start(caller, home, [
      ...['sandbox', 'exec', '--backend', backend, '--workspace', path, '--', 'sh', '-c', script, mark],
    ])
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    const bundle = join(bundles, readdirSync(bundles).find((name) => name.startsWith(`${child.pid ?? 0}.`)) ?? 'none')
    expect(existsSync(bundle)).toBe(true)
    child.kill('SIGKILL')
    await sleep(700)
    const ids = processesWith(bundle)
    expect(ids).toEqual([])
    if (backend !== 'runsc') expect(processesWith(mark)).toEqual([])
    expect(exec(['true']).code).toBe(0)
    expect(existsSync(bundle)).toBe(false)
  })

  it('AC-6.5.2: the way out leads to listed hosts, or the sandbox does not start', () => {
    const ask = 'curl -s -o /dev/null -w "%{http_connect}" --noproxy "" -p -x "$HTTPS_PROXY" http://127.0.0.1:9/'
    const { code, out, err } = exec(['sh', '-c', ask], { flags: ['--allow', 'example.com'] })
    if (backend === 'runsc')
      expect({ code, err }).toMatchObject({ code: 125, err: expect.stringContaining('no network allowlist') as string })
    else
      expect({ out, err }).toMatchObject({
        out: '403',
        err: expect.stringContaining('refused: not_allowlisted') as string,
      })
  })

  it('T-041: files of a repository that something obeys later cannot be changed', () => {
    mkdirSync(join(path, '.git/hooks'), { recursive: true })
    writeFileSync(join(path, '.git/config'), '[core]\n')
    for (const name of ['.git', '.git/hooks', '.git/config']) chownSync(join(path, name), caller.uid, caller.uid)
    const script =
      'echo x >.git/config; echo x >.git/hooks/post-checkout; mv .git gone; rm -rf .git; echo made >.git/commondir; :'
    exec(['sh', '-c', script])
    expect(readdirSync(join(path, '.git')).sort()).toEqual(['commondir.from-sandbox', 'config', 'hooks'])
    expect(readFileSync(join(path, '.git/config'), 'utf8')).toBe('[core]\n')
    expect(readdirSync(join(path, '.git/hooks'))).toEqual([])
  })

  it('SC6, AC-6.1.1, AC-6.4.1, AC-6.5.1, E-68: no attempt gets anywhere, and work goes on', () => {
    const all = backend !== 'runsc' && caller.name === 'root'
    const words = ['sandbox', 'probe', '--json', '--backend', backend, ...(all ? [] : SOME)]
    const ran = sallyport(caller, home, words, { limit: 220_000 })
    const { probes } = JSON.parse(ran.out) as { readonly probes: readonly { readonly ok: boolean }[] }
    expect(probes.length).toBeGreaterThan(all ? 160 : 35)
    expect(probes.filter(({ ok }) => !ok)).toEqual([])
  }, 240_000)
})
afterAll(() => engine?.stop())

/** Shell: there is no such program, or no such socket. */
const hidePath = (path: string): string => `if test -e ${path}; then mount --bind /dev/null $(readlink -f ${path}); fi`
const hide = (name: string): string => hidePath(`/usr/bin/${name}`)
const NO_ENGINE = hidePath('/var/run/docker.sock')

/** Shell: a runtime that reads another configuration than it was given, as a changed one might. */
function changedRuntime(home: string, name: string, change: string): string {
  const [fake, real] = [join(home, `${name}-changed`), join(home, `${name}-real`)]
  const bundle = 'my ($at) = grep { $ARGV[$_] eq "--bundle" } 0 .. $#ARGV; my $file = "$ARGV[$at + 1]/config.json";'
  const edit = `open(my $in, "<", $file); local $/; my $text = <$in>; ${change} for $text; open(my $out, ">", $file); print $out $text; close $out;`
  writeFileSync(fake, `#!/usr/bin/perl\n${bundle} ${edit} exec '${real}', @ARGV;\n`, { mode: 0o755 })
  return `cp /usr/bin/${name} '${real}'; chmod 755 '${real}'; mount --bind '${fake}' /usr/bin/${name}`
}

const [root] = callers.filter(({ name }) => name === 'root')
describe.skipIf(root === undefined)('a backend that is not there', () => {
  if (root === undefined) return
  const { path, home, done } = workspaceOf(root)
  afterAll(done)
  const ran = (backend: string, before?: string) =>
    sallyport(
      root,
      home,
      ['sandbox', 'exec', '--backend', backend, '--workspace', path, '--', 'sh', '-c', 'echo ran >ran'],
      before === undefined ? {} : { before },
    )

  it.each([
    ['podman', undefined, 'bubblewrap, crun, runsc, docker'],
    ['crun', hide('crun'), 'crun'],
    ['runsc', hide('runsc'), 'runsc'],
    ['docker', NO_ENGINE, 'no engine listens at /var/run/docker.sock'],
  ])('E-70: %s is named, and nothing runs', (backend, before, said) => {
    const { code, err } = ran(backend, before)
    expect(code).toBe(125)
    expect(err).toContain(said)
    expect(existsSync(join(path, 'ran'))).toBe(false)
  })

  const crun = containers.some(({ backend }) => backend === 'crun')
  /** A server of a gateway with this mode, on a machine without bubblewrap. */
  const served = (mode: string, before: string, more = ''): Ran & { readonly ran: boolean } => {
    const config = join(home, 'sallyport.yaml')
    const command = JSON.stringify([
      process.execPath,
      '-e',
      'require("fs").writeFileSync("ran", String(process.getuid()))',
    ])
    const server = `{ command: ${command}, cwd: ${path}, sandbox: { workspace: rw } }`
    writeFileSync(config, `version: 1\nsandbox: { mode: ${mode} }\nservers: { walled: ${server} }\n${more}`)
    rmSync(join(path, 'ran'), { force: true })
    const words = ['test/sandbox/fixtures/alerts-of.mjs', config, join(home, `state-${mode}`)]
    const ran = spawnIn(root, before, words)
    return { ...ran, ran: existsSync(join(path, 'ran')) }
  }

  it('E-70: process needs bubblewrap, whatever else there is', () => {
    expect(served('process', hide('bwrap')).ran).toBe(false)
  })

  it.skipIf(!crun)('E-70: auto and container take what there is, and never nothing', () => {
    for (const mode of ['auto', 'container']) {
      expect(served(mode, hide('bwrap')).ran, mode).toBe(true)
      expect(readFileSync(join(path, 'ran'), 'utf8')).toBe('1000')
    }
    expect(served('auto', [...['bwrap', 'crun', 'runsc'].map(hide), NO_ENGINE].join('; ')).ran).toBe(false)
  })

  it.skipIf(!crun)('AC-6.3.1, E-70: a sandbox that is not what it should be is not made by another instead', () => {
    const before = withoutWall(home, '--cap-drop\0ALL', '--cap-add\0CAP_DAC_OVERRIDE')
    expect(served('auto', before).ran).toBe(false)
  })

  it.skipIf(!crun)('AC-6.3.1: a runtime that leaves a wall out blocks the command', () => {
    const { code, err } = ran(
      'crun',
      changedRuntime(home, 'crun', 's/"capabilities":\\{[^}]*\\}/"capabilities":{"bounding":["CAP_SYS_ADMIN"]}/'),
    )
    expect(err).toContain('CapBnd is not empty')
    expect(code).toBe(125)
    expect(existsSync(join(path, 'ran'))).toBe(false)
  })

  it.skipIf(!containers.some(({ backend }) => backend === 'runsc'))(
    'AC-6.3.1: files that gVisor would serve from elsewhere block the command',
    () => {
      const { code, err } = ran(
        'runsc',
        changedRuntime(home, 'runsc', 's#"source":"/run/sallyport-stage/0"#"source":"/etc"#'),
      )
      expect(err).toContain('/usr is not')
      expect(code).toBe(125)
      expect(existsSync(join(path, 'ran'))).toBe(false)
    },
  )

  it('E-70: off is accepted by name, and then servers run unconfined', () => {
    const accepted = 'acknowledgeInsecure: { sandbox.mode: { reason: a test, by: the test, expires: 2099-01-01 } }\n'
    expect(served('off', ':').ran).toBe(false)
    const { ran: isRun, err } = served('off', ':', accepted)
    expect({ isRun, err }).toMatchObject({ isRun: true })
    expect(readFileSync(join(path, 'ran'), 'utf8')).toBe('0')
  })
})
