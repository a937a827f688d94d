import { isJsonObject, mayHoldSecret, redact, redactText, SallyportError, sha256, type Json } from '@sallyport/core'
import type { InspectPort } from '../../boundary/ports.ts'
import { applyEdits, type Edit } from './edits.ts'
import { scanJson, type JsonMember } from './json-strings.ts'

/** Our own namespace in `_meta`: only the gateway speaks in it, so an upstream that does is cut off (T-069). */
const OWN_META = 'dev.sallyport/'
/** Escapes that can hide a literal from the prefilter. */
const HIDING_ESCAPE = /\\[u/]/
/** Binary payloads (images, audio, blobs): base64 that patterns would only hit by accident. */
const BINARY_MEMBERS: ReadonlySet<string> = new Set(['data', 'blob'])
const BASE64 = /^[A-Za-z0-9+/_-]{64,}={0,2}$/

export interface InspectorDeps {
  /** Key of the correlation tags in the log. */
  readonly redactKey: Uint8Array
}

/**
 * Step 11 (AC-1.2.3, HB-52): what comes back loses its secrets and our own `_meta` members; every other byte stays. What
 * goes into the log loses secrets by name, mark and pattern, with keyed tags. A failure is an exception: the result is
 * withheld.
 */
export function createInspector({ redactKey }: InspectorDeps): InspectPort {
  return {
    inspect(_tool, resultText) {
      const edits = needsWork(resultText) ? findEdits(resultText) : { list: [], redactions: 0 }
      const text = applyEdits(resultText, edits.list)
      return { resultText: text, redactions: edits.redactions, digest: sha256(text) }
    },
    redact: (value, sensitive) => redact(value, { sensitive, tagKey: redactKey }),
  }
}

/** @throws SallyportError SP_MCP_UPSTREAM_PROTOCOL when the text is not a JSON object. */
function needsWork(text: string): boolean {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'The result is not valid JSON.', { cause })
  }
  if (!isJsonObject(value)) throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'The result is not an object.')
  return mayHoldSecret(text, 'result') || text.includes(OWN_META) || HIDING_ESCAPE.test(text)
}

function findEdits(text: string): { readonly list: readonly Edit[]; readonly redactions: number } {
  const list: Edit[] = []
  const own: JsonMember[] = []
  let redactions = 0
  scanJson(
    text,
    ({ start, end, path }) => {
      const literal = text.slice(start, end)
      if (!mayHoldSecret(literal, 'result') && !HIDING_ESCAPE.test(literal)) return
      if (BINARY_MEMBERS.has(path.at(-1) ?? '') && BASE64.test(literal.slice(1, -1))) return
      const result = redactText(JSON.parse(literal) as string, 'result')
      if (result.redactions === 0) return
      redactions += result.redactions
      list.push({ start, end, text: JSON.stringify(result.text) })
    },
    (member) => {
      if (member.path.at(-1) === '_meta' && member.name.startsWith(OWN_META)) own.push(member)
    },
  )
  return { list: [...list, ...removals(text, own)], redactions }
}

/** Neighbours go together, with the one comma that has to go with them. */
function removals(text: string, members: readonly JsonMember[]): readonly Edit[] {
  const runs: { start: number; end: number }[] = []
  for (const { start, end } of [...members].sort((a, b) => a.start - b.start)) {
    const last = runs.at(-1)
    if (last && end <= last.end) continue
    if (last && /^\s*,\s*$/.test(text.slice(last.end, start))) last.end = end
    else runs.push({ start, end })
  }
  return runs.map(({ start, end }) => {
    const after = /^\s*,/.exec(text.slice(end))
    if (after) return { start, end: end + after[0].length, text: '' }
    const before = /,\s*$/.exec(text.slice(0, start))
    return { start: start - (before?.[0].length ?? 0), end, text: '' }
  })
}
