import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
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

  it.each<readonly [string, (order: Order) => void]>([
    ['CapBnd is not empty', (order) => (order.HostConfig.CapDrop = [])],
    ['it could gain privileges', (order) => (order.HostConfig.SecurityOpt = [])],
    ["shares the host's net namespace", (order) => (order.HostConfig.NetworkMode = 'host')],
    ["shares the host's pid namespace", (order) => (order.HostConfig.PidMode = 'host')],
    ['it is in the group 4', (order) => (order.User += ',4')],
    ['its environment holds LD_PRELOAD', (order) => order.Env.push('LD_PRELOAD=/x')],
    ['/ is not read-only', (order) => (order.HostConfig.ReadonlyRootfs = false)],
    ['/proc/sys is not', (order) => (order.HostConfig.ReadonlyPaths = ['/dev'])],
    ['/sys is not covered', (order) => (order.HostConfig.MaskedPaths = order.HostConfig.MaskedPaths.slice(1))],
    [
      '/sys is not covered',
      (order) => order.HostConfig.MaskedPaths.push('/proc') && order.HostConfig.MaskedPaths.splice(0, 1),
    ],
    [
      '/more was mounted by nobody',
      ({ HostConfig: { Mounts } }) => Mounts.push({ Source: '/root', Target: '/more', ReadOnly: true }),
    ],
    [
      '/tmp/host was mounted by nobody',
      ({ HostConfig: { Mounts } }) => Mounts.push({ Source: '/usr', Target: '/tmp/host', ReadOnly: true }),
    ],
    [
      '/usr is not read-only',
      ({ HostConfig: { Mounts } }) => Mounts.forEach((one) => one.Target === '/usr' && (one.ReadOnly = false)),
    ],
    [
      '/etc/passwd is not what was meant',
      ({ HostConfig: { Mounts } }) =>
        Mounts.forEach((one) => one.Target === '/etc/passwd' && (one.Source = '/etc/hostname')),
    ],
    [
      '/dev/shm is that of the host',
      (order) => (order.More = ['umount "$1/dev/shm"; mount --bind /dev/shm "$1/dev/shm"']),
    ],
    ['/dev/kmsg is there by nobody', (order) => (order.More = ['mknod "$1/dev/kmsg" c 1 11'])],
    ['/planted is in its root by nobody', (order) => (order.More = ['echo x >"$1/planted"'])],
    ['/etc/planted is in its root by nobody', (order) => (order.More = ['mkdir "$1/etc/planted"'])],
    ['/.dockerenv is in its root by nobody', (order) => (order.More = ['echo x >"$1/.dockerenv"'])],
    ['/etc/mtab is in its root by nobody', (order) => (order.More = ['ln -s /etc/passwd "$1/etc/mtab"'])],
    ['its memory is not bounded', (order) => (order.HostConfig.Memory = 0)],
    ['its pids is not bounded', (order) => (order.HostConfig.PidsLimit = 5_000)],
    ['its cpu is not bounded', (order) => (order.HostConfig.NanoCpus = 0)],
  ])('AC-6.3.1 T-138: of which %s never runs anything', async (fault, change) => {
    const { engine, start } = await sandbox(['sh', '-c', 'echo ran >ran'], { change })
    await expect(start()).rejects.toMatchObject({
      code: 'SP_SANDBOX_UNVERIFIED',
      detail: expect.stringContaining(fault),
    })
    expect(engine.asked.at(-1)).toMatch(/^DELETE /)
    await expect.poll(engine.running).toBe(0)
  })
})
