import { resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import type { Bundle } from '../../assurance/admission/bundle.ts'
import { readBundle } from '../../assurance/admission/read-bundle.ts'
import type { RegistryDeps } from '../../assurance/registry/deps.ts'
import { fetchBundle } from '../../assurance/registry/fetch-bundle.ts'
import { resolveReference } from '../../assurance/registry/resolve-reference.ts'
import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import { loadConfig } from '../../config/load.ts'
import { openRegistries } from '../../registries.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { textOption } from './room.ts'

/** Milliseconds that reading may take. */
const LONGEST = 120_000

/** Whether a word names a bundle of a registry, and no path. */
export const isReference = (text: string): boolean => /^(?:clawhub|npm|github):|^https?:\/\//.test(text)

/** The way out to registries, as the configuration has it; each host that is asked is said. */
export function registriesOf(io: CliIo): RegistryDeps {
  const now = (): number => systemClock.now()
  const loaded = loadConfig(io.configPath, { env: environment(), stateDir: io.stateDir, now: now() })
  const attempted = ({ target, verdict, reason }: Attempted): Promise<void> => {
    if (!io.quiet) io.err(verdict === 'allowed' ? `asking ${target} …` : `${target}: ${reason ?? verdict}`)
    return Promise.resolve()
  }
  return openRegistries({ loaded, now, attempted })
}

interface Attempted {
  readonly target: string
  readonly verdict: string
  readonly reason?: string
}

/**
 * Reads a folder or archive, or fetches what a pinned reference names (HB-36).
 * @throws SallyportError SP_SKILL_BUNDLE, SP_REGISTRY_*, SP_EGRESS_*, SP_CLI_USAGE
 */
export async function bundleOf(io: CliIo, source: string, options: CliOptions): Promise<Bundle> {
  const name = textOption(options, 'name')
  if (!isReference(source)) {
    const now = (): number => performance.now()
    return readBundle(resolve(io.cwd, source), { now, deadline: now() + LONGEST }, name)
  }
  const expected = textOption(options, 'expected')
  const accepted = options['acceptFlagged'] === true ? 'suspicious' : 'none'
  const bundle = await fetchBundle(source, registriesOf(io), {
    ...{ acceptFlagged: accepted, signal: io.signal },
    ...(expected === undefined ? {} : { expected }),
  })
  return name === undefined ? bundle : { ...bundle, name }
}

/** The pinned form of a reference that says no version. @throws SallyportError SP_REGISTRY_*, SP_CLI_USAGE */
export async function pinnedForm(io: CliIo, source: string): Promise<string> {
  if (isReference(source)) return resolveReference(source, registriesOf(io), io.signal)
  throw new SallyportError('SP_CLI_USAGE', `--resolve is for references; ${source} is a path.`)
}
