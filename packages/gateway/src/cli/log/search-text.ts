/** Arguments of the shell as one search: a part with spaces in it was one argument and stays one part. */
export function searchText(args: readonly string[]): string {
  // one argument is a search as it is; of several each is a part, and the shell has taken its quotation marks away
  if (args.length === 1) return args[0] ?? ''
  return args.map((part) => (/\s/.test(part) && !part.includes('"') ? quotedPart(part) : part)).join(' ')
}

function quotedPart(part: string): string {
  const field = /^(-?[A-Za-z_]+:)(.*)$/s.exec(part)
  return field ? `${field[1]}"${field[2]}"` : `"${part}"`
}
