import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SANDBOX_PROFILES, SallyportError, syscallNumbers, type SandboxProfile } from '@sallyport/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createControlGroup } from './control-groups.ts'
import { descriptor, strayDescriptors } from './descriptors.ts'
import { HOST_ARCHITECTURE, isExecutable, realOf } from './host.ts'
import { countsByNamespace, rlimitsOf, stagingOf } from './launch.ts'
import { appArmor } from './oci/apparmor.ts'
import { removeDirectory, requireOwn } from './own-directory.ts'
import { placeAt } from './place.ts'
import { childrenOf, endNamespace, endSeen, isThere, leftBehind, seenAs } from './processes.ts'
import { loadSeccompProfile } from './seccomp-profiles.ts'
import { closingCommand, sandboxUids } from './stage.ts'
import { missingFor } from './start.ts'
import { openStatusFile } from './status-file.ts'
import { apartFaults, faultsOf, lookFaults, lostWalls, rightsFaults, shownFaults, whileThere } from './verify.ts'
import { type Shown } from './view.ts'
import { watchViolations } from './violations.ts'

const isRoot = process.getuid?.() === 0
const { work } = SANDBOX_PROFILES
if (work === undefined) throw new Error('no profile')
const profile: SandboxProfile = { ...work, network: 'none', readable: [] }

let place = ''
const children: ChildProcess[] = []
beforeEach(() => void (place = realpathSync(mkdtempSync(join(tmpdir(), 'sp-walls-')))))
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(place, { recursive: true, force: true })
})
const at = (name: string): string => join(place, name)
function put(name: string, text = 'x', mode = 0o644): string {
  mkdirSync(dirname(at(name)), { recursive: true })
  writeFileSync(at(name), text, { mode })
  return at(name)
}
function started(command: string, ...args: string[]): number {
  const child = spawn(command, args, { stdio: 'ignore' })
  children.push(child)
  return child.pid ?? -1
}

describe('AC-6.3.1 AC-6.3.2: what is seen of a process from outside', () => {
  it('one that is not confined has every fault', () => {
    const pid = started('sleep', '60')
    const shown: Shown = { path: place, source: place, inode: '1:1', writable: false, private: false, owned: false }
    const faults = faultsOf({ pid, shown: [shown], uid: 70_000 })
    for (const fault of [
      "it shares the host's user namespace",
      'it could gain privileges',
      `it runs as uid ${process.getuid?.()}`,
      'no filter of system calls is in force',
      `${place} is not read-only`,
      `${place} is not what was meant`,
    ])
      expect(faults).toContain(fault)
    expect(faults.includes('it runs as root of the host')).toBe(isRoot)
    expect(whileThere(pid, () => faults)).toEqual(faults)
    expect(whileThere(pid, () => [])).toEqual([])
  })

  it('one that is not there has none of the walls, and nothing is said of it any more', () => {
    const faults = faultsOf({ pid: 4_194_303, shown: [], uid: undefined })
    expect(faults).toEqual(expect.arrayContaining(['CapEff is not empty', 'it has a network interface']))
    expect(apartFaults(4_194_303, ['net'])).toHaveLength(1)
    expect(rightsFaults(4_194_303, undefined)).toEqual(['it could gain privileges'])
    expect(whileThere(4_194_303, () => faults)).toEqual([])
  })

  it('one that ends while it is looked at has no fault', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' })
    const { pid = -1 } = child
    const ended = once(child, 'exit')
    const found = whileThere(pid, () => {
      child.kill('SIGKILL')
      const until = Date.now() + 2_000
      while (Date.now() < until && !/^State:\s+Z/m.test(textOf(`/proc/${pid}/status`)));
      return ['a wall']
    })
    await ended
    expect(found).toEqual([])
  })

  it.skipIf(!isRoot)('what can be written below what is shown to be read is a fault', async () => {
    mkdirSync(at('shown/below'), { recursive: true })
    const mounts = `mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; mount -t tmpfs x "$1/below"; echo; exec sleep 60`
    const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-ec', mounts, 'sh', at('shown')])
    children.push(child)
    await once(child.stdout, 'data')
    const inode = placeAt(at('shown'))?.inode ?? ''
    const shown: Shown = {
      path: at('shown'),
      source: at('shown'),
      inode,
      writable: false,
      private: false,
      owned: false,
    }
    expect(shownFaults(child.pid ?? -1, [shown], [])).toContain(`${at('shown/below')} is not read-only`)
    const writable = shownFaults(child.pid ?? -1, [{ ...shown, writable: true }], [])
    expect(writable).not.toContain(`${at('shown/below')} is not read-only`)
  })

  it('a look that throws is a fault in its words', () => {
    const told = new SallyportError('SP_SANDBOX_UNVERIFIED', 'a wall.')
    expect(lookFaults(() => undefined)).toEqual([])
    expect(
      lookFaults(() => {
        throw told
      }),
    ).toEqual(['a wall.'])
    expect(
      lookFaults(() => {
        throw new Error('gone')
      }),
    ).toEqual(['Error: gone'])
    expect(lostWalls(['a', 'b', 'c', 'd'])).toMatchObject({ code: 'SP_SANDBOX_LOST', detail: 'a; b; c.' })
  })
})
const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')

