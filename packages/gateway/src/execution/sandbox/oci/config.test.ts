import { SANDBOX_PROFILES } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import { mountPointsOf, ociConfig, type OciCall } from './config.ts'

const { work } = SANDBOX_PROFILES
if (work === undefined) throw new Error('no profile')
const shown = (path: string, writable: boolean) => ({
  path,
  source: path,
  inode: '1:1',
  writable,
  private: true,
  owned: false,
})
const CALL: OciCall = {
  profile: work,
  view: {
    shown: [shown('/usr', false), shown('/srv/p', true), shown('/srv/p/.git', false)],
    links: [],
    programs: [],
  },
  args: ['/bin/sh', '-c', 'gate', 'cmd'],
  env: { PATH: '/usr/bin', A: 'b=c' },
  cwd: '/srv/p',
  sourceOf: ({ path }) => `/stage${path}`,
  hasBelow: ({ path }) => path !== '/srv/p/.git',
  id: 1_000,
  rlimits: { core: 1, nofile: 64 },
  inProc: (name) => name === 'keys' || name === 'acpi',
  appArmor: undefined,
}

describe('ociConfig', () => {
  it('SEC-6.1, ND-6.1.a: no capability, no new privileges, a read-only root, bounds, nothing of the host’s environment', () => {
    const { process, root, linux, hostname } = ociConfig(CALL)
    expect(process).toEqual({
      terminal: false,
      user: { uid: 1_000, gid: 1_000, umask: 0o022 },
      args: ['/bin/sh', '-c', 'gate', 'cmd'],
      env: ['PATH=/usr/bin', 'A=b=c'],
      cwd: '/srv/p',
      capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
      noNewPrivileges: true,
      rlimits: [
        { type: 'RLIMIT_CORE', soft: 1, hard: 1 },
        { type: 'RLIMIT_NOFILE', soft: 64, hard: 64 },
      ],
    })
    expect(root).toEqual({ path: 'rootfs', readonly: true })
    expect(hostname).toBe('sandbox')
    expect(linux).toEqual({
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      maskedPaths: ['/proc/keys', '/proc/acpi'],
      readonlyPaths: ['/dev', '/proc/sys'],
    })
  })

  it('AC-6.4.1: shows the allow-list and private places, and nothing else', () => {
    const { mounts } = ociConfig(CALL)
    const own = ['/proc', '/dev', '/dev/pts', '/dev/shm', '/tmp', '/var/tmp', '/run', '/home/sandbox']
    expect(mounts.map(({ destination }) => destination)).toEqual([...own, '/usr', '/srv/p', '/srv/p/.git'])
    expect(mounts.filter(({ type }) => type === 'bind')).toEqual(
      [
        { destination: '/usr', own: 'ro', below: ['rro', 'rnosuid', 'rnodev'] },
        { destination: '/srv/p', own: 'rw', below: ['rnosuid', 'rnodev'] },
        { destination: '/srv/p/.git', own: 'ro', below: [] },
      ].map(({ destination, own: access, below }) => ({
        ...{ destination, type: 'bind', source: `/stage${destination}` },
        options: ['rbind', access, 'nosuid', 'nodev', ...below],
      })),
    )
    expect(mounts.find(({ destination }) => destination === '/tmp')?.options).toEqual([
      ...['nosuid', 'nodev', 'mode=1777', `size=${64 * 2 ** 20}`],
    ])
  })

  it('names an AppArmor profile only where there is one', () => {
    expect(ociConfig({ ...CALL, appArmor: 'sallyport-sandbox' }).process['apparmorProfile']).toBe('sallyport-sandbox')
  })
})

it('mount points are made for what no shown path holds', () => {
  const points = mountPointsOf(ociConfig(CALL).mounts).map(({ destination }) => destination)
  expect(points).toContain('/srv/p')
  expect(points).toContain('/dev/shm')
  expect(points).not.toContain('/srv/p/.git')
})
