import { digest, sha256 } from '@sallyport/core'
import type { BundleFile } from './bundle.ts'

/** Kinds of content that are hashed apart, so that a change says what it is in (E-85). */
export const PARTS = ['manifest', 'instructions', 'code', 'dependencies', 'schemas', 'other'] as const
export type Part = (typeof PARTS)[number]

/** One file as it was hashed. `hash`: SHA-256, hex. */
export interface FileMark {
  readonly path: string
  readonly hash: string
  readonly size: number
  readonly executable: boolean
  readonly part: Part
}

/** What a skill is, by hashes: one over everything, one for each part that is there. */
export interface Fingerprint {
  readonly hash: string
  readonly parts: Readonly<Partial<Record<Part, string>>>
  readonly files: readonly FileMark[]
}

const RULES: readonly (readonly [path: RegExp, part: Part])[] = [
  [
    /(?:^|\/)(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|requirements[\w.-]*\.(?:txt|in)|constraints[\w.-]*\.txt|pyproject\.toml|poetry\.lock|uv\.lock|Pipfile(?:\.lock)?|setup\.(?:py|cfg)|environment\.ya?ml|Gemfile(?:\.lock)?|[\w.-]+\.gemspec|go\.(?:mod|sum|work)|Cargo\.(?:toml|lock)|pom\.xml|build\.gradle(?:\.kts)?|composer\.(?:json|lock)|deno\.(?:jsonc?|lock)|\.npmrc|\.pypirc|pip\.conf|\.yarnrc(?:\.yml)?)$/i,
    'dependencies',
  ],
  [
    /(?:^|\/)(?:tools?(?:[._-](?:schema|definitions?))?|mcp|\.mcp|schema|openapi|swagger|functions?)\.(?:jsonc?|ya?ml)$|\.schema\.json$|(?:^|\/)(?:schemas?|tools)\/[^/]+\.(?:jsonc?|ya?ml)$/i,
    'schemas',
  ],
  [
    /(?:^|\/)(?:plugin|manifest|openclaw\.plugin|claw|skill|marketplace)\.(?:jsonc?|ya?ml|toml)$|(?:^|\/)_meta\.json$/i,
    'manifest',
  ],
  [/\.(?:md|markdown|mdx|mdc|txt|rst|adoc|org|html?|prompt)$|(?:^|\/)(?:README|AGENTS|CLAUDE)[^/]*$/i, 'instructions'],
  [
    /\.(?:py\w?|ipynb|[cm]?jsx?|[cm]?tsx?|vue|svelte|sh|bash|zsh|ksh|fish|command|ps[md]?1|bat|cmd|rb|rake|pl|pm|php|phtml|go|java|kts?|scala|groovy|c|h|cc|cpp|hpp|cs|rs|swift|mm?|lua|r|jl|vbs|applescript|sql|wasm|jar|class|so|dylib|dll|exe|node|mk|dockerfile)$|(?:^|\/)(?:Makefile|Dockerfile|Justfile|Rakefile)$|(?:^|\/)(?:bin|scripts|hooks)\/[^/.]+$/i,
    'code',
  ],
]

const FRONT = /^\ufeff?\s*---[^\S\n]*\r?\n[^]*?\r?\n---[^\S\n]*(?:\r?\n|$)/

/** What kind of content a file is. What starts with `#!` or may be run is code, whatever its name. */
function partOf(path: string, bytes: Uint8Array, executable: boolean): Part {
  const named = RULES.find(([pattern]) => pattern.test(path))?.[1]
  if (named !== undefined && named !== 'instructions') return named
  return executable || (bytes[0] === 0x23 && bytes[1] === 0x21) ? 'code' : (named ?? 'other')
}

/** The head and the text of a SKILL.md are two parts: a change of either is a change of that one. */
function piecesOf(path: string, part: Part, bytes: Uint8Array): readonly (readonly [Part, string])[] {
  if (part !== 'instructions' || !/(?:^|\/)SKILL\.md$/i.test(path)) return [[part, sha256(bytes)]]
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const head = FRONT.exec(text)?.[0] ?? ''
  return [
    ['manifest', sha256(bytes.subarray(0, head.length))],
    ['instructions', sha256(bytes.subarray(head.length))],
  ]
}

/** Whether a file may be run; of its other permission bits nothing is kept. */
export const isExecutable = ({ mode }: Pick<BundleFile, 'mode'>): boolean => (mode & 0o111) !== 0

/** Hashes of everything in a skill: bytes, paths, and which files may be run. The order of files does not count (HB-35, E-85). */
export function fingerprintOf(files: readonly BundleFile[]): Fingerprint {
  const marks: FileMark[] = []
  const pieces = new Map<Part, [string, string][]>()
  for (const file of files.toSorted((one, other) => (one.path < other.path ? -1 : 1))) {
    const { path, bytes } = file
    const executable = isExecutable(file)
    const part = partOf(path, bytes, executable)
    marks.push({ path, hash: sha256(bytes), size: bytes.length, executable, part })
    for (const [own, hash] of piecesOf(path, part, bytes)) {
      const list = pieces.get(own) ?? []
      list.push([path, `${executable ? 'x' : '-'}${hash}`])
      pieces.set(own, list)
    }
  }
  const parts: Partial<Record<Part, string>> = {}
  for (const part of PARTS) {
    const list = pieces.get(part)
    if (list !== undefined) parts[part] = digest(`sallyport/skill-${part}/1`, list)
  }
  const all = marks.map(({ path, hash, executable }) => [path, hash, executable])
  return { hash: digest('sallyport/skill/1', all), parts, files: marks }
}
