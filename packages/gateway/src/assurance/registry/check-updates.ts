import { toSallyportError } from '@sallyport/core'
import type { RegistryDeps } from './deps.ts'
import { looseText, readReference, type Reference } from './reference.ts'
import { resolveReference } from './resolve-reference.ts'

/** What there would be besides a pinned bundle. `same`: it is the newest. */
export type Update =
  | { readonly reference: string; readonly state: 'same' | 'none' }
  | { readonly reference: string; readonly state: 'other'; readonly offered: string; readonly isOlder: boolean }
  | { readonly reference: string; readonly state: 'unknown'; readonly code: string; readonly why: string }

/**
 * Says what registries offer now besides what is pinned. It fetches no bundle and changes nothing: an update is a bundle like any other,
 * to be reviewed (SYS-9, TM-PERSIST-002). What could not be asked for is `unknown`; what has no newer one by its nature is `none`.
 */
export async function checkUpdates(
  references: readonly string[],
  deps: RegistryDeps,
  signal?: AbortSignal,
): Promise<readonly Update[]> {
  const found: Update[] = []
  // one after the other: registries count requests
  for (const reference of references) found.push(await updateOf(reference, deps, signal))
  return found
}

async function updateOf(reference: string, deps: RegistryDeps, signal: AbortSignal | undefined): Promise<Update> {
  try {
    const read = readReference(reference)
    const loose = read.pinned ? looseText(read.at) : undefined
    if (loose === undefined) return { reference, state: 'none' }
    const offered = await resolveReference(loose, deps, signal)
    const now = readReference(offered)
    if (!read.pinned || !now.pinned || versionOf(now.at) === versionOf(read.at)) return { reference, state: 'same' }
    return { reference, state: 'other', offered, isOlder: isOlder(versionOf(now.at), versionOf(read.at)) }
  } catch (thrown) {
    const { code, message } = toSallyportError(thrown, 'SP_REGISTRY_UNAVAILABLE')
    return { reference, state: 'unknown', code, why: message }
  }
}

const versionOf = (at: Reference): string =>
  at.kind === 'https' ? at.sha256 : at.kind === 'github' ? at.commit : at.version

/** By the three numbers; what comes behind them is not compared. */
function isOlder(offered: string, pinned: string): boolean {
  const [a, b] = [offered, pinned].map((text) => text.split(/[-+]/, 1)[0]?.split('.').map(Number) ?? [])
  for (let at = 0; at < 3; at++) {
    const [left = Number.NaN, right = Number.NaN] = [a?.[at], b?.[at]]
    if (left !== right) return left < right
  }
  return false
}
