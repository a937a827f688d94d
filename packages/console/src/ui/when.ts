/** `20 Nov, 14:31`, or `never` for 0; times are those of the gateway, shown in UTC like in the log. */
export function when(at: number | string | null | undefined): string {
  const time = typeof at === 'string' ? Date.parse(at) : (at ?? 0)
  if (!Number.isFinite(time) || time === 0) return 'never'
  const date = new Date(time)
  const month = date.toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' })
  return `${date.getUTCDate()} ${month}, ${date.toISOString().slice(11, 16)}`
}

/** `4 min`, `3 h`, `12 days`: how long something takes or took, rounded down. */
export function span(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000)
  if (minutes < 1) return `${Math.floor(Math.max(0, ms) / 1000)} s`
  if (minutes < 120) return `${minutes} min`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`
}

/** `operator:mei` is Mei to people. */
export const person = (id: string): string => id.replace(/^operator:/, '')
