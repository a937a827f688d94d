/** Patterns of one ignore file, in the form of gitignore(5). `base` is the directory it lies in, relative, with `/` behind or empty. */
export interface IgnoreRules {
  readonly base: string
  readonly rules: readonly { readonly pattern: RegExp; readonly negated: boolean; readonly directories: boolean }[]
}

const LONGEST_LINE = 1024

export function parseIgnore(text: string, base: string): IgnoreRules {
  const rules = text.split(/\r?\n/).flatMap((line) => {
    const plain = line.replace(/(?<!\\)\s+$/, '')
    if (plain === '' || plain.startsWith('#') || plain.length > LONGEST_LINE) return []
    const negated = plain.startsWith('!')
    const body = negated ? plain.slice(1) : plain
    const directories = body.endsWith('/')
    const path = body.replace(/\/$/, '')
    const anchored = path.includes('/')
    return [{ pattern: toPattern(path.replace(/^\//, ''), anchored), negated, directories }]
  })
  return { base, rules }
}

function toPattern(path: string, anchored: boolean): RegExp {
  let source = ''
  for (let i = 0; i < path.length; i++) {
    const rest = path.slice(i)
    if (rest.startsWith('**/')) {
      source += '(?:[^/]+/)*'
      i += 2
    } else if (rest.startsWith('**')) {
      source += '.*'
      i += 1
    } else if (rest.startsWith('*')) source += '[^/]*'
    else if (rest.startsWith('?')) source += '[^/]'
    else if (rest.startsWith('\\') && rest.length > 1) source += escaped(path[++i] ?? '')
    else source += escaped(path[i] ?? '')
  }
  return new RegExp(`^${anchored ? '' : '(?:[^/]+/)*'}${source}$`)
}

const escaped = (character: string): string => character.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')

/** Whether a path, relative to where the walk began, is ignored: the last rule that matches decides. */
export function isIgnored(files: readonly IgnoreRules[], path: string, isDirectory: boolean): boolean {
  let ignored = false
  for (const { base, rules } of files) {
    if (!path.startsWith(base)) continue
    const inner = path.slice(base.length)
    for (const { pattern, negated, directories } of rules) {
      if ((!directories || isDirectory) && pattern.test(inner)) ignored = !negated
    }
  }
  return ignored
}
