import {
  defuseMarkers,
  envelop,
  isJsonObject,
  isNamedSecret,
  redact,
  redactText,
  requireUntrusted,
  SallyportError,
  severityRank,
  sha256,
  type InjectionDetector,
  type Json,
  type KnownSecrets,
  type Redacted,
  type RedactedText,
  type Severity,
  type Suppression,
} from '@sallyport/core'
import type { GateFinding, InspectPort } from '../../boundary/ports.ts'
import { answeredFor } from './answered-for.ts'
import { applyEdits, type Edit } from './edits.ts'
import { ON_DEMAND } from './extract/extraction.ts'
import { visibleOnly, type VisibleOnly } from './extract/visible-only.ts'
import { scanJson, type JsonMember, type JsonString } from './json-strings.ts'
import { isExternal, RESULT_TABLE, resultPolicy, type ResultPolicy } from './result-table.ts'

/** Our own namespace in `_meta`: only the gateway speaks in it, so an upstream that does is cut off (T-069). */
const OWN_META = 'dev.sallyport/'
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
  readonly detector: InjectionDetector
  /** Lines that replace the built-in ones, by tool id or group. */
  readonly results?: Readonly<Record<string, ResultPolicy>>
  readonly suppressions?: readonly Suppression[]
  /** ms since 1970. */
  readonly now: () => number
  /** Name of one pair of markers; never the same twice. */
  readonly nonce: () => string
}

/**
 * Step 11 (AC-1.2.3, HB-52, SEC-3.5): what comes back loses its secrets, our own `_meta` members and forged markers; text from
 * outside is put between markers, text that tries to steer the agent gets a notice; every other byte stays. What goes into the log
 * loses secrets by name, mark and pattern, with keyed tags. A failure is an exception: the result is withheld.
 */
export function createInspector(deps: InspectorDeps): InspectPort {
  const { redactKey, tagged = false, known, detector } = deps
  const table = { ...RESULT_TABLE, ...deps.results }
  const more = known === undefined ? {} : { known }
  const clean = (text: string): RedactedText =>
    redactText(text, 'result', { key: redactKey, write: tagged ? 'full' : 'placeholder', ...more })
  return {
    inspect(tool, result) {
      requireUntrusted(result)
      const text = result.reveal()
      requireObject(text)
      const { mode, logLevel } = resultPolicy(tool, table)
      const wrapAll = mode === 'strict' || (mode === 'standard' && isExternal(tool))
      const place = { server: tool.server, tool: tool.id }
      const judge = (finding: GateFinding): GateFinding =>
        answeredFor([finding], place, deps.suppressions ?? [], deps.now())[0] ?? finding
      const isPage = tool.annotation.groups.includes('group:web')
      const found = inspectStrings(text, { clean, detector, judge, nonce: deps.nonce, wrapAll, isPage })
      const resultText = applyEdits(text, found.edits)
      const { redacted, suspicious, wrapped } = found
      const findings = logLevel === 'full' ? found.findings : onceEach(found.findings)
      const digest = sha256(resultText)
      return { resultText, redactions: redacted.length, redacted, digest, findings, suspicious, wrapped }
    },
    redact: (value, sensitive) => redact(value, { sensitive, tagKey: redactKey, ...more }),
  }
}

/** @throws SallyportError SP_MCP_UPSTREAM_PROTOCOL when the text is not a JSON object. */
function requireObject(text: string): void {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'The result is not valid JSON.', { cause })
  }
  if (!isJsonObject(value)) throw new SallyportError('SP_MCP_UPSTREAM_PROTOCOL', 'The result is not an object.')
}

/** The first place of each rule: a summary of what was found. */
const onceEach = (findings: readonly GateFinding[]): readonly GateFinding[] =>
  findings.filter(({ rule }, at) => findings.findIndex((other) => other.rule === rule) === at)

interface Rules {
  readonly clean: (text: string) => RedactedText
  readonly detector: InjectionDetector
  /** Marks what somebody answers for. */
  readonly judge: (finding: GateFinding) => GateFinding
  readonly nonce: () => string
  readonly wrapAll: boolean
  /** Its texts may be pages: what a reader would not see is taken out. Sources that an agent edits stay as they are. */
  readonly isPage: boolean
}

