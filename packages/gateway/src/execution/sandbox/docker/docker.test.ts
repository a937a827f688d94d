import { SANDBOX_PROFILES } from '@sallyport/core'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { containerOf, mountPointsOf, type DockerCall } from './container.ts'
import { engineSocket } from './engine.ts'
import { parcelOf } from './hand-over.ts'
import { rootArchive } from './image.ts'

const { work } = SANDBOX_PROFILES
if (work === undefined) throw new Error('no profile')
const shown = (path: string, writable: boolean) => ({
  ...{ path, source: path, inode: '1:1', writable },
  ...{ private: true, owned: false },
})
const CALL: DockerCall = {
  image: 'sha256:1',
  profile: work,
  view: { shown: [shown('/usr', false), shown('/srv/p, "q"', true)], links: [], programs: [] },
  args: ['/usr/bin/perl', '-e', 'first'],
  sourceOf: ({ path }) => `/shown${path}`,
  place: '/place',
  uid: 70_000,
  gid: 70_000,
  rlimits: { core: 1, nproc: 101 },
  processes: 101,
  inProc: (name) => name === 'keys' || name === 'acpi',
  appArmor: undefined,
  labels: { a: 'b' },
}

describe('containerOf', () => {
  const made = containerOf(CALL) as { readonly HostConfig: Readonly<Record<string, unknown>> }

  it('SEC-6.1, ND-6.1.a: no capability, no new privileges, no network, a read-only root, bounds', () => {
    expect(made).toMatchObject({ User: '70000:70000', Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], WorkingDir: '/' })
    expect(made.HostConfig).toMatchObject({
      ...{ NetworkMode: 'none', IpcMode: 'none', CgroupnsMode: 'private', Privileged: false },
      ...{ ReadonlyRootfs: true, CapDrop: ['ALL'], PidsLimit: 101, NanoCpus: 1e9 },
      ...{ Memory: 512 * 2 ** 20, MemorySwap: 512 * 2 ** 20, LogConfig: { Type: 'none' } },
      MaskedPaths: ['/sys', '/proc/keys', '/proc/acpi'],
      ReadonlyPaths: ['/dev', '/proc/sys'],
      SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
    })
    expect((containerOf({ ...CALL, appArmor: 'x' }) as typeof made).HostConfig['SecurityOpt']).toContain('apparmor=x')
  })

  it('T-138: the engine gets neither the command nor its environment', () => {
    const filter = new Uint8Array([1, 2])
    const parcel = parcelOf(filter, '/srv', { SECRET: 'a=b' }, ['sh', '-c', '', 'x'])
    const words = '/srv\0' + '1\0SECRET\0a=b\0sh\0-c\0\0x'
    expect([...parcel.subarray(0, 10)]).toEqual([0, 0, 0, 2, 1, 2, 0, 0, 0, words.length])
    expect(parcel.subarray(10).toString()).toBe(words)
  })

  it('AC-6.4.1: shows the allow-list by its own names, whatever these hold, and nothing below another mount', () => {
    const mounts = made.HostConfig['Mounts'] as readonly { readonly Source: string; readonly Target: string }[]
    expect(mounts.slice(0, 2)).toEqual(
      [
        ['/usr', true],
        ['/srv/p, "q"', false],
      ].map(([path, readOnly]) => ({
        ...{ Type: 'bind', Source: `/shown${path}`, Target: path, ReadOnly: readOnly },
        BindOptions: { NonRecursive: true, Propagation: 'rprivate' },
      })),
    )
    expect(mounts.slice(2).map(({ Target }) => Target)).toEqual(['/.door'])
    expect(mountPointsOf(CALL)).toMatchObject({
      own: expect.arrayContaining(['/tmp', '/home/sandbox']) as string[],
      bound: ['/usr', '/srv/p, "q"', '/.door'],
      covers: ['/proc/sys', '/sys', '/proc/keys', '/proc/acpi'],
    })
  })
})

it('its root holds the links of the view and nothing else, always with the same bytes', () => {
  const links = [
    ['/bin', 'usr/bin'],
    ['/opt/node/bin/npm', '../lib/node_modules/npm/bin/npm-cli.js'],
  ] as const
  const tar = rootArchive(links)
  expect(tar).toEqual(rootArchive(links))
  const listed = spawnSync('tar', ['-tvf', '-', '--full-time'], { input: tar, encoding: 'utf8' })
  expect(listed.status).toBe(0)
  const rows = listed.stdout.trim().split('\n')
  expect(rows.map((row) => row.replace(/^(\S+) .* 1970-01-01 \S+ /, '$1 '))).toEqual([
    ...['opt/', 'opt/node/', 'opt/node/bin/'].map((path) => `drwxr-xr-x ${path}`),
    'lrwxr-xr-x bin -> usr/bin',
    'lrwxr-xr-x opt/node/bin/npm -> ../lib/node_modules/npm/bin/npm-cli.js',
  ])
  expect(() => rootArchive([[`/${'x'.repeat(101)}`, 'y']])).toThrow('too long')
})

describe('engineSocket', () => {
  it.each(['tcp://127.0.0.1:2375', 'ssh://host', 'npipe:////./pipe/docker', 'unix://relative', 'fd://'])(
    'AC-6.3.1: an engine at %s is not asked',
    (host) => expect(engineSocket(host)).toMatchObject({ missing: expect.stringContaining('this machine') as string }),
  )

  it('E-70: a file that is no socket is no engine', async () => {
    const place = mkdtempSync(join(tmpdir(), 'sallyport-engine-'))
    const at = join(place, 'sock')
    expect(engineSocket(`unix://${at}`)).toMatchObject({
      missing: expect.stringContaining('no engine listens') as string,
    })
    expect(engineSocket(`unix://${place}`)).toHaveProperty('missing')
    const server = createServer()
    await new Promise<void>((done) => server.listen(at, done))
    expect(engineSocket(`unix://${at}`)).toEqual({ at })
    server.close()
    rmSync(place, { recursive: true })
  })
})
