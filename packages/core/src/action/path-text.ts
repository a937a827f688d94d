/** What may stand before a URL without changing what is opened. */
const WRAPPER = /^(?:(?:view-source|jar|blob|filesystem|url|feed|vscode-file):)+/i
const FILE_URL = /^file:/i
/** What every text has that means another path than it spells. */
// eslint-disable-next-line no-control-regex
const MARKED = /[\u0000-\u0020\s:]|proc/i

/**
 * The path that a text means, as far as text tells: no white space around it, `file:` URLs in every spelling decoded, and
 * `/proc/<process>/root` and `/cwd` stripped (the latter leaves a relative path). Anything else comes back as it is.
 */
export function pathText(value: string): string {
  if (!MARKED.test(value)) return value
  // eslint-disable-next-line no-control-regex
  let text = value.replace(/^[\u0000-\u0020\u00a0\ufeff]+/, '').trimEnd()
  text = text.replace(WRAPPER, '')
  if (FILE_URL.test(text)) text = fromFileUrl(text)
  return withoutProc(text)
}

/** True when a text says by itself that it is a path: rooted, below home, explicitly relative, or a `file:` URL. */
export const isPathText = (value: string): boolean =>
  /[/\\]|file:/i.test(value) && (/^(?:~[^/\s]{0,64}|\.{1,2})?[/\\]/.test(pathText(value)) || isFileUrl(value))

const isFileUrl = (value: string): boolean => FILE_URL.test(value.trimStart().replace(WRAPPER, ''))

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

/**
 * A rooted path that goes through `/proc`, walked as Linux walks it: `/proc/<process>/root` is the root again and `cwd` some
 * working directory, so that `..` behind them does not lead back into `/proc`.
 */
function withoutProc(path: string): string {
  if (!/^[/\\]/.test(path) || !/proc/i.test(path)) return path
  let parts: string[] = []
  let root = '/'
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
    const door = root === '/' ? doorOf(parts) : undefined
    if (door === undefined) continue
    parts = []
    if (door === 'cwd') root = ''
  }
  return `${root}${parts.join('/')}` || '.'
}

/** `root` or `cwd` when the parts are `proc/<process>/root`, `proc/<process>/task/<thread>/root` or the like. */
function doorOf(parts: readonly string[]): string | undefined {
  const last = parts.at(-1)?.toLowerCase()
  if ((last !== 'root' && last !== 'cwd') || parts[0]?.toLowerCase() !== 'proc') return undefined
  const inProcess = parts.length === 3 || (parts.length === 5 && parts[2]?.toLowerCase() === 'task')
  return inProcess ? last : undefined
}
