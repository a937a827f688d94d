import { basename } from 'node:path'
import type { WrittenPiece } from '../../../boundary/ports-code.ts'
import { languageNamed, languageOfFile } from '../../scan/code/languages.ts'
import type { Language } from '../../scan/code/syntax.ts'

/**
 * How a file is looked at.
 * - `code` by CodeGuard · `scripts` the scripts in a page · `cells` those of a notebook
 * - `subject` as part of a skill: text that agents follow, and what lies beside it
 * - `unknown` runs, and there is no parser for it · `other` a program that is built first, without a parser
 */
export type Look =
  | { readonly kind: 'code' | 'scripts'; readonly language: Language }
  | { readonly kind: 'cells' | 'subject' | 'unknown' | 'other' | 'none' }

/** Text that agents follow, and settings that start something for them (HB-29, T-041). */
const SUBJECT: readonly RegExp[] = [
  /(?:^|\/)(?:SKILL|CLAUDE(?:\.local)?|AGENTS(?:\.override)?|GEMINI|MEMORY|SOUL|HEARTBEAT|IDENTITY|BOOTSTRAP)\.md$/i,
  /(?:^|\/)\.(?:cursorrules|windsurfrules|clinerules|goosehints|roorules)$/i,
  /(?:^|\/)\.(?:claude|codex|cursor|gemini|windsurf|openclaw|clinerules|roo|continue|agents)\/.*\.(?:md|mdc|txt|json|jsonc|json5|toml|ya?ml)$/i,
  /(?:^|\/)\.github\/(?:copilot-instructions\.md|(?:instructions|prompts|chatmodes|agents)\/.*\.md)$/i,
  /(?:^|\/)(?:\.?mcp|claude_desktop_config|openclaw\.plugin|\.claude-plugin\/[\w-]+)\.json$/i,
  /(?:^|\/)\.vscode\/(?:mcp|tasks|settings)\.json$/i,
  /(?:^|\/)skills\/[^/]+\/(?:.+\/)?[^/]+\.(?:md|js|mjs|cjs|ts|py|sh|bash|rb|ps1|json|ya?ml)$/,
]

/** What an operating system or an interpreter runs as it lies there. */
const RUNS = /\.(?:ps1|psm1|bat|cmd|vbs|vbe|wsf|hta|applescript|scpt|command|fish|tcl|awk)$/i
const BUILT = /\.(?:php|phtml|pl|pm|lua|rs|c|h|cc|cpp|hpp|cs|kts?|swift|m|mm|scala|groovy|ex|exs|erl|hs|jl|r|dart)$/i
const PAGE = /\.(?:html?|xhtml|vue|svelte|astro)$/i

/** @param firstLine of the text, for files without an ending */
export function lookOf(path: string, firstLine: string): Look {
  if (SUBJECT.some((pattern) => pattern.test(path))) return { kind: 'subject' }
  const name = basename(path)
  const language = languageOfFile(name, () => firstLine)
  if (language !== undefined) return { kind: 'code', language }
  if (PAGE.test(name)) return { kind: 'scripts', language: 'typescript' }
  if (/\.ipynb$/i.test(name)) return { kind: 'cells' }
  if (RUNS.test(name) || firstLine.startsWith('#!')) return { kind: 'unknown' }
  return { kind: BUILT.test(name) ? 'other' : 'none' }
}

/** Code that becomes no file. */
export function lookOfCode(named: string): Look {
  const language = languageNamed(named)
  if (language !== undefined) return { kind: 'code', language }
  return { kind: /^(?:perl|php|lua|powershell|code)$/.test(named) ? 'unknown' : 'none' }
}

/** Whether a piece is looked at, without looking at it: data and prose start no thread. */
export function isLookedAt(piece: WrittenPiece): boolean {
  switch (piece.kind) {
    case 'command':
      return true
    case 'code':
      return lookOfCode(piece.language).kind !== 'none'
    case 'file':
      return lookOf(piece.path, firstLine(piece.text)).kind !== 'none'
    case 'edits':
      // what a file without an ending is, its first line says, and that is not here
      return !basename(piece.path).includes('.') || lookOf(piece.path, '').kind !== 'none'
  }
}

export const firstLine = (text: string): string => text.slice(0, 200).split('\n', 1)[0] ?? ''

/** Tests and examples of a project. */
export const isTestPath = (path: string): boolean =>
  /(?:^|\/)(?:tests?|specs?|__tests__|__mocks__|fixtures|testdata|e2e|examples?|samples?|demos?|benchmarks?)\//i.test(
    path,
  ) ||
  /(?:[._-](?:test|tests|spec|bench|stories)\.[a-z]+|_test\.go|Tests?\.java|_spec\.rb)$|(?:^|\/)(?:test_[^/]*|conftest)\.py$/i.test(
    path,
  )
