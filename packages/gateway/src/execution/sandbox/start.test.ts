import { SallyportError, type ErrorCode } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import type { RunningSandbox, SandboxBackend, SandboxOrder } from './sandbox.ts'
import { SANDBOX_MODES, startSandbox } from './start.ts'

/** Backends that end so, or start; and who was asked. */
function backends(ends: Readonly<Partial<Record<SandboxBackend, ErrorCode>>>) {
  const asked: SandboxBackend[] = []
  const start = (backend: SandboxBackend) => async (): Promise<RunningSandbox> => {
    asked.push(backend)
    const code = ends[backend]
    if (code !== undefined) throw new SallyportError(code, `${backend} says why.`)
    return { inForce: { backend } } as RunningSandbox
  }
  const all = { bubblewrap: start('bubblewrap'), crun: start('crun'), runsc: start('runsc'), docker: start('docker') }
  return { asked, all }
}
const ORDER = {} as SandboxOrder
const there = (): undefined => undefined

describe.skipIf(process.platform !== 'linux')('startSandbox', () => {
  it('E-70: takes the first that can make one', async () => {
    const { asked, all } = backends({ bubblewrap: 'SP_SANDBOX_UNAVAILABLE' })
    const { inForce } = await startSandbox(ORDER, SANDBOX_MODES.auto, all, there)
    expect(inForce.backend).toBe('crun')
    expect(asked).toEqual(['bubblewrap', 'crun'])
  })

  it.each(['SP_SANDBOX_UNVERIFIED', 'SP_SANDBOX_WORKSPACE'] as const)(
    'AC-6.3.1, E-70: after %s no other is asked',
    async (code) => {
      const { asked, all } = backends({ bubblewrap: code })
      await expect(startSandbox(ORDER, SANDBOX_MODES.auto, all, there)).rejects.toMatchObject({ code })
      expect(asked).toEqual(['bubblewrap'])
    },
  )

  it('E-70: says of each why it cannot, and asks none that is not there', async () => {
    const { asked, all } = backends({ runsc: 'SP_SANDBOX_UNAVAILABLE', docker: 'SP_SANDBOX_UNAVAILABLE' })
    const missing = (backend: SandboxBackend) => (backend === 'crun' ? 'crun is not installed.' : undefined)
    const refused = startSandbox(ORDER, SANDBOX_MODES.container, all, missing)
    const said = { code: 'SP_SANDBOX_UNAVAILABLE', detail: 'crun is not installed. runsc says why. docker says why.' }
    await expect(refused).rejects.toMatchObject(said)
    expect(asked).toEqual(['runsc', 'docker'])
  })

  it('E-70: docker is another word for container', () => {
    expect(SANDBOX_MODES.docker).toBe(SANDBOX_MODES.container)
  })

  it('E-70: with the mode off nothing is started', async () => {
    const { asked, all } = backends({})
    await expect(startSandbox(ORDER, SANDBOX_MODES.off, all, there)).rejects.toMatchObject({
      detail: 'The mode is off.',
    })
    expect(asked).toEqual([])
  })
})