describe('processes', () => {
  it('HB-141: one is known by its start: another with its id is left alone', () => {
    const pid = started('sleep', '60')
    const seen = seenAs(pid)
    expect([isThere(seen), isThere({ ...seen, start: '1' }), isThere({ pid, start: undefined })]).toEqual([
      true,
      false,
      false,
    ])
    endSeen({ ...seen, start: '1' })
    endNamespace(pid)
    endNamespace(0)
    expect(isThere(seen)).toBe(true)
    endSeen(seen)
    expect(childrenOf(4_194_303)).toEqual([])
  })

  it('HB-141: what makers that are gone have left is found by its name', () => {
    for (const name of ['4194303.a', `${process.pid}.b`, 'other']) mkdirSync(at(name))
    expect(leftBehind(place)).toEqual(['4194303.a'])
    expect(leftBehind(at('none'))).toEqual([])
  })

  it('T-138: descriptors that a child would inherit are seen', () => {
    const fd = openStatusFile('descriptors')
    expect(descriptor(fd.fd)).toEqual({ isWritable: true, isInherited: false })
    expect(descriptor(9_999)).toBeUndefined()
    expect(strayDescriptors()).not.toContain(fd.fd)
    fd.close()
  })
})

describe('places of one sandbox', () => {
  it('T-140: a link, what is behind one, and nothing are no place', () => {
    symlinkSync(place, at('link'))
    put('file')
    for (const path of [at('link'), at('link/file'), at('none')]) expect(placeAt(path)).toBeUndefined()
    expect(placeAt(at('file'))).toMatchObject({ kind: 'file', isShared: false })
    expect(placeAt('/dev/null')).toMatchObject({ kind: 'other' })
    linkSync(at('file'), at('second'))
    expect(placeAt(at('file'))).toMatchObject({ isShared: true })
    expect([realOf(at('none')), realOf(at('link')), isExecutable(at('file'))]).toEqual([at('none'), place, false])
  })

  it('T-140: a directory that others may write, or own, is not used', () => {
    mkdirSync(at('open'))
    chmodSync(at('open'), 0o777)
    expect(() => requireOwn(at('open'))).toThrow('belongs to somebody else')
    expect(requireOwn(at('own'))).toBe(at('own'))
    if (isRoot) chownSync(at('own'), 1, 1)
    if (isRoot) expect(() => requireOwn(at('own'))).toThrow('belongs to somebody else')
    removeDirectory(at('open'))
    removeDirectory(at('open\0'))
    expect(existsSync(at('open'))).toBe(false)
  })

  it('a status file has no name, is read while it is open, and is made where it can be', () => {
    const status = openStatusFile('test', [at('none'), place])
    expect(readdirSync(place)).toEqual([])
    appendFileSync(`/proc/self/fd/${status.fd}`, 'said')
    expect(status.said()).toBe('said')
    status.close()
    status.close()
    expect(status.said()).toBe('said')
    expect(() => openStatusFile('test', [at('none')])).toThrow('ENOENT')
    expect(() => openStatusFile('test', [])).not.toThrow()
  })
})

