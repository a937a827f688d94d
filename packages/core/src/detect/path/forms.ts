/** What makes a text no plain POSIX path. `stop`: no program has an honest use for it. */
export interface PathFault {
  readonly rule: string
  readonly stop: boolean
  readonly start: number
  readonly end: number
}

interface Form {
  readonly rule: string
  readonly stop?: true
  readonly pattern: RegExp
  readonly positive: readonly string[]
  readonly negative: readonly string[]
}

/**
 * Forms that mean something only to another system or to a shell: what they lead to cannot be told here, so people are
 * asked. Patterns are anchored or bounded: linear in the text.
 */
export const PATH_FORMS: readonly Form[] = [
  {
    rule: 'path.nul',
    stop: true,
    // eslint-disable-next-line no-control-regex
    pattern: /\u0000|%00|\\x00|\\0(?!\d)|\\u0000|&#0+;|%c0%80/i,
    positive: ['/work/a\u0000.png', 'a%00.png', 'a\\x00b'],
    negative: ['/work/a.png', 'a%20b', '100%'],
  },
  {
    rule: 'path.control',
    // eslint-disable-next-line no-control-regex
    pattern: /[\u0001-\u001f\u007f-\u009f]/,
    positive: ['a\nb', 'a\u001bb', 'a\tb'],
    negative: ['a b', 'ä'],
  },
  {
    rule: 'path.bidi',
    pattern: /[\u202a-\u202e\u2066-\u2069]/,
    positive: ['a\u202egnp.exe'],
    negative: ['a\u200fb', 'עברית.txt'],
  },
  {
    rule: 'path.windows-drive',
    pattern: /^\s*["']?[a-z]:(?:[\\/]|$|[^/]*\\)/i,
    positive: ['C:\\Windows', 'c:/x', 'D:', 'C:x\\y'],
    negative: ['a:b', 'src/c:/x', '/c/x'],
  },
  {
    rule: 'path.windows-unc',
    pattern: /^\s*(?:\\\\|\\\/|\/\\|\/\/[?.]\/|\/\?\?\/)/,
    positive: ['\\\\server\\share', '\\\\?\\C:\\x', '//?/C:/x', '\\\\.\\pipe\\x'],
    negative: ['//work/x', '/work', 'a\\\\b'],
  },
  {
    rule: 'path.windows-stream',
    pattern: /:(?:[^/\\:]{0,255}:)?\$[a-z_]{1,30}\s*(?=$|[/\\])/i,
    positive: ['a.txt::$DATA', '.git::$INDEX_ALLOCATION/hooks', 'a:s:$DATA'],
    negative: ['a:b', 'a$DATA', 'routes/:$id.tsx.md'],
  },
  {
    rule: 'path.windows-short-name',
    pattern: /(?:^|[/\\])[^/\\~. ]{1,6}~\d(?:\.[^/\\.]{0,3})?(?=$|[/\\])/,
    positive: ['GIT~1/hooks', 'C/PROGRA~1/x', 'a/SECRET~1.TXT'],
    negative: ['notes.txt~', 'a/long-name~1', '~1', 'file~10x'],
  },
  {
    rule: 'path.variable',
    pattern: /(?:^|[/\\])\$(?:[A-Z_][A-Z0-9_]*(?=$|[/\\])|\{)|%[A-Z_][A-Z0-9_()]{1,40}%/,
    positive: ['$TMPDIR/x', 'a/$OTHER/b', '%USERPROFILE%\\x', '${XDG_CONFIG_HOME}/x'],
    negative: ['routes/$slug.tsx', 'Outer$Inner.class', '$types.d.ts', '100%25 done%'],
  },
  {
    rule: 'path.substitution',
    pattern: /\$\(|`|^\s*[<>]\(/,
    positive: ['$(pwd)/x', '`pwd`/x', '<(cat x)'],
    negative: ['a(1).txt', '(group)/page.tsx'],
  },
  {
    rule: 'path.other-home',
    pattern: /^\s*~(?:[a-z_][a-z0-9_.-]*|[+-]\d*)(?=$|\/)/i,
    positive: ['~root/.ssh', '~bob', '~+/x'],
    negative: ['~/x', '~', '~$draft.docx', 'a/~b'],
  },
  {
    rule: 'path.url',
    pattern: /^\s*(?!file:)[a-z][a-z0-9+.-]{1,30}:\/\//i,
    positive: ['https://example.com/a', 'ssh://host/x', 's3://bucket/x'],
    negative: ['file:///work/a', 'a/b://c', '/work/x'],
  },
]

/** Linux PATH_MAX, in UTF-16 units: no path is longer, so what is has another purpose. */
export const LONGEST_PATH = 4096

/** Forms that a text has. */
export function pathFaults(text: string): readonly PathFault[] {
  if (text.length > LONGEST_PATH) return [{ rule: 'path.too-long', stop: false, start: LONGEST_PATH, end: text.length }]
  if (text.trim() === '') return [{ rule: 'path.empty', stop: false, start: 0, end: text.length }]
  const faults: PathFault[] = []
  for (const { rule, stop, pattern } of PATH_FORMS) {
    const match = pattern.exec(text)
    const start = match?.index ?? 0
    if (match !== null) faults.push({ rule, stop: stop === true, start, end: start + match[0].length })
  }
  return faults
}
