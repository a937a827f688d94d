/** Folders deep. */
const MOST_DEPTH = 32
/** Bytes of a path. */
const LONGEST = 1_024
// eslint-disable-next-line no-control-regex
const NOT_IN_NAMES = /[\u0000-\u001f\u007f-\u009f\\\p{Bidi_Control}\u2028\u2029\ufffd]/u

/**
 * The path of a member as it would be written, without `./`; undefined for one that no file of a bundle has: absolute, with `..`, with
 * controls or reordering characters, with a backslash, too long or too deep.
 */
export function memberPath(name: string): string | undefined {
  if (Buffer.byteLength(name) > LONGEST || NOT_IN_NAMES.test(name) || /^(?:\/|[A-Za-z]:)/.test(name)) return undefined
  const parts = name.split('/').filter((part, at) => part !== '.' || at !== 0)
  const isBad = (part: string): boolean => part === '' || part === '.' || part === '..' || Buffer.byteLength(part) > 255
  return parts.length === 0 || parts.length > MOST_DEPTH || parts.some(isBad) ? undefined : parts.join('/')
}

/**
 * Two paths that one file system or another would take for the same file, or where one is a folder of the other; undefined when there are
 * none. Case, normalisation and dots or spaces at the end of a name do not tell files apart everywhere.
 */
export function collision(paths: readonly string[]): string | undefined {
  const seen = new Set<string>()
  const folders = new Set<string>()
  for (const path of paths) {
    const folded = foldedPath(path)
    if (seen.has(folded) || folders.has(folded)) return path
    seen.add(folded)
    for (let at = folded.indexOf('/'); at > 0; at = folded.indexOf('/', at + 1)) {
      const folder = folded.slice(0, at)
      if (seen.has(folder)) return path
      folders.add(folder)
    }
  }
  return undefined
}

const foldedPath = (path: string): string =>
  path
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .split('/')
    .map((part) => part.replace(/[. ]+$/, ''))
    .join('/')
