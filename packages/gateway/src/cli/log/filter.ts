import type { CliOptions } from '../command.ts'

const NAMES = [
  'session',
  'agent',
  'tool',
  'kind',
  'decision',
  'from',
  'to',
  'stream',
  'after',
  'before',
  'limit',
  'format',
] as const

/** The options of a command as a query string, `?` included. */
export function filterQuery(options: CliOptions, extra: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(extra)
  for (const name of NAMES) {
    const value = options[name]
    if (typeof value === 'string') query.set(name, value)
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
