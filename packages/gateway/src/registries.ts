import { findSecrets } from '@sallyport/core'
import type { RegistryDeps } from './assurance/registry/deps.ts'
import { readAuthorities } from './config/credentials.ts'
import { egressExceptions } from './config/egress-exceptions.ts'
import { egressSourceOf, readEgressFile } from './config/egress-rules.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import { readTrustedRoot } from './config/trusted-root.ts'
import { EgressBook } from './execution/egress/book.ts'
import { systemResolve, type Resolve } from './execution/egress/dial.ts'
import type { EgressAttempt } from './execution/egress/proxy.ts'
import { createRetrieve } from './execution/egress/retrieve.ts'

/** Under this name the client of registries asks: no rule can name it, so rules for everybody hold for it. */
const HOLDER = 'sallyport:registry'

interface RegistriesDeps {
  readonly loaded: LoadedConfig
  /** ms since 1970. */
  readonly now: () => number
  /** Told of each attempt before anything is connected; what it throws refuses it. */
  readonly attempted: (attempt: EgressAttempt) => Promise<void>
  readonly resolve?: Resolve
}

/**
 * What is needed to fetch bundles as the configuration has it: through the checked way out, with its blocked hosts, rules, exceptions and
 * authorities (SYS-9, T-120).
 * @throws SallyportError SP_CONFIG_INVALID
 */
export function openRegistries({ loaded, now, attempted, resolve = systemResolve }: RegistriesDeps): RegistryDeps {
  const { registries, egress } = loaded.config
  const book = new EgressBook()
  book.set('configuration', egressSourceOf(egress))
  for (const path of egress.files.map((file) => configPath(loaded, file))) book.set(path, readEgressFile(path))
  const fetch = createRetrieve({
    lender: {
      exceptions: egressExceptions(egress.exceptions, now()).inForce,
      authorities: readAuthorities(egress.authorities.map((path) => configPath(loaded, path))),
      rules: () => book.of(HOLDER),
      findSecrets: (text) => findSecrets(text, 'result'),
      admit: () => ({ ok: true }),
    },
    resolve,
    report: attempted,
  })
  return { fetch, config: registries, now, trust: trustOf(loaded) }
}

/** What `registries.sigstore.trustedRoot` names. @throws SallyportError SP_CONFIG_INVALID */
export function trustOf(loaded: LoadedConfig): RegistryDeps['trust'] {
  const { trustedRoot } = loaded.config.registries.sigstore
  return trustedRoot === undefined ? undefined : readTrustedRoot(configPath(loaded, trustedRoot))
}
