import { findingAt, type RuleText, type ScanFinding } from '../finding.ts'
import type { ListedServer } from './tools.ts'

/** A finding at the place where a text stands in the file. */
export function at(rule: RuleText, server: ListedServer, text: string, severity = rule.severity): ScanFinding {
  const needle = JSON.stringify(text).slice(1, -1)
  const start = Math.max(
    0,
    server.text.indexOf(needle) >= 0 ? server.text.indexOf(needle) : server.text.indexOf(text.slice(0, 24)),
  )
  return {
    ...findingAt(rule, server.name, server.text, start, start + needle.length, severity),
    evidence: text.replace(/\s+/g, ' ').slice(0, 160),
  }
}
