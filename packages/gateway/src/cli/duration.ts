import { SallyportError } from '@sallyport/core'

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/**
 * `30m` in seconds.
 * @throws SallyportError SP_CLI_USAGE naming the option
 */
export function secondsOf(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count === undefined) throw new SallyportError('SP_CLI_USAGE', `${option} ${text}: write 30m, 8h or 7d.`)
  return Number(count) * (SECONDS[unit] ?? 1)
}
