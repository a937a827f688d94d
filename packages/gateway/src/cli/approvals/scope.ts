import { MAX_GRANT_MS, SallyportError, type GrantScope } from '@sallyport/core'
import type { CliOptions } from '../command.ts'

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000 }

/** `--scope` and `--for` as a scope. `now` in ms since 1970. @throws SallyportError SP_CLI_USAGE */
export function scopeOf(options: CliOptions, now: number): GrantScope {
  const { scope = 'once', for: time } = options
  if (scope !== 'tool' && time !== undefined) throw new SallyportError('SP_CLI_USAGE', '--for goes with --scope tool.')
  if (scope === 'once' || scope === 'value') return { kind: scope }
  if (scope !== 'tool') throw new SallyportError('SP_CLI_USAGE', '--scope is once, value or tool.')
  const [, count, unit] = /^(\d{1,4})([mh])$/.exec(String(time ?? '')) ?? []
  const length = Number(count ?? 0) * (UNITS[unit ?? ''] ?? 0)
  if (length <= 0 || length > MAX_GRANT_MS)
    throw new SallyportError('SP_CLI_USAGE', '--scope tool needs --for, e.g. 30m or 2h, at most 24h.')
  return { kind: 'tool', until: now + length }
}
