import { SallyportError } from '@sallyport/core'
import type { Registries } from '../../config/registries-schema.ts'

/** A place of the configuration. @throws SallyportError SP_REGISTRY_NOT_CONFIGURED */
export function configured<K extends 'clawhub' | 'npm' | 'github'>(
  config: Registries,
  kind: K,
): NonNullable<Registries[K]> {
  const place = config[kind]
  if (place !== undefined) return place
  throw new SallyportError('SP_REGISTRY_NOT_CONFIGURED', `The configuration has no registries.${kind}.`, {
    details: { kind },
  })
}