describe('bounds', () => {
  it.each([
    ['6.1.0-13-amd64', true],
    ['5.14.0', true],
    ['5.13.9', false],
    ['4.19.0', false],
    ['odd', false],
    ['', false],
  ])('whether kernel %j counts processes by namespace', (release, counts) =>
    expect(countsByNamespace(release)).toBe(counts),
  )

  it('countsByNamespace says it of this kernel', () => expect(typeof countsByNamespace()).toBe('boolean'))

  it.each([
    ['0 0 4294967295', { first: 0x7000_0000, span: 2 ** 22 }],
    ['0 100000 65536', { first: 10_000, span: 50_000 }],
    ['0 1000 1', undefined],
    ['', undefined],
  ])('uids of a user namespace with the map %j', (map, range) => expect(sandboxUids(map)).toEqual(range))

  it('a program is left room to start in, whatever the profile says', () => {
    expect(rlimitsOf({ ...profile.limits, memory: 1, processes: 5 }, 2)).toMatchObject({
      data: 2 ** 28,
      nproc: 7,
      core: 1,
    })
    expect(closingCommand('x86_64', 9, ['true'])[2]).toContain('syscall(436, 10,')
  })

  it('T-140: what is staged is found by its number, the rest where it lies', () => {
    const one = (path: string, more: Partial<Shown> = {}): Shown => ({
      ...{ path, source: path, inode: '1:1', writable: false, private: false, owned: false },
      ...more,
    })
    const shown = [
      one('/usr'),
      one('/secret', { private: true }),
      one('/w', { private: true, owned: true, writable: true }),
      one('/w/.git', { private: true }),
    ]
    const { staged, sourceOf } = stagingOf(shown, '/w', true, 'private', '/stage')
    expect(staged?.map(({ path, kind }) => [path, kind])).toEqual([
      ['/secret', 'plain'],
      ['/w', 'owned'],
    ])
    expect(shown.map(sourceOf)).toEqual(['/usr', '/stage/0', '/stage/1', '/stage/1/.git'])
    const every = stagingOf(shown, '/w', true, 'every', '/stage').staged
    expect(every?.map(({ kind }) => kind)).toEqual(['plain-ro', 'plain-ro', 'owned', 'owned-ro'])
    expect(stagingOf(shown, '/w', false)).toMatchObject({ staged: undefined })
    expect(stagingOf(shown, undefined, false).sourceOf(one('/usr'))).toBe('/usr')
  })

  it.skipIf(!isRoot)('SEC-6.2: a group is bounded whole or not at all', () => {
    put('cgroup.controllers', 'cpu memory pids')
    put('cgroup.subtree_control')
    put('sallyport/cgroup.subtree_control')
    mkdirSync(at(`sallyport/4194303.left`))
    const group = createControlGroup('a', profile.limits, place)
    const own = at(`sallyport/${process.pid}.a`)
    expect(group).toMatchObject({ kind: 'v2', join: [join(own, 'cgroup.procs')] })
    expect(readFileSync(join(own, 'memory.max'), 'utf8')).toBe(String(profile.limits.memory))
    expect([existsSync(join(own, 'memory.swap.max')), existsSync(at('sallyport/4194303.left'))]).toEqual([false, false])
    // no group of the kernel: its files keep it
    expect(group.remove()).toBe(false)
    put('memory')
    expect(() => createControlGroup('a', profile.limits, place)).toThrow('take no group for a sandbox')
    rmSync(own, { recursive: true })
    expect(group.remove()).toBe(true)
    expect(createControlGroup('a', profile.limits, at('none'))).toMatchObject({ kind: 'v1' })
  })
})

