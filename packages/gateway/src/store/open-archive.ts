import { toSallyportError } from '@sallyport/core'
import type { Archive } from './archive.ts'

/**
 * Opens a store for reading only, next to a running gateway or without one.
 * @throws SallyportError SP_STORE_UNAVAILABLE.
 */
export async function openArchive(place: { readonly path: string } | { readonly url: string }): Promise<Archive> {
  try {
    if ('path' in place) return (await import('./sqlite/archive.ts')).openSqliteArchive(place.path)
    return await (await import('./postgres/archive.ts')).openPostgresArchive(place.url)
  } catch (error) {
    throw toSallyportError(error, 'SP_STORE_UNAVAILABLE')
  }
}
