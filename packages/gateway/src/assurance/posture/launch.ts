/** Programs that fetch a package and run it, with the words between them and its name. */
const RUNNERS: Readonly<Record<string, { readonly words: readonly string[]; readonly pin: RegExp }>> = {
  npx: { words: [], pin: /^(?:@[^/]+\/)?[^@]+@\d+\.\d+\.\d+/ },
  bunx: { words: [], pin: /^(?:@[^/]+\/)?[^@]+@\d+\.\d+\.\d+/ },
  pnpm: { words: ['dlx'], pin: /^(?:@[^/]+\/)?[^@]+@\d+\.\d+\.\d+/ },
  yarn: { words: ['dlx'], pin: /^(?:@[^/]+\/)?[^@]+@\d+\.\d+\.\d+/ },
  npm: { words: ['exec', 'x'], pin: /^(?:@[^/]+\/)?[^@]+@\d+\.\d+\.\d+/ },
  uvx: { words: [], pin: /==\d|@\d/ },
  uv: { words: ['tool', 'run', 'x'], pin: /==\d|@\d/ },
  pipx: { words: ['run'], pin: /==\d/ },
  docker: { words: ['run'], pin: /@sha256:[0-9a-f]{64}$/ },
  podman: { words: ['run'], pin: /@sha256:[0-9a-f]{64}$/ },
  deno: { words: ['run'], pin: /@\d+\.\d+\.\d+/ },
  go: { words: ['run'], pin: /@v\d+\.\d+\.\d+/ },
}

/** Options of container engines that take a value of their own. */
const VALUED =
  /^(?:-e|--env|-v|--volume|--mount|--name|--network|-p|--publish|-w|--workdir|-u|--user|--entrypoint|--memory|--cpus)$/
/** Options that name the package themselves. */
const PACKAGE = /^(?:-p|--package|--from|--spec)$/

/** The package or image that a command line would fetch without a version; undefined: it fetches none, or a pinned one. */
export function unpinnedOf(command: readonly string[]): string | undefined {
  const [program = '', ...rest] = command
  const name = program.split('/').at(-1) ?? program
  const runner = Object.hasOwn(RUNNERS, name) ? RUNNERS[name] : undefined
  if (runner === undefined) return undefined
  if (runner.words.length > 0 && !runner.words.includes(rest[0] ?? '')) return undefined
  const isEngine = name === 'docker' || name === 'podman'
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? ''
    if (runner.words.includes(word)) continue
    const given = !isEngine && PACKAGE.test(word) ? rest[at + 1] : undefined
    const inline = /^--(?:package|from|spec)=(.+)$/.exec(word)?.[1]
    const found = given ?? inline ?? (word.startsWith('-') ? undefined : word)
    if (found === undefined) {
      if (isEngine && VALUED.test(word)) at += 1
      continue
    }
    // a file of this machine is no package, and what is fetched by a URL for deno or go has its version in it
    if (/^[./]/.test(found)) return undefined
    if ((name === 'deno' || name === 'go') && !/[:@]|^[\w-]+\.[\w.-]+\//.test(found)) return undefined
    return runner.pin.test(found) ? undefined : found
  }
  return undefined
}
