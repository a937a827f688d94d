import { fold } from '@sallyport/core'
import { findingAt, type RuleText, type ScanFinding } from '../finding.ts'
import type { ReadCode } from './read.ts'

const RULE: RuleText = {
  id: 'skill.obfuscation.look-alike-names',
  severity: 'critical',
  title: 'two names that look the same and are not',
  why: 'A reviewer reads one function, and another one runs.',
  fix: 'Write names in letters of one alphabet.',
}

/** Names in code that fold to another name of the same file: `isAdmin` beside one with a Cyrillic letter in it. */
export function lookAlikeNames({ bare, source }: ReadCode, path: string): readonly ScanFinding[] {
  if (!/[^\x00-\x7f]/.test(bare)) return []
  const plain = new Set(bare.match(/[A-Za-z_$][\w$]{2,60}/g))
  const found: ScanFinding[] = []
  for (const { 0: name, index } of bare.matchAll(/[\p{L}_$][\p{L}\p{N}_$]{2,60}/gu)) {
    if (!/[A-Za-z]/.test(name) || /^[\x00-\x7f]*$/.test(name)) continue
    const folded = fold(name).text
    if (folded !== name && plain.has(folded)) found.push(findingAt(RULE, path, source, index, index + name.length))
  }
  return found
}
