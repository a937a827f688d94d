/** Keys of a repository's configuration that name no program, no other file and no other place for hooks. */
const PLAIN: Readonly<Record<string, readonly string[]>> = {
  core: [
    ...[
      'repositoryformatversion',
      'filemode',
      'bare',
      'logallrefupdates',
      'ignorecase',
      'precomposeunicode',
      'symlinks',
    ],
    ...['autocrlf', 'eol', 'safecrlf', 'quotepath', 'abbrev'],
  ],
  remote: ['url', 'fetch', 'pushurl', 'tagopt', 'prune'],
  branch: ['remote', 'merge', 'rebase', 'description', 'pushremote'],
  user: ['name', 'email'],
  init: ['defaultbranch'],
  color: ['ui', 'diff', 'status', 'branch', 'grep'],
  pull: ['rebase', 'ff'],
  push: ['default', 'autosetupremote'],
  merge: ['ff', 'conflictstyle'],
  fetch: ['prune', 'prunetags'],
  submodule: ['url', 'active'],
  extensions: ['objectformat'],
}
const SECTION = /^\[([A-Za-z0-9.-]+)(?: +"(?:[^"\\\n]|\\.)*")?\]$/
const ENTRY = /^([A-Za-z][A-Za-z0-9-]*)(?:\s*=\s*(.*))?$/
/** A remote that is a program (gitremote-helpers). */
const HELPER = /^"?\s*[a-z0-9+.-]*::/i

/**
 * True for a configuration of git with which nothing runs that its reader did not ask for: every key is known to be plain. What is not
 * understood is not plain (T-041).
 */
export function isPlainGitConfig(text: string): boolean {
  let keys: readonly string[] | undefined
  for (const row of text.split('\n')) {
    const line = row.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const section = SECTION.exec(line)?.[1]
    if (section !== undefined) {
      keys = Object.hasOwn(PLAIN, section.toLowerCase()) ? PLAIN[section.toLowerCase()] : undefined
      if (keys === undefined) return false
      continue
    }
    const [, key, value = ''] = ENTRY.exec(line) ?? []
    if (key === undefined || keys?.includes(key.toLowerCase()) !== true) return false
    // a line that goes on could end in another key
    if (value.endsWith('\\') || HELPER.test(value)) return false
  }
  return true
}
