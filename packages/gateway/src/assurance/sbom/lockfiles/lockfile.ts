import type { LockedPackage } from '../component.ts'

/** What a lock file lists. `gaps` are entries that name no exact version or cannot be read. */
export interface LockedPackages {
  readonly packages: readonly LockedPackage[]
  readonly gaps: readonly string[]
}

/** Reads a lock file. Throws for a text that is not of its form. */
export type ReadLockfile = (text: string) => LockedPackages

/** @throws TypeError */
export function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`It has no ${what}.`)
  return value as Readonly<Record<string, unknown>>
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** @throws TypeError for a list that is none; an absent list is empty */
export function recordsOf(value: unknown, what: string): readonly Readonly<Record<string, unknown>>[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new TypeError(`${what} is not a list.`)
  return value.map((one) => recordOf(one, what))
}
