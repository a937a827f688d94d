import { SallyportError } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import type { Backend, LogSettings } from '../backend.ts'
import type { StoreKeys } from '../ports.ts'

export interface PostgresSettings {
  readonly url: string
  readonly stream: string
  readonly log: LogSettings
  readonly queueLimit: number
}

export async function openPostgres(_settings: PostgresSettings, _keys: StoreKeys, _clock: Clock): Promise<Backend> {
  throw new SallyportError('SP_STORE_UNAVAILABLE', 'PostgreSQL is not there yet.')
}
