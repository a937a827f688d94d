import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { SANDBOX_PROFILES, type SandboxProfile } from '@sallyport/core'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { RunningSandbox, SandboxOrder } from '../sandbox.ts'
import { loadSeccompProfile } from '../seccomp-profiles.ts'
import { startDocker } from './docker.ts'
import { canMake, smallEngine, type Odd, type Order, type SmallEngine } from './fixtures/small-engine.ts'

if (!canMake)
  process.stderr.write('NOT VERIFIED: containers of an engine, because only root makes them, with control groups v1.\n')

const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'sp-container-')))
const host = process.env['DOCKER_HOST']
const engines: SmallEngine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
  if (host === undefined) delete process.env['DOCKER_HOST']
  else process.env['DOCKER_HOST'] = host
})
afterAll(() => rmSync(workspace, { recursive: true, force: true }))

let ids = 0
/** An order of a command in a container, with an engine that does this. */
async function sandbox(
  command: readonly string[],
  odd: Odd = {},
  more: Partial<SandboxOrder> = {},
  changed: Partial<SandboxProfile> = {},
) {
  const { work } = SANDBOX_PROFILES
  if (work === undefined) throw new Error('no profile')
  const engine = await smallEngine(odd)
  engines.push(engine)
  process.env['DOCKER_HOST'] = `unix://${engine.socket}`
  const order: SandboxOrder = {
    ...{ id: `container-test-${ids++}`, command, workspace, env: { OWN: '1' }, terminal: false },
    profile: { ...work, network: 'none', ...changed },
    seccomp: loadSeccompProfile('default'),
    stdio: ['pipe', 'pipe', 'pipe'],
    ...more,
  }
  return { engine, start: (): Promise<RunningSandbox> => startDocker(order) }
}

describe.skipIf(!canMake)('a container', () => {
  it('SEC-6.1 ND-6.1.a: runs what was ordered, as nobody, and leaves nothing', async () => {
    const { engine, start } = await sandbox(['sh', '-c', 'id -u; echo $OWN; pwd; echo made >made; exit 7'])
    const { child, exited, inForce } = await start()
    const said = child.stdout === null ? '' : await text(child.stdout)
    expect(await exited).toMatchObject({ code: 7, timedOut: false, faults: [] })
    expect(said).toBe(`${inForce.uid}\n1\n${workspace}\n`)
    expect(inForce).toMatchObject({ backend: 'docker', cgroup: 'v1', network: 'none', workspace: 'rw' })
    expect(inForce.uid).toBeGreaterThan(65_536)
    await expect.poll(engine.running).toBe(0)
  })

  it('E-70: what runs too long is ended', async () => {
    const { work } = SANDBOX_PROFILES
    const limits = { ...work?.limits, seconds: 1 } as SandboxProfile['limits']
    const { start, engine } = await sandbox(['sleep', '60'], {}, {}, { limits })
    const { exited } = await start()
    expect(await exited).toMatchObject({ code: 124, timedOut: true })
    await expect.poll(engine.running).toBe(0)
  })

  it('AC-6.3.1: that could gain privileges sets no filter of system calls, and never comes to the gate', async () => {
    const { engine, start } = await sandbox(['true'], { change: ({ HostConfig: host }) => (host.SecurityOpt = []) })
    await expect(start()).rejects.toMatchObject({ code: 'SP_SANDBOX_UNAVAILABLE' })
    await expect.poll(engine.running).toBe(0)
  })

  const mounted = ({ HostConfig: { Mounts } }: Order, target: string): Order['HostConfig']['Mounts'][number] => {
    const found = Mounts.find(({ Target }) => Target === target)
    if (found === undefined) throw new Error(`nothing is mounted at ${target}`)
    return found
  }
  it.each<readonly [readonly string[], (order: Order) => void]>([
    [
      ["shares the host's pid namespace", "shares the host's net namespace", 'CapBnd is not empty'],
      ({ HostConfig: host }) => Object.assign(host, { PidMode: 'host', NetworkMode: 'host', CapDrop: [] }),
    ],
    [
      ['/ is not read-only', '/proc/sys is not read-only'],
      ({ HostConfig: host }) => {
        Object.assign(host, { ReadonlyRootfs: false, ReadonlyPaths: ['/dev'] })
      },
    ],
    [
      ['/usr is not read-only', '/etc/passwd is not what was meant', "/more was mounted by nobody's order"],
      (order) => {
        mounted(order, '/usr').ReadOnly = false
        mounted(order, '/etc/passwd').Source = '/etc/hostname'
        order.HostConfig.Mounts.push({ Source: '/root', Target: '/more', ReadOnly: true })
      },
    ],
    [
      ["/tmp/host was mounted by nobody's order", '/dev/shm is that of the host', '/sys is not covered'],
      (order) => {
        order.HostConfig.Mounts.push({ Source: '/usr', Target: '/tmp/host', ReadOnly: true })
        order.HostConfig.MaskedPaths = order.HostConfig.MaskedPaths.filter((path) => path !== '/sys')
        order.More = ['umount "$1/dev/shm"; mount --bind /dev/shm "$1/dev/shm"']
      },
    ],
    [
      ['/sys is not covered', "/dev/kmsg is there by nobody's order", "/planted is in its root by nobody's order"],
      (order) => {
        order.HostConfig.MaskedPaths = order.HostConfig.MaskedPaths.filter((path) => path !== '/sys')
        const full = 'mount -t tmpfs full "$1/sys"; echo x >"$1/sys/x"'
        order.More = [full, 'mknod "$1/dev/kmsg" c 1 11', 'echo x >"$1/planted"']
      },
    ],
    [
      ['/.dockerenv', '/etc/mtab', '/etc/planted'].map((path) => `${path} is in its root by nobody's order`),
      (order) => {
        order.More = ['echo x >"$1/.dockerenv"; ln -s /etc/passwd "$1/etc/mtab"; mkdir "$1/etc/planted"']
      },
    ],
    [
      ['it is in the group 4', 'its environment holds LD_PRELOAD', 'its memory is not bounded'],
      (order) => {
        order.User += ',4'
        order.Env.push('LD_PRELOAD=/x')
        order.HostConfig.Memory = 0
      },
    ],
    [
      ['its pids is not bounded', 'its cpu is not bounded'],
      ({ HostConfig: host }) => Object.assign(host, { PidsLimit: 5_000, NanoCpus: 0 }),
    ],
  ])('AC-6.3.1 T-138: of which these are true never runs anything: %j', async (faults, change) => {
    const { engine, start } = await sandbox(['sh', '-c', 'echo ran >ran'], { change })
    const thrown: unknown = await start().catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'SP_SANDBOX_UNVERIFIED' })
    for (const fault of faults) expect(String(thrown)).toContain(fault)
    expect(engine.asked.at(-1)).toMatch(/^DELETE /)
    expect(existsSync(join(workspace, 'ran'))).toBe(false)
    await expect.poll(engine.running).toBe(0)
  })
})
