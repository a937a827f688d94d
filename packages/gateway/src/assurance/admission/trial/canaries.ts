import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Places where programs keep secrets, below a home → what stands there around the false one. */
const FILES: readonly (readonly [path: string, text: (value: string) => string])[] = [
  ['.aws/credentials', (value) => `[default]\naws_access_key_id = ${value}\naws_secret_access_key = ${value}\n`],
  ['.ssh/id_ed25519', (value) => `${value}\n`],
  ['.netrc', (value) => `machine git.example.com login sync password ${value}\n`],
  ['.npmrc', (value) => `//registry.example.com/:_authToken=${value}\n`],
  ['.config/gh/hosts.yml', (value) => `git.example.com:\n    oauth_token: ${value}\n`],
  ['.env', (value) => `API_TOKEN=${value}\n`],
]
const VARIABLES = ['AWS_SECRET_ACCESS_KEY', 'GITHUB_TOKEN', 'API_TOKEN'] as const
/** Read before its change: the kernel notes the first read after it, where it notes any. */
const [READ, CHANGED] = [new Date('2001-01-01T00:00:00Z'), new Date('2001-01-02T00:00:00Z')]

/** False secrets of one trial, each known by its value. */
export interface Canaries {
  readonly env: Readonly<Record<string, string>>
  /** Of those that lie in files, `~/…`. */
  readonly files: readonly string[]
  /** From now on whoever reads one is noticed. */
  arm(): void
  /** Names of those that stand in any of these texts. */
  saidIn(texts: Iterable<string>): readonly string[]
  /** Names of files that were opened and read, where the file system notes that. */
  read(): readonly string[]
}

/**
 * Lays false secrets out in a home, where a thief looks first.
 * @param value makes one; it must be found by nothing but its own text
 */
export function layCanaries(home: string, value: () => string): Canaries {
  const files = FILES.map(([path, text]) => [path, value(), text] as const)
  const env = Object.fromEntries(VARIABLES.map((name) => [name, value()]))
  for (const [path, own, text] of files) {
    mkdirSync(join(home, dirname(path)), { recursive: true })
    writeFileSync(join(home, path), text(own), { mode: 0o600 })
  }
  const all = [...files.map(([path, own]) => [`~/${path}`, own] as const), ...Object.entries(env)]
  return {
    env,
    files: FILES.map(([path]) => `~/${path}`),
    arm() {
      for (const [path] of files) utimesSync(join(home, path), READ, CHANGED)
    },
    saidIn(texts) {
      const found = new Set<string>()
      for (const text of texts) for (const [name, own] of all) if (text.includes(own)) found.add(name)
      return [...found]
    },
    read: () =>
      files.flatMap(([path]) => {
        const stats = statSync(join(home, path), { throwIfNoEntry: false })
        return stats !== undefined && stats.atimeMs > READ.getTime() ? [`~/${path}`] : []
      }),
  }
}
