import { sha256 } from '../json/digest.ts'
import type { Json } from '../json/types.ts'
import { escapeText } from './escape.ts'
import { spansOf } from './spans.ts'
import type { ArgumentProvenance } from './story.ts'
import { warningsFor } from './warnings.ts'
import type { ViewRow } from './view.ts'

/** Text longer than this may be folded on screen; the row still carries all of it. */
const FOLD_AT = 2000

/**
 * Typed tree of a JSON value, one row per node, in document order (T-034). Keys and strings are escaped, strings carry
 * their lengths, paths in `secret` show length only (E-56).
 */
export function treeRows(
  value: Json,
  secret: ReadonlySet<string>,
  provenance: readonly ArgumentProvenance[] = [],
): readonly ViewRow[] {
  const rows: ViewRow[] = []
  const origins = new Map<string, ArgumentProvenance[]>()
  for (const each of provenance) origins.set(each.path, [...(origins.get(each.path) ?? []), each])
  const walk = (node: Json, label: string, path: string, depth: number): void => {
    if (typeof node === 'object' && node !== null) {
      const entries = Array.isArray(node)
        ? (node as readonly Json[]).map((item, index) => [`[${index}]`, item, `${path}[]`] as const)
        : Object.entries(node).map(([key, item]) => [key, item, path === '' ? key : `${path}.${key}`] as const)
      const type = Array.isArray(node) ? `array of ${entries.length}` : `object of ${entries.length}`
      if (depth >= 0) rows.push({ label: escapeText(label), type, text: '', depth, warnings: warningsFor(label) })
      for (const [key, item, at] of entries) walk(item, key, at, depth + 1)
      return
    }
    const from = origins.get(path)?.shift()
    const leaf = secret.has(path) ? hiddenRow(label, node, depth) : leafRow(label, node, depth)
    rows.push(from === undefined ? leaf : { ...leaf, ...provenanceOf(from) })
  }
  walk(value, '', '', -1)
  return rows
}

const provenanceOf = ({ role, origin, why, from }: ArgumentProvenance): Pick<ViewRow, 'role' | 'origin' | 'why'> => {
  const seen = from.length === 0 ? '' : ` It stands in what ${from.map(escapeText).join(', ')} returned.`
  const because = `${escapeText(why)}${seen}`.trim()
  return because === '' ? { role, origin } : { role, origin, why: because }
}

function leafRow(label: string, node: null | boolean | number | string, depth: number): ViewRow {
  if (typeof node !== 'string') {
    return {
      label: escapeText(label),
      type: node === null ? 'null' : typeof node,
      text: String(node),
      depth,
      warnings: [],
    }
  }
  const text = escapeText(node)
  const bytes = Buffer.byteLength(node)
  const size = bytes === node.length ? `${bytes} bytes` : `${node.length} characters, ${bytes} bytes`
  const folded = text.length > FOLD_AT ? { fold: `sha256 ${sha256(node).slice(0, 16)}` } : {}
  const warnings = [...warningsFor(label), ...warningsFor(node)]
  const spans = spansOf(node)
  const marked = spans === undefined ? {} : { spans }
  return { label: escapeText(label), type: `string, ${size}`, text: `"${text}"`, depth, warnings, ...folded, ...marked }
}

const hiddenRow = (label: string, node: null | boolean | number | string, depth: number): ViewRow => ({
  label: escapeText(label),
  type: 'secret',
  text: `not shown (${String(node).length} characters)`,
  depth,
  warnings: [],
})
