/** `20 Nov, 14:32`; nothing for never. */
export function when(time: string | number | null | undefined): string {
  if (time === null || time === undefined || time === 0) return 'never'
  const at = new Date(time)
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return `${day}, ${at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`
}
