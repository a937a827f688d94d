import { SallyportError } from '@sallyport/core/errors/error'

/** Raised with every change of a table. A store with a higher number is refused (SP_STORE_NEWER, T-040). */
export const SCHEMA_VERSION = 2

/** True when `migrate` is needed. @throws SallyportError SP_STORE_NEWER (T-040). */
export function needsMigration(stored: string | undefined): boolean {
  const version = Number(stored ?? '0')
  if (!(version <= SCHEMA_VERSION)) {
    throw new SallyportError('SP_STORE_NEWER', `Its schema is ${String(stored)}, this version knows ${SCHEMA_VERSION}.`)
  }
  return version < SCHEMA_VERSION
}
