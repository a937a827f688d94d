/** What a file system says of one absolute path, not following a link at its end. */
export type LinkAnswer =
  | { readonly kind: 'link'; readonly target: string }
  /** A file or directory. */
  | { readonly kind: 'plain' }
  | { readonly kind: 'missing' }
  /** It would not say: no permission, an I/O error. */
  | { readonly kind: 'unreadable' }

export type LinkPort = (path: string) => LinkAnswer

type WalkTrouble = 'link-loop' | 'link-unreadable' | 'path-too-long'

export interface Walk {
  /** Absolute, no `.`, `..` or link left in it as far as the port tells. */
  readonly canonical: string
  /** Links in the order they were followed. */
  readonly links: readonly { readonly path: string; readonly target: string }[]
  readonly missing: boolean
  readonly trouble?: WalkTrouble
}

/** As Linux: ELOOP above this many links in one walk. */
const MAX_LINKS = 40
const MAX_STEPS = 8192

/**
 * Walks an absolute path as the kernel does (path_resolution(7)): a link is replaced where it is met, so that `..` behind it
 * leads to the parent of its target. What does not exist is passed: a broken link leads to where its file would be made.
 * Pure; what it says holds for the moment in which the port answered.
 */
export function walkPath(path: string, look: LinkPort): Walk {
  const pending = path.split('/').reverse()
  const links: { path: string; target: string }[] = []
  const stack = ['']
  let missing = false
  let trouble: WalkTrouble | undefined
  for (let steps = 0; pending.length > 0; steps++) {
    if (steps > MAX_STEPS) {
      trouble = 'path-too-long'
      break
    }
    const part = pending.pop() as string
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (stack.length > 1) stack.pop()
      continue
    }
    const here = `${stack.at(-1) ?? ''}/${part}`
    const answer = look(here)
    if (answer.kind !== 'link') {
      missing ||= answer.kind === 'missing'
      if (answer.kind === 'unreadable') trouble ??= 'link-unreadable'
      stack.push(here)
      continue
    }
    if (answer.target.length > MAX_STEPS) {
      trouble = 'path-too-long'
      break
    }
    links.push({ path: here, target: answer.target })
    if (links.length > MAX_LINKS) {
      trouble = 'link-loop'
      break
    }
    if (answer.target.startsWith('/')) stack.length = 1
    for (const segment of answer.target.split('/').reverse()) pending.push(segment)
  }
  const canonical = stack.at(-1) ?? ''
  return {
    canonical: canonical === '' ? '/' : canonical,
    links,
    missing,
    ...(trouble === undefined ? {} : { trouble }),
  }
}

/** `/a/./b/../c` → `/a/c`, by text alone. */
export function lexical(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** A port over a table of links, e.g. `{ '/work/out': '/etc' }`. Relative names are below `base`. */
export function linkTable(links: Readonly<Record<string, string>>, base: string): LinkPort {
  const table = new Map(
    Object.entries(links).map(([path, target]) => [lexical(path.startsWith('/') ? path : `${base}/${path}`), target]),
  )
  return (path) => {
    const target = table.get(path)
    return target === undefined ? { kind: 'plain' } : { kind: 'link', target }
  }
}
