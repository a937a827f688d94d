import { escapeText, SallyportError } from '@sallyport/core'
import type { Registries } from '../../config/registries-schema.ts'
import { fetchArchive } from './archive-url.ts'
import type { Bundle, BundleFile } from '../admission/bundle.ts'
import { fetchClawhub } from './clawhub.ts'
import { withClient, type Client } from './client.ts'
import type { RegistryDeps } from './deps.ts'
import { fetchGithub } from './github.ts'
import { fits, integrityOf, readIntegrity } from './integrity.ts'
import type { Accepted } from './moderation.ts'
import { fetchNpm } from './npm.ts'
import { openArchive } from './open-archive.ts'
import { configured } from './places.ts'
import { pinnedReference, type Reference } from './reference.ts'
import { requireSigned } from './signature.ts'
import type { Handed } from './source.ts'

export interface FetchOptions {
  /** Hash of the archive that was reviewed before, of a lock: `sha512-…`. Another one is refused. */
  readonly expected?: string
  /** What is taken although the registry flags it; for quarantine only. */
  readonly acceptFlagged?: Accepted
  readonly signal?: AbortSignal
}

/**
 * Fetches one bundle, whole and in memory, and holds it against everything that was announced of it (SYS-9, HB-36, TM-PERSIST-002, T-146).
 * It writes nothing, runs nothing and admits nothing. Whatever does not fit is an error, and then nothing of the bundle is there.
 * @throws SallyportError SP_REGISTRY_*, SP_EGRESS_*
 */
export async function fetchBundle(text: string, deps: RegistryDeps, options: FetchOptions = {}): Promise<Bundle> {
  const at = pinnedReference(text)
  const { expected, acceptFlagged = 'none', signal } = options
  const known = expected === undefined ? undefined : readIntegrity(expected)
  return withClient(deps, signal, async (client) => {
    const handed = await hand(at, client, acceptFlagged)
    const integrity = integrityOf(handed.archive)
    if (known !== undefined && !fits(handed.archive, known))
      throw new SallyportError(
        'SP_REGISTRY_CHANGED',
        `The lock has ${String(expected).slice(0, 200)}, ${integrity} came.`,
        {
          details: { expected, came: integrity },
        },
      )
    if (known === undefined && !handed.isAnnounced)
      throw new SallyportError('SP_REGISTRY_WEAK_INTEGRITY', '', { details: { came: integrity } })
    requireSigned(handed.signature, demandOf(at, deps.config))
    const opened = await openArchive(handed.archive, deps.config.limits, handed.top)
    const checked = handed.check(opened)
    const { signature } = handed
    return {
      name: handed.name,
      ...(handed.version === undefined ? {} : { version: handed.version }),
      files: handed.under === undefined ? checked.files : below(checked.files, handed.under),
      provenance: {
        ...{ source: handed.source, url: handed.url, integrity, signature: signature.state },
        ...(signature.state === 'verified' ? { signedBy: signature.by } : {}),
        notes: [
          ...(signature.state === 'verified' ? [] : [`Signature: ${signature.why}`]),
          ...handed.notes,
          ...opened.notes,
          ...checked.notes,
        ],
      },
    }
  })
}

async function hand(at: Reference, client: Client, accepted: Accepted): Promise<Handed> {
  const { config } = client
  switch (at.kind) {
    case 'clawhub':
      return fetchClawhub(at, configured(config, 'clawhub'), client, accepted)
    case 'npm':
      return fetchNpm(at, configured(config, 'npm'), client)
    case 'github':
      return fetchGithub(at, configured(config, 'github'), client)
    case 'https':
      return fetchArchive(at, client)
  }
}

/** Where nothing is signed, nothing can be required: the hash of what was reviewed is what holds there. */
function demandOf({ kind }: Reference, config: Registries): 'checked' | 'required' {
  if (kind === 'https') return config.archives.signatures
  return kind === 'npm' ? configured(config, kind).signatures : 'checked'
}

function below(files: readonly BundleFile[], folder: string): readonly BundleFile[] {
  const own = files.filter(({ path }) => path.startsWith(`${folder}/`))
  if (own.length > 0) return own.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }))
  throw new SallyportError('SP_REGISTRY_UNKNOWN', `There is no folder "${escapeText(folder)}" in it.`)
}
