/** Registries that packages come from, as OSV names them. */
export type Ecosystem = 'npm' | 'PyPI' | 'Go' | 'crates.io' | 'RubyGems'

/** Digest of the file that a lock file pins; hexadecimal. */
export interface Hash {
  readonly algorithm: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'
  readonly hex: string
}

/** One package as a lock file names it. */
export interface LockedPackage {
  readonly ecosystem: Ecosystem
  readonly name: string
  readonly version: string
  readonly hashes: readonly Hash[]
  /** Needed for building or testing only. */
  readonly development?: boolean
  /** `h1:` sum of go.sum, which is a digest of a list of digests and no digest of a file. */
  readonly sum?: string
}

/** What an inventory holds. Names and places only: no value of a credential, no argument of a command (HB-2, SYS-14). */
export type Component =
  | (LockedPackage & { readonly kind: 'package'; readonly from: readonly string[] })
  | {
      readonly kind: 'skill'
      readonly name: string
      readonly version?: string
      readonly hashes: readonly Hash[]
      readonly from: readonly string[]
    }
  | {
      readonly kind: 'server'
      readonly name: string
      /** Host of its address, or name of its program. */
      readonly target: string
      readonly transport: string
      /** Definitions that were reviewed; absent where no gateway answers. */
      readonly pinned?: number
      readonly from: readonly string[]
    }
  | {
      readonly kind: 'model'
      readonly name: string
      readonly hashes: readonly Hash[]
      readonly from: readonly string[]
    }
  | { readonly kind: 'credential'; readonly name: string; readonly from: readonly string[] }

/** What could not be listed. An inventory with such a note is incomplete and says so. */
export interface InventoryNote {
  readonly path: string
  readonly message: string
}

export interface Inventory {
  readonly components: readonly Component[]
  readonly notes: readonly InventoryNote[]
}

/** One inventory of several, each component once, in one order: the same input gives the same bytes. */
export function inventoryOf(parts: readonly Inventory[]): Inventory {
  const found = new Map<string, Component>()
  for (const component of parts.flatMap(({ components }) => components)) {
    const key = keyOf(component)
    const other = found.get(key)
    found.set(key, other === undefined ? component : merged(other, component))
  }
  return {
    components: [...found].toSorted(([a], [b]) => compare(a, b)).map(([, component]) => component),
    notes: parts
      .flatMap(({ notes }) => notes)
      .toSorted((a, b) => compare(a.path, b.path) || compare(a.message, b.message)),
  }
}

const keyOf = (one: Component): string =>
  (one.kind === 'package'
    ? [one.kind, one.ecosystem, one.name, one.version]
    : one.kind === 'skill'
      ? [one.kind, one.name, one.hashes.map(({ hex }) => hex).join()]
      : one.kind === 'server'
        ? [one.kind, one.name, one.target]
        : [one.kind, one.name]
  ).join('\0')

function merged(one: Component, other: Component): Component {
  const from = [...new Set([...one.from, ...other.from])].toSorted(compare)
  if (one.kind !== 'package' || other.kind !== 'package') return { ...one, from }
  const hashes = [...new Map([...one.hashes, ...other.hashes].map((hash) => [hash.hex, hash])).values()]
  const { development: _, ...rest } = one
  const both = one.development === true && other.development === true
  return { ...rest, from, hashes: hashes.toSorted((a, b) => compare(a.hex, b.hex)), ...(both && { development: true }) }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
