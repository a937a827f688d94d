const LAUNCHERS = new Set([
  'npx',
  'node',
  'bunx',
  'uvx',
  'uv',
  'python',
  'python3',
  'deno',
  'docker',
  'tsx',
  'env',
  'run',
])

/**
 * A server's name when nobody gave one: the package or program that its command line runs, as an alias. The name decides
 * nothing; the launch that is pinned under it does.
 */
export function aliasFor(command: readonly string[]): string {
  const words = command.map((word) => packageOf(word)).filter((word) => word !== '' && !LAUNCHERS.has(word))
  const alias = (words[0] ?? 'server')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32)
    .replace(/-+$/, '')
  return alias === '' ? 'server' : alias
}

/** `-y` → '' · `@scope/server-x@1.2` → `server-x` · `/a/node_modules/@s/server-x/dist/index.js` → `server-x` · `/usr/bin/foo` → `foo`. */
function packageOf(word: string): string {
  if (word.startsWith('-')) return ''
  const installed = /(?:^|\/)node_modules\/(?:@[^/]+\/)?([^/]+)/.exec(word)?.[1]
  if (installed !== undefined) return installed
  const plain = word.replace(/(?<=.)@[^/@]*$/, '')
  const base = plain.slice(plain.lastIndexOf('/') + 1)
  return base.replace(/\.(?:m?[jt]s|py|exe)$/, '')
}