describe('AC-6.2.2: profiles of system calls', () => {
  it.each([
    ['unknown', 'there are default, network, learn'],
    ['/no/such/profile.json', 'cannot be read as JSON'],
  ])('%s is none', (name, why) => {
    expect(() => loadSeccompProfile(name)).toThrow(
      expect.objectContaining({ code: 'SP_SANDBOX_PROFILE', detail: expect.stringContaining(why) }) as Error,
    )
  })
  it('a file that is no JSON is none, and the one that learns refuses nothing', () => {
    expect(() => loadSeccompProfile(put('p.json', '{'))).toThrow('cannot be read as JSON')
    expect(loadSeccompProfile('learn').action).not.toBe('errno')
  })
  it('ND-6.1.a: AppArmor is used where its profile is loaded', () => {
    expect(appArmor(at('none'))).toMatchObject({ profile: undefined, unverified: ['AppArmor: this kernel has none'] })
    put('apparmor/profiles', 'other (enforce)\n')
    expect(appArmor(at('apparmor'))).toMatchObject({
      profile: undefined,
      unverified: [expect.stringContaining('not loaded')],
    })
    put('apparmor/profiles', 'sallyport-sandbox (enforce)\n')
    expect(appArmor(at('apparmor'))).toEqual({ profile: 'sallyport-sandbox', unverified: [] })
  })
  it('E-70: what is missing for a backend is said with the next step', () => {
    expect(missingFor('bubblewrap')).toBeUndefined()
    const host = process.env['DOCKER_HOST']
    process.env['DOCKER_HOST'] = `unix://${at('none')}`
    expect(missingFor('docker')).toContain('no engine listens')
    if (host === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = host
  })
})

describe('T-138: calls that the filter ended', () => {
  const hasLog = isRoot && existsSync('/dev/kmsg') && lstatSync('/dev/kmsg').isCharacterDevice()
  it.skipIf(!hasLog)('are told with the sandbox, the call and the program, and those of others are not', () => {
    const told: object[] = []
    const watch = watchViolations((violation) => void told.push(violation))
    watch.open()
    watch.open()
    watch.begun(1_900_000_001, 'a')
    const mount = syscallNumbers(HOST_ARCHITECTURE ?? 'x86_64').get('mount')
    const line = (words: string): void => writeFileSync('/dev/kmsg', `audit: type=1326 audit(1:1): ${words}\n`)
    line(`auid=1 uid=1900000001 gid=1 pid=1 comm="tool" sig=31 arch=c syscall=${mount} compat=0`)
    line('auid=1 uid=1900000001 gid=1 pid=1 sig=31 arch=c')
    line(`auid=1 uid=1900000002 gid=1 pid=1 comm="other" sig=31 arch=c syscall=${mount} compat=0`)
    line('auid=1 gid=1 pid=1 sig=31 arch=c')
    line(`auid=1 uid=1900000001 gid=1 pid=1 comm="tool" sig=0 arch=c syscall=999 compat=0`)
    watch.ended(1_900_000_001, 'a', 159)
    watch.close()
    expect(told).toEqual([
      { sandbox: 'a', action: 'ended', call: 'mount', program: 'tool' },
      { sandbox: 'a', action: 'ended', call: '-1', program: '' },
    ])
  })

  it('without a log only the end of the command itself is told', () => {
    const told: object[] = []
    const watch = watchViolations((violation) => void told.push(violation))
    watch.begun(5, 'a')
    watch.ended(5, 'a', 0)
    watch.ended(5, 'b', 159)
    watch.close()
    expect(told).toEqual([{ sandbox: 'b', action: 'ended', call: 'unknown', program: '' }])
  })
})
