import { decodedSegments, severityRank, type Severity } from '@sallyport/core'
import { asNotice, findingAt, type RuleText, type ScanFinding } from '../finding.ts'
import { matchProse } from '../prose/match.ts'
import { readProse, sentenceAt, taughtAt, type Prose } from '../prose/read.ts'
import type { ProsePlace } from '../prose/rule.ts'
import { PROSE_RULES } from '../prose/rules.ts'
import { hiddenCharacters } from './characters.ts'
import type { ScanDeps } from '../skill/deps.ts'
import { judgeScript } from '../scripts/commands.ts'
import { foreignBrand, hostKind, hostsIn, isLocal } from './hosts.ts'

export type Prefix = 'skill' | 'mcp'

export interface TextScan {
  readonly file: string
  readonly prefix: Prefix
  readonly place: ProsePlace
  /** Text that the offsets of findings refer to, and where this text begins in it. Default: the text itself. */
  readonly within?: { readonly text: string; readonly start: number }
}

const HOST_WHY = 'Data and code pass a place that anybody can open and close without a name.'
const HOST_FIX = 'Use a host of the service itself.'

/** Meaning, characters, hosts and what decodes from a text: what holds for every text of a subject, wherever it stands. */
export function scanText(text: string, scan: TextScan, deps: ScanDeps): readonly ScanFinding[] {
  const { file, prefix, place } = scan
  const outer = scan.within?.text ?? text
  const shift = scan.within?.start ?? 0
  const found: ScanFinding[] = []
  const add = (rule: RuleText, start: number, end: number, severity?: Severity): void =>
    void found.push(
      findingAt({ ...rule, id: `${prefix}.${rule.id}` }, file, outer, start + shift, end + shift, severity),
    )

  found.push(...hiddenCharacters(text, file, prefix))
  const prose = readProse(text)
  for (const { rule, start, end, taught } of matchProse(prose, PROSE_RULES, place))
    add(rule, start, end, taught ? asNotice(rule.severity) : place === 'hidden' ? 'critical' : rule.severity)
  for (const hit of injections(text, prose, place, deps)) add(hit.rule, hit.start, hit.end, hit.severity)
  for (const hit of decoded(text, deps)) add(hit.rule, hit.start, hit.end)
  return found
}

/** Rules of the product's detector of injections; its head weighs texts of strangers and takes every instruction for one. */
function* injections(
  source: string,
  prose: Prose,
  place: ProsePlace,
  deps: ScanDeps,
): Iterable<{ rule: RuleText; start: number; end: number; severity: Severity }> {
  const report = deps.injection.scan(source, { channel: 'content' })
  for (const { rule, severity, start, end, decoded } of report.findings) {
    if (rule === 'injection.head' || severityRank(severity) < severityRank('high')) continue
    const index = sentenceAt(prose, start)
    const at = start - prose.sourceOffset(prose.sentences[index]?.start ?? 0)
    const quoted = report.verdict === 'flag' || taughtAt(prose, index, { start: at, end: at + end - start })
    const text: RuleText = {
      id: `injection.${rule.replace(/^injection\./, '')}`,
      severity: 'high',
      title: 'reads like an injection',
      why: 'The words are those of texts that take agents over.',
      fix: 'Remove the passage.',
    }
    yield {
      rule: text,
      start,
      end,
      severity:
        quoted || (severity !== 'critical' && report.verdict !== 'block')
          ? 'medium'
          : place === 'hidden' || decoded !== undefined
            ? 'critical'
            : 'high',
    }
  }
}

const INLINE = /^(?:html|percent|url|json|js|escape|quoted-printable|qp|unicode|css)\b/

/** What decodes to orders or commands was encoded so that nobody reads it. */
function* decoded(text: string, deps: ScanDeps): Iterable<{ rule: RuleText; start: number; end: number }> {
  for (const { via, text: inner, start, end } of decodedSegments(text).segments) {
    if (inner.length < 12) continue
    // escapes within a text are read in place: what they stand for counts, what stands around them was read already
    const inPlace = INLINE.test(via)
    const readable = (inner.match(/[\x20-\x7e\n\t]/g)?.length ?? 0) / inner.length
    if (readable < 0.9) continue
    const rule = (name: string, title: string): RuleText => ({
      id: `obfuscation.${name}`,
      severity: 'critical',
      title: `${title} in ${via}`,
      why: 'Encoded text is not read in a review; a model or a shell reads it all the same.',
      fix: 'Write it in plain text or remove it.',
    })
    if (matchProse(readProse(inner), PROSE_RULES, 'hidden').some(({ taught }) => !taught)) {
      if (
        !inPlace ||
        matchProse(readProse(text.slice(Math.max(0, start - 160), end + 160)), PROSE_RULES, 'hidden').length === 0
      )
        yield { rule: rule('encoded-orders', 'orders'), start, end }
    } else if (inPlace) continue
    else if (
      /^\s*(?:#!|[\w./-]+\s)|[|;]/.test(inner) &&
      judgeScript(inner, deps.parse).some(({ rule: { severity } }) => severityRank(severity) >= severityRank('high'))
    )
      yield { rule: rule('encoded-command', 'a command'), start, end }
    else if (/^https?:\/\/\S+$/.test(inner.trim()))
      yield { rule: { ...rule('encoded-address', 'an address'), severity: 'high' }, start, end }
    else if (
      /\b(?:import (?:os|socket|subprocess|requests|base64)|eval\(|exec\(|require\(|child_process|Invoke-Expression|__import__)\b/.test(
        inner,
      )
    )
      yield { rule: rule('encoded-code', 'code'), start, end }
  }
}

/** Hosts that code or configuration talks to. */
export function hostFindings(text: string, file: string, prefix: Prefix, severe: boolean): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  const add = (name: string, severity: Severity, title: string, start: number, end: number): void =>
    void found.push(
      findingAt(
        { id: `${prefix}.network.${name}`, severity, title, why: HOST_WHY, fix: HOST_FIX },
        file,
        text,
        start,
        end,
      ),
    )
  for (const { host, start, end } of hostsIn(text)) {
    const kind = hostKind(host)
    if (kind === 'tunnel' || kind === 'collector')
      add(`${kind}-host`, severe ? 'high' : 'medium', `talks to a ${kind} (${host})`, start, end)
    else if (kind === 'onion') add('onion-host', 'high', `talks to a hidden service (${host})`, start, end)
    else if (kind === 'paste' || kind === 'drop')
      add(`${kind}-host`, 'medium', `talks to a ${kind} site (${host})`, start, end)
    else if (kind === 'address') add('bare-address', 'medium', `talks to a bare address (${host})`, start, end)
    else if (kind === 'punycode')
      add('look-alike-host', 'high', `talks to a host in look-alike letters (${host})`, start, end)
    else if (kind === 'shortener') add('short-link', 'medium', `follows a short link (${host})`, start, end)
    else if (!isLocal(host) && foreignBrand(host) !== undefined)
      add(
        'foreign-brand',
        'medium',
        `talks to a host that bears the name of ${foreignBrand(host) ?? ''} (${host})`,
        start,
        end,
      )
  }
  return found
}
