/** `one server` · `3 servers`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count === 1 ? 'one' : count.toLocaleString('en')} ${count === 1 ? one : many}`

/** At most four names, and how many more there are. */
export const listed = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`
