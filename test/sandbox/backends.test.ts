import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { callers, containers, processesWith, sallyport, start, workspaceOf } from './machine.ts'

/** gVisor takes a third of a second for each: those that are not about its own kernel. */
const PROBES = { crun: [], runsc: ['namespaces/', 'files/', 'persistence/', 'secrets/', 'descriptors/'] }
const LEAST_PROBES = { crun: 160, runsc: 45 }

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
    if (backend === 'crun') expect(forked).toBe(99)
    else expect(forked).toBeLessThan(200)
    const hog = exec(['perl', '-e', 'my @all; push @all, "x" x (32 << 20) for 1 .. 20; print "had it"'])
    expect(hog.out).toBe('')
  })

  it('T-144: time that runs out ends everything, whatever it ignores', async () => {
    writeFileSync(join(home, 'short.yaml'), 'extends: work\nlimits: { seconds: 1 }\n')
    const mark = `mark-${backend}-${caller.name}-timeout`
    const script = `trap "" TERM INT HUP; setsid sh -c 'trap "" TERM; while :; do sleep 1; done' ${mark} & while :; do sleep 1; done`
    expect(exec(['sh', '-c', script, mark], { flags: ['--profile', join(home, 'short.yaml')] }).code).toBe(124)
    await sleep(100)
    expect(processesWith(mark)).toEqual([])
    expect(readdirSync(bundles)).toEqual([])
  })

  it('HB-141: killing what started it leaves no process behind, and the next start removes its files', async () => {
    const mark = `mark-${backend}-${caller.name}-kill`
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
    if (backend === 'crun') expect(processesWith(mark)).toEqual([])
    expect(exec(['true']).code).toBe(0)
    expect(existsSync(bundle)).toBe(false)
  })

  it('T-041: files of a repository that something obeys later cannot be changed', () => {
    mkdirSync(join(path, '.git/hooks'), { recursive: true })
    writeFileSync(join(path, '.git/config'), '[core]\n')
    const script =
      'echo x >.git/config; echo x >.git/hooks/post-checkout; mv .git gone; rm -rf .git; echo made >.git/commondir; :'
    const ran = exec(['sh', '-c', `(${script}) 2>/dev/null`])
    expect(ran.err).toContain('commondir.from-sandbox')
    expect(readFileSync(join(path, '.git/config'), 'utf8')).toBe('[core]\n')
    expect(readdirSync(join(path, '.git/hooks'))).toEqual([])
  })

  it('SC6, AC-6.1.1, AC-6.4.1, AC-6.5.1, E-68: no attempt gets anywhere, and work goes on', () => {
    const ran = sallyport(caller, home, ['sandbox', 'probe', '--json', '--backend', backend, ...PROBES[backend]])
    const { probes } = JSON.parse(ran.out) as { readonly probes: readonly { readonly ok: boolean }[] }
    expect(probes.length).toBeGreaterThanOrEqual(LEAST_PROBES[backend])
    expect(probes.filter(({ ok }) => !ok)).toEqual([])
  }, 120_000)
})

const [root] = callers
describe.skipIf(root === undefined)('a backend that is not there', () => {
  if (root === undefined) return
  const { path, home, done } = workspaceOf(root)
  afterAll(done)
  it('E-70: is named in one line, and nothing runs', () => {
    const words = ['--workspace', path, '--', 'sh', '-c', 'echo ran >ran']
    const unknown = sallyport(root, home, ['sandbox', 'exec', '--backend', 'podman', ...words])
    expect(unknown.code).toBe(125)
    expect(unknown.err).toContain('bubblewrap, crun, runsc')
    const env = { PATH: '/nowhere' }
    expect(existsSync(join(path, 'ran')) || env.PATH === '').toBe(false)
  })
})
