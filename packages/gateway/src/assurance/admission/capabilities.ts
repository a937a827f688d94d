import { codePieces } from '../scan/text/markdown.ts'
import { commentStyleOf, fenceLanguage, scriptKind, type ScriptKind } from '../scan/scripts/language.ts'
import { MOST_HITS, readCode, type ReadCode } from '../scan/scripts/read.ts'
import { readManifest, type Manifest } from '../scan/skill/manifest.ts'
import { subjectFile } from '../scan/files/decode.ts'
import type { SubjectFile } from '../scan/files/file.ts'
import type { BundleFile } from './bundle.ts'

/** What a skill can do, by what it declares or by what its code does. */
export const CAPABILITIES = ['network', 'changes-data', 'runs-programs', 'reads-secrets', 'starts-itself'] as const
export type Capability = (typeof CAPABILITIES)[number]

/** What a skill says of itself and what it can do (HB-33). */
export interface SkillFacts {
  /** As the manifest names it; empty: it does not. */
  readonly name: string
  readonly version: string
  /** Whoever the manifest says made it: a claim. */
  readonly publishers: readonly string[]
  readonly capabilities: readonly Capability[]
  /** `requires_approval: true` in the manifest. */
  readonly requiresApproval: boolean
}

const SIGNS: readonly (readonly [capability: Capability, signs: readonly string[]])[] = [
  [
    'network',
    [
      ...['net-send', 'net-get-data', 'dns-send', 'remote-get', 'url-import', 'remote-message', 'download-run'],
      ...['reverse-shell', 'listens', 'metadata-service'],
    ],
  ],
  ['changes-data', ['writes', 'removes', 'deletes-much', 'encrypts', 'agent-file', 'clip-write']],
  ['runs-programs', ['exec', 'exec-module', 'native-exec', 'eval', 'fork', 'temp-program']],
  ['reads-secrets', ['env-secret', 'env-all', 'secret-file', 'browser-store', 'keychain', 'ci-secrets', 'wallet']],
  ['starts-itself', ['startup-file', 'startup-tool', 'time-trigger']],
]