interface Found {
  readonly edits: readonly Edit[]
  readonly redacted: readonly Redacted[]
  readonly findings: readonly GateFinding[]
  readonly suspicious: boolean
  readonly wrapped: number
}

function inspectStrings(text: string, rules: Rules): Found {
  const edits: Edit[] = []
  const own: JsonMember[] = []
  const redacted: Redacted[] = []
  const findings: GateFinding[] = []
  let suspicious = false
  let wrapped = 0
  const onString = ({ start, end, path }: JsonString): void => {
    const literal = text.slice(start, end)
    const value = literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)
    const name = path.findLast((part) => part !== '[]') ?? ''
    if (BINARY_MEMBERS.has(name) && BASE64.test(value) && !isText(value)) return
    const kept = isNamedSecret(name, value) ? named(name, value, rules.clean) : rules.clean(value)
    redacted.push(...kept.redacted)
    const seen = steers(value, path, rules.detector)
    const finding = seen === undefined ? undefined : rules.judge(seen.finding)
    if (finding !== undefined) findings.push(finding)
    let out = kept.text
    const isRead = isShown(path) || (rules.isPage && path.join('/') === PAGE_TEXT)
    if (rules.isPage && isRead && PAGE.test(out)) {
      const page = visibleOnly(out, 'html', ON_DEMAND)
      findings.push(...hiddenFindings(page, path))
      out = page.text
    }
    if (seen?.acts === true && finding?.suppressed === undefined) {
      suspicious = true
      wrapped++
      out = envelop(out, 'TOOL_RESULT_UNTRUSTED', rules.nonce())
    } else if (rules.wrapAll && value !== '' && isRead) {
      wrapped++
      out = envelop(out, 'EXTERNAL_UNTRUSTED_CONTENT', rules.nonce())
    } else out = defuseMarkers(out).text
    if (out !== value) edits.push({ start, end, text: JSON.stringify(out) })
  }
  scanJson(text, onString, (member) => {
    if (member.path.at(-1) === '_meta' && member.name.startsWith(OWN_META)) own.push(member)
  })
  findings.sort((a, b) => severityRank(b.severity) - severityRank(a.severity))
  return { edits: [...edits, ...removals(text, own)], redacted, findings, suspicious, wrapped }
}

/** A web page, not a text that mentions tags. */
const PAGE = /<(?:!doctype html|html|head|body)[\s>]/i

function hiddenFindings({ removed, complete }: VisibleOnly, path: readonly string[]): readonly GateFinding[] {
  const at = placeOf(path)
  const found: GateFinding[] = []
  if (removed.length > 0) found.push({ path: at, rule: 'document.hidden-text', category: 'indirect', severity: 'low' })
  if (!complete) found.push({ path: at, rule: 'document.unread', category: 'indirect', severity: 'medium' })
  return found
}

const placeOf = (path: readonly string[]): string => path.join('.').replaceAll('.[]', '[]')

/** Shorter texts say too little to steer anybody. */
const SHORTEST = 12

function steers(
  value: string,
  path: readonly string[],
  detector: InjectionDetector,
): { readonly finding: GateFinding; readonly acts: boolean } | undefined {
  if (value.length < SHORTEST) return undefined
  const { verdict, findings, category } = detector.scan(value, { channel: 'content' })
  if (verdict === 'clean') return undefined
  const [worst] = [...findings].sort((a, b) => severityRank(b.severity) - severityRank(a.severity))
  const what = worst ?? { rule: 'injection.head', category, severity: 'medium' as Severity }
  const finding = { path: placeOf(path), rule: what.rule, category: what.category, severity: what.severity }
  return { finding, acts: verdict === 'ask' || verdict === 'block' }
}

/** The texts of a result that a client shows its model: of tools, resources and embedded resources. */
const isShown = (path: readonly string[]): boolean => SHOWN.has(path.join('/'))
/** Where tools for pages have the text once more, for clients that show their model structured results. */
const PAGE_TEXT = 'structuredContent/text'
const SHOWN: ReadonlySet<string> = new Set(['content/[]/text', 'content/[]/resource/text', 'contents/[]/text'])

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
