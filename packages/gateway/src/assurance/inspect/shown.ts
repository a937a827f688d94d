/** A value of a configuration as one line; words of a list with blanks between them. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(shown).join(' ')
  return value === undefined ? '' : (JSON.stringify(value) ?? '')
}
