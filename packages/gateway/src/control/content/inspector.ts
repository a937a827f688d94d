import {
  isJsonObject,
  isNamedSecret,
  mayHoldSecret,
  redact,
  redactText,
  SallyportError,
  sha256,
  type Json,
  type KnownSecrets,
  type Redacted,
  type RedactedText,
} from '@sallyport/core'
import type { InspectPort } from '../../boundary/ports.ts'
import { applyEdits, type Edit } from './edits.ts'
import { scanJson, type JsonMember } from './json-strings.ts'

/** Our own namespace in `_meta`: only the gateway speaks in it, so an upstream that does is cut off (T-069). */
const OWN_META = 'dev.sallyport/'
/** Escapes that can hide a literal from the prefilter. */
const HIDING_ESCAPE = /\\[u/]/
/** Binary payloads (images, audio, blobs): base64 that patterns would only hit by accident, unless it is text. */
const BINARY_MEMBERS: ReadonlySet<string> = new Set(['data', 'blob'])
const BASE64 = /^[A-Za-z0-9+/_-]{64,}={0,2}$/

export interface InspectorDeps {
  /** Key of the correlation tags in the log. */
  readonly redactKey: Uint8Array
  /** `redaction.tagged`: type and tag are written where the secret was. Default false (T-131). */
  readonly tagged?: boolean
  /** Values that the vault issued and canaries (HB-77). */
  readonly known?: KnownSecrets
}

/**
 * Step 11 (AC-1.2.3, HB-52): what comes back loses its secrets and our own `_meta` members; every other byte stays. What
 * goes into the log loses secrets by name, mark and pattern, with keyed tags. A failure is an exception: the result is
 * withheld.
 */
export function createInspector({ redactKey, tagged = false, known }: InspectorDeps): InspectPort {
  const more = known === undefined ? {} : { known }
  const clean = (text: string): RedactedText =>
    redactText(text, 'result', { key: redactKey, write: tagged ? 'full' : 'placeholder', ...more })
  return {
    inspect(_tool, resultText) {
      const { list, redacted } = needsWork(resultText, known) ? findEdits(resultText, clean) : CLEAN
      const text = applyEdits(resultText, list)
      return { resultText: text, redactions: redacted.length, redacted, digest: sha256(text) }
    },
    redact: (value, sensitive) => redact(value, { sensitive, tagKey: redactKey, ...more }),
  }
}

interface Found {
  readonly list: readonly Edit[]
  readonly redacted: readonly Redacted[]
}
const CLEAN: Found = Object.freeze({ list: [], redacted: [] })

/** @throws SallyportError SP_MCP_UPSTREAM_PROTOCOL when the text is not a JSON object. */
function needsWork(text: string, known: KnownSecrets | undefined): boolean {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'The result is not valid JSON.', { cause })
  }
  if (!isJsonObject(value)) throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'The result is not an object.')
  return mayHoldSecret(text, 'result', known) || text.includes(OWN_META) || HIDING_ESCAPE.test(text)
}

function findEdits(text: string, clean: (text: string) => RedactedText): Found {
  const list: Edit[] = []
  const own: JsonMember[] = []
  const redacted: Redacted[] = []
  scanJson(
    text,
    ({ start, end, path }) => {
      const literal = text.slice(start, end)
      const value = literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)
      const name = path.findLast((part) => part !== '[]') ?? ''
      if (BINARY_MEMBERS.has(name) && BASE64.test(value) && !isText(value)) return
      const result = isNamedSecret(name, value) ? named(name, value, clean) : clean(value)
      if (result.redactions === 0) return
      redacted.push(...result.redacted)
      list.push({ start, end, text: JSON.stringify(result.text) })
    },
    (member) => {
      if (member.path.at(-1) === '_meta' && member.name.startsWith(OWN_META)) own.push(member)
    },
  )
  return { list: [...list, ...removals(text, own)], redacted }
}

/** A value that only the member's name gives away is judged as a setting: name, sign, value. */
function named(name: string, value: string, clean: (text: string) => RedactedText): RedactedText {
  const alone = clean(value)
  if (alone.redactions > 0) return alone
  const head = `${name}: "`
  const result = clean(`${head}${value}"`)
  return { ...result, text: result.text.slice(head.length, -1) }
}

const isText = (value: string): boolean =>
  /^[\t\n\r -~]+$/.test(Buffer.from(value.slice(0, 256), 'base64').toString('latin1'))

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