/** Tools that a manifest allows itself → what they can do. `Bash` alone can do everything, `Bash(git log:*)` runs programs. */
const TOOLS: readonly (readonly [tool: RegExp, capabilities: readonly Capability[]])[] = [
  [
    /^(?:\*|all|bash|shell|exec\w*|terminal|process|python|node)(?:\(\*?\))?$/i,
    ['runs-programs', 'changes-data', 'network'],
  ],
  [/^(?:bash|shell|exec\w*|run\w*|terminal|process|python|node)(?:\(.*)?$/i, ['runs-programs']],
  [/^(?:write|edit|multi_?edit|notebook_?edit|apply_?patch|delete\w*|move\w*|create\w*)(?:\(.*)?$/i, ['changes-data']],
  [/^(?:web\w*|http\w*|fetch\w*|network|browser\w*|curl|wget|mcp.*|send\w*|post\w*)(?:\(.*)?$/i, ['network']],
]

/** Commands in instructions and scripts of a shell that go out or change something. */
const COMMANDS: readonly (readonly [capability: Capability, command: RegExp])[] = [
  [
    'network',
    /(?:^|[\s;&|(`$])(?:curl|wget|nc|ncat|ssh|scp|rsync|sftp|git\s+(?:clone|push|pull|fetch)|gh|aws|gcloud|az|kubectl|docker\s+p(?:ull|ush)|npx|pip3?\s+install|npm\s+(?:i|install|publish))\s/m,
  ],
  [
    'changes-data',
    /(?:^|[\s;&|(`$])(?:rm|mv|cp|dd|truncate|tee|chmod|chown|ln|mkdir|sed\s+-i|git\s+(?:commit|push|reset|checkout|clean))\s|(?<![0-9&])>{1,2}\s*(?!\/dev\/null(?![\w./-]))["']?[\w./~$]/m,
  ],
]

const MANIFEST = /(?:^|\/)(?:SKILL\.md|plugin\.json|manifest\.json|openclaw\.plugin\.json)$/i

type Readable = Pick<SubjectFile, 'path' | 'text'>

/** What a skill declares. Never throws. */
function declaredOf(files: readonly Readable[]): SkillFacts {
  let manifest: Manifest | undefined
  for (const { path, text } of files)
    if (text !== undefined && MANIFEST.test(path)) manifest ??= readManifest(text, path).manifest
  const found = new Set<Capability>()
  for (const tool of manifest?.tools ?? [])
    for (const [pattern, capabilities] of TOOLS)
      if (pattern.test(tool)) for (const capability of capabilities) found.add(capability)
  return {
    name: manifest?.name ?? '',
    version: textOf(manifest?.fields.get('version')),
    publishers: publishersOf(manifest),
    capabilities: CAPABILITIES.filter((capability) => found.has(capability)),
    requiresApproval: manifest?.requiresApproval === true,
  }
}

/** What a bundle declares, without a look at its code. */
export const declaredIn = (files: readonly BundleFile[]): SkillFacts =>
  declaredOf(files.filter(({ path }) => MANIFEST.test(path)).map(({ path, bytes }) => subjectFile(path, bytes)))

/** Reads what is declared and what is done. Never throws; what cannot be read adds nothing, and the scan holds it. */
export function factsOf(files: readonly Readable[]): SkillFacts {
  const declared = declaredOf(files)
  const found = new Set<Capability>(declared.capabilities)
  for (const { path, text } of files) {
    if (text === undefined) continue
    const kind = scriptKind(path, text)
    if (kind !== undefined) look(text, kind, found)
    else if (/\.(?:md|markdown|mdx|mdc)$/i.test(path))
      for (const { text: code, info } of codePieces(text)) {
        const fenced = info === undefined ? undefined : fenceKind(info)
        if (fenced !== undefined) look(code, fenced, found)
      }
  }
  return { ...declared, capabilities: CAPABILITIES.filter((capability) => found.has(capability)) }
}

function fenceKind(info: string): ScriptKind | undefined {
  const language = fenceLanguage(info)
  if (language === undefined || language === 'data') return undefined
  // a fence that says nothing mostly holds commands
  const named = language === '' ? 'shell' : language
  return { language: named, comments: commentStyleOf(named) }
}

function look(code: string, kind: ScriptKind, found: Set<Capability>): void {
  const read = readCode(code, kind)
  const does = (name: string): boolean => {
    const hits = read.signs.get(name) ?? []
    // where not all are listed, one of the others may be it
    return hits.length >= MOST_HITS || hits.some(({ start }) => !isNoChange(read, start))
  }
  for (const [capability, names] of SIGNS) if (names.some(does)) found.add(capability)
  if (kind.language !== 'shell') return
  for (const [capability, command] of COMMANDS) if (command.test(code)) found.add(capability)
}

const COMPARES: ReadonlySet<string> = new Set(['python', 'javascript', 'go', 'java', 'native', 'php'])

/**
 * Whether what looks like a redirection changes nothing: outside of texts `>` compares or makes a function in most languages, and what
 * goes to `/dev/null` is gone.
 */
const isNoChange = ({ kind, code, bare }: ReadCode, start: number): boolean =>
  code[start] === '>' &&
  ((bare[start] === '>' && COMPARES.has(kind.language)) ||
    /^>>?\s*\/dev\/null(?![\w./-])/.test(code.slice(start, start + 40)))

function publishersOf(manifest: Manifest | undefined): readonly string[] {
  const all = ['publisher', 'author', 'owner', 'vendor', 'maintainer', 'metadata'].flatMap((key) => {
    const value = manifest?.fields.get(key)
    if (typeof value === 'string') return [value]
    if (typeof value !== 'object' || value === null) return []
    const of = value as Readonly<Record<string, unknown>>
    return ['name', 'publisher', 'author', 'owner'].map((inner) => textOf(of[inner]))
  })
  return [...new Set(all.map((one) => one.trim()).filter((one) => one !== ''))]
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''

const NOT_FOR_STRANGERS: ReadonlySet<Capability> = new Set([
  ...(['changes-data', 'runs-programs', 'reads-secrets', 'starts-itself'] as const),
])

/** What a skill can do that none may that serves strangers: their surface reads and adds (HB-18, E-91). */
export const tooMuchForStrangers = ({ capabilities }: Pick<SkillFacts, 'capabilities'>): readonly Capability[] =>
  capabilities.filter((can) => NOT_FOR_STRANGERS.has(can))

/** Whether a person has to agree to what it does each time (HB-33): it changes data or reaches the network. */
export const needsApproval = ({ capabilities }: Pick<SkillFacts, 'capabilities'>): boolean =>
  capabilities.includes('network') || capabilities.includes('changes-data')
