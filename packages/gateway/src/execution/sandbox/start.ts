import { join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { startBubblewrap } from './bubblewrap.ts'
import { startDocker } from './docker/docker.ts'
import { engineSocket } from './docker/engine.ts'
import { isExecutable } from './host.ts'
import { SYSTEM_PATH } from './launch.ts'
import { startOci } from './oci/oci.ts'
import { OCI_RUNTIMES } from './oci/runtimes.ts'
import type { RunningSandbox, SandboxBackend, SandboxOrder } from './sandbox.ts'

type Start = (order: SandboxOrder) => Promise<RunningSandbox>

const START: Readonly<Record<SandboxBackend, Start>> = {
  bubblewrap: startBubblewrap,
  crun: (order) => startOci(OCI_RUNTIMES.crun, order),
  runsc: (order) => startOci(OCI_RUNTIMES.runsc, order),
  docker: startDocker,
}
const PROGRAMS = { bubblewrap: 'bwrap', crun: 'crun', runsc: 'runsc' } as const

const CONTAINER = ['crun', 'runsc', 'docker'] as const
/** What the configuration calls a mode (E-70; `docker` is another word for `container`): the backends that are tried, in this order. None is ever left out for a bare start. */
export const SANDBOX_MODES = {
  auto: ['bubblewrap', 'crun', 'runsc', 'docker'],
  process: ['bubblewrap'],
  container: CONTAINER,
  docker: CONTAINER,
  off: [],
} as const satisfies Readonly<Record<string, readonly SandboxBackend[]>>

/** What is missing for a backend, and the next step; undefined when its program is there, or its engine listens. */
export function missingFor(backend: SandboxBackend): string | undefined {
  if (backend === 'docker') {
    const socket = engineSocket()
    return 'missing' in socket ? socket.missing : undefined
  }
  if (SYSTEM_PATH.split(':').some((directory) => isExecutable(join(directory, PROGRAMS[backend])))) return undefined
  return `${backend} is not installed: \`apt-get install ${backend}\` on Debian and Ubuntu.`
}

/**
 * Starts a command in a sandbox of the first of these backends that can make one here. Nothing runs anywhere else.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when none can, SP_SANDBOX_UNVERIFIED when one made something else than was ordered
 */
export async function startSandbox(
  order: SandboxOrder,
  backends: readonly SandboxBackend[] = ['bubblewrap'],
  start = START,
  missing = missingFor,
): Promise<RunningSandbox> {
  if (process.platform !== 'linux') throw unavailable(`There is no sandbox for ${process.platform}.`)
  const said: string[] = []
  for (const backend of backends) {
    try {
      const what = missing(backend)
      if (what !== undefined) throw unavailable(what)
      return await start[backend](order)
    } catch (thrown) {
      if (!(thrown instanceof SallyportError) || thrown.code !== 'SP_SANDBOX_UNAVAILABLE') throw thrown
      said.push(thrown.detail)
    }
  }
  throw unavailable(said.length === 0 ? 'The mode is off.' : said.join(' '))
}

const unavailable = (what: string): SallyportError => new SallyportError('SP_SANDBOX_UNAVAILABLE', what)
