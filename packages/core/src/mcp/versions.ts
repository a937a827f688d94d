/** `legacy`: revisions with a handshake, up to 2025-11-25. `modern`: stateless, from 2026-07-28 on. */
export type Era = 'legacy' | 'modern'

export const LEGACY_VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const
export const MODERN_VERSIONS = ['2026-07-28'] as const
export type ProtocolVersion = (typeof LEGACY_VERSIONS)[number] | (typeof MODERN_VERSIONS)[number]

export const LATEST_LEGACY: ProtocolVersion = '2025-11-25'
export const LATEST_MODERN: ProtocolVersion = '2026-07-28'
export const ALL_VERSIONS: readonly ProtocolVersion[] = Object.freeze([...LEGACY_VERSIONS, ...MODERN_VERSIONS])

const ERAS: ReadonlyMap<string, Era> = new Map<string, Era>([
  ['2024-10-07', 'legacy'],
  ...LEGACY_VERSIONS.map((version): [string, Era] => [version, 'legacy']),
  ...MODERN_VERSIONS.map((version): [string, Era] => [version, 'modern']),
])

/** Era of a revision, or undefined for one the gateway does not speak. */
export const eraOf = (version: string): Era | undefined => ERAS.get(version)

/**
 * The revision an `initialize` is answered with: the one asked for when it is a legacy one (2024-10-07 as 2024-11-05, which
 * only renamed it), else the newest legacy one, as the lifecycle chapter of every legacy revision demands.
 */
export function negotiate(requested: string): ProtocolVersion {
  const known = LEGACY_VERSIONS.find((version) => version === requested)
  return known ?? (requested === '2024-10-07' ? '2024-11-05' : LATEST_LEGACY)
}
