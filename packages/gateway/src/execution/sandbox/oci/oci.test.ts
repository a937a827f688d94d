import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { SANDBOX_PROFILES, type SandboxProfile } from '@sallyport/core'
import { afterAll, describe, expect, it } from 'vitest'
import type { RunningSandbox, SandboxOrder } from '../sandbox.ts'
import { loadSeccompProfile } from '../seccomp-profiles.ts'
import { missingFor, startSandbox } from '../start.ts'
import { lookAtGvisor } from './gvisor.ts'

const { work } = SANDBOX_PROFILES
if (work === undefined) throw new Error('no profile')
const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'sp-oci-')))
afterAll(() => rmSync(workspace, { recursive: true, force: true }))

let ids = 0
const started = (
  backend: 'crun' | 'runsc' | 'bubblewrap',
  command: readonly string[],
  changed: Partial<SandboxProfile> = {},
  more: Partial<SandboxOrder> = {},
): Promise<RunningSandbox> =>
  startSandbox(
    {
      ...{ id: `oci-test-${ids++}`, command, workspace, env: {}, terminal: false },
      profile: { ...work, network: 'none', ...changed },
      seccomp: loadSeccompProfile('default'),
      stdio: ['ignore', 'pipe', 'ignore'],
      ...more,
    },
    [backend],
  )

const here = (['bubblewrap', 'crun', 'runsc'] as const).filter((name) => missingFor(name) === undefined)
const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot).each(here)('%s', (backend) => {
  it('AC-6.3.1 E-70: runs what was ordered, as nobody, and leaves nothing', async () => {
    const { child, exited, inForce } = await started(backend, ['sh', '-c', 'pwd; echo made >made; exit 7'])
    const said = child.stdout === null ? '' : await text(child.stdout)
    expect(await exited).toMatchObject({ code: 7, timedOut: false, faults: [] })
    expect(said).toBe(`${workspace}\n`)
    expect(inForce).toMatchObject({ backend, network: 'none', workspace: 'rw' })
    expect(inForce.uid).toBeGreaterThan(65_536)
    expect(readdirSync(workspace)).toEqual(['made'])
  })

  it('E-70: is ended from outside, with all that it started', async () => {
    const { exited, kill } = await started(backend, ['sh', '-c', 'sleep 60 & sleep 60'], {}, { workspace: undefined })
    kill()
    expect((await exited).code).toBeGreaterThan(128)
  })

  it('AC-6.3.1: a word that nothing can run is its exit code', async () => {
    const { exited } = await started(backend, ['/no/such/program'])
    expect((await exited).code).toBe(127)
  })

  it('AC-6.5.3: a network that leads to nobody is not opened', async () => {
    await expect(started(backend, ['true'], { network: 'allowlist' })).rejects.toMatchObject({
      code: 'SP_SANDBOX_UNAVAILABLE',
    })
  })
})

describe.skipIf(!here.includes('crun') || !isRoot)('what an OCI runtime cannot do', () => {
  it('is not done otherwise', async () => {
    const mounts = [{ path: '/etc/own', source: workspace, writable: false }]
    await expect(started('crun', ['true'], {}, { mounts })).rejects.toMatchObject({
      detail: expect.stringContaining('shows no paths at other places') as string,
    })
  })

  it('E-67: of gVisor is looked at what there is, or nothing runs', () => {
    const at = { maker: process.pid, waiting: process.pid, shown: [], uid: 1 }
    expect(() => lookAtGvisor(at)).toThrow('the processes of gVisor are not to be found')
  })
})
