/** What may stand before a URL without changing what is opened. */
const WRAPPER = /^(?:view-source|jar|blob|filesystem|url|feed|vscode-file):/i
const FILE_URL = /^file:/i
/** Another name of the root, or of the working directory of some process, on Linux. */
const PROC = /^\/proc\/(?:self|thread-self|\d+|\*)(?:\/task\/(?:\d+|\*))?\/(root|cwd)(?=\/|$)/i

/**
 * The path that a text means, as far as text tells: no white space around it, `file:` URLs in every spelling decoded, and
 * `/proc/<process>/root` and `/cwd` stripped (the latter leaves a relative path). Anything else comes back as it is.
 */
export function pathText(value: string): string {
  // eslint-disable-next-line no-control-regex
  let text = value.replace(/^[\u0000-\u0020\u00a0\ufeff]+/, '').trimEnd()
  while (WRAPPER.test(text)) text = text.replace(WRAPPER, '')
  if (FILE_URL.test(text)) text = fromFileUrl(text)
  return withoutProc(text)
}

/** True when a text says by itself that it is a path: rooted, below home, explicitly relative, or a `file:` URL. */
export const isPathText = (value: string): boolean =>
  /^(?:~[^/\s]{0,64}|\.{1,2})?[/\\]/.test(pathText(value)) || isFileUrl(value)

const isFileUrl = (value: string): boolean => {
  let text = value.trimStart()
  while (WRAPPER.test(text)) text = text.replace(WRAPPER, '')
  return FILE_URL.test(text)
}

function fromFileUrl(url: string): string {
  const rest = url
    .replace(/[\t\n\r]/g, '')
    .slice('file:'.length)
    .replaceAll('\\', '/')
    .replace(/[?#].*$/s, '')
  const slashes = /^\/*/.exec(rest)?.[0].length ?? 0
  const body = rest.slice(slashes)
  // `file://host/path`: the host goes; `file:path` and `file:/path` have none
  const path = slashes === 2 ? body.slice(body.indexOf('/') < 0 ? body.length : body.indexOf('/') + 1) : body
  return `/${decoded(path)}`
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path.replace(/%[0-7][0-9a-f]/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)))
  }
}

function withoutProc(path: string): string {
  let text = path
  while (/^[/\\]/.test(text) && /proc/i.test(text)) {
    const plain = plainPath(text)
    const match = PROC.exec(plain)
    if (match === null) return plain
    const rest = plain.slice(match[0].length)
    if (match[1]?.toLowerCase() === 'cwd') return rest.replace(/^\/+/, '') || '.'
    text = rest === '' ? '/' : rest
  }
  return text
}

/** A rooted path without `.`, `..` and double slashes. */
function plainPath(path: string): string {
  const parts: string[] = []
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
