import { SallyportError } from '@sallyport/core'
import { startBubblewrap } from './bubblewrap.ts'
import { startOci } from './oci/oci.ts'
import { OCI_RUNTIMES } from './oci/runtimes.ts'
import type { RunningSandbox, SandboxBackend, SandboxOrder } from './sandbox.ts'

const START: Readonly<Record<SandboxBackend, (order: SandboxOrder) => Promise<RunningSandbox>>> = {
  bubblewrap: startBubblewrap,
  crun: (order) => startOci(OCI_RUNTIMES.crun, order),
  runsc: (order) => startOci(OCI_RUNTIMES.runsc, order),
}

/** What the configuration calls a mode (E-70): the backends that are tried, in this order. None is ever left out for a bare start. */
export const SANDBOX_MODES = {
  auto: ['bubblewrap', 'crun', 'runsc'],
  process: ['bubblewrap'],
  container: ['crun', 'runsc'],
  off: [],
} as const satisfies Readonly<Record<string, readonly SandboxBackend[]>>

/**
 * Starts a command in a sandbox of the first of these backends that can make one here. Nothing runs anywhere else.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when none can, SP_SANDBOX_UNVERIFIED when one made something else than was ordered
 */
export async function startSandbox(
  order: SandboxOrder,
  backends: readonly SandboxBackend[] = ['bubblewrap'],
): Promise<RunningSandbox> {
  if (process.platform !== 'linux')
    throw new SallyportError('SP_SANDBOX_UNAVAILABLE', `There is no sandbox for ${process.platform}.`)
  const said: string[] = []
  for (const backend of backends) {
    try {
      return await START[backend](order)
    } catch (thrown) {
      if (!(thrown instanceof SallyportError) || thrown.code !== 'SP_SANDBOX_UNAVAILABLE') throw thrown
      said.push(thrown.detail)
    }
  }
  throw new SallyportError('SP_SANDBOX_UNAVAILABLE', said.length === 0 ? 'The mode is off.' : said.join(' '))
}
