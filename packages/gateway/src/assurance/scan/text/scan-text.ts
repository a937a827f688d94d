import { decodedSegments, severityRank, type Severity } from '@sallyport/core'
import { asNotice, findingAt, type RuleText, type ScanFinding } from '../finding.ts'
import { matchProse } from '../prose/match.ts'
import { isReported } from '../prose/negation.ts'
import { readProse, sentenceAt, taughtAt, type Prose } from '../prose/read.ts'
import type { ProsePlace } from '../prose/rule.ts'
import { PROSE_RULES } from '../prose/rules.ts'
import { weigh } from '../prose/weigh.ts'
import { hiddenCharacters } from './characters.ts'
import type { ScanDeps } from '../skill/deps.ts'
import { judgeScript } from '../scripts/commands.ts'
import { isAskedNear, isOpen } from '../skill/agreed.ts'
import { BRANDS, foreignBrand, hostKind, hostsIn, isLocal, isOneOf, serviceOf } from './hosts.ts'

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
    add(
      rule,
      start,
      end,
      taught ||
        (prose.lesson.about && place === 'skill' && rule.id.startsWith('impersonation.')) ||
        (place === 'skill' && OF_THE_USER.test(rule.id) && isOpen(prose) && isAskedNear(text, start, end))
        ? asNotice(rule.severity)
        : place === 'hidden'
          ? 'critical'
          : rule.severity,
    )
  for (const { rule, start, end, taught } of weigh(prose, place))
    add(rule, start, end, taught ? asNotice(rule.severity) : place === 'hidden' ? 'critical' : rule.severity)
  for (const hit of injections(text, prose, place, deps)) add(hit.rule, hit.start, hit.end, hit.severity)
  for (const hit of decoded(text, deps)) add(hit.rule, hit.start, hit.end)
  for (const hit of strangers(text, prose)) add(hit.rule, hit.start, hit.end)
  for (const hit of impostors(text, prose)) add(hit.rule, hit.start, hit.end)
  for (const hit of disguised(text, prose)) add(hit.rule, hit.start, hit.end)
  for (const hit of pieced(text)) add(hit.rule, hit.start, hit.end)
  return found
}

/** What a user may want, when asked. */
const OF_THE_USER = /^(?:persistence\.(?:startup-changed|memory-changed|other-skills-changed)|harm\.destruction)$/

/** Rules of the product's detector of injections; its head weighs texts of strangers and takes every instruction for one. */
function* injections(
  source: string,
  prose: Prose,
  place: ProsePlace,
  deps: ScanDeps,
): Iterable<{ rule: RuleText; start: number; end: number; severity: Severity }> {
  const report = deps.injection.scan(source, { channel: 'content' })
  const foreign = (report.verdict === 'ask' || report.verdict === 'block') && isForeign(source)
  for (const { rule, severity, start, end, decoded } of report.findings) {
    // the head was trained on texts that are no instructions; in other languages than English it is all there is
    if (rule === 'injection.head' ? !foreign || decoded !== undefined : severityRank(severity) < severityRank('high'))
      continue
    const index = sentenceAt(prose, start)
    const at = start - prose.sourceOffset(prose.sentences[index]?.start ?? 0)
    const quoted =
      prose.lesson.about ||
      isReported(prose.sentences[index]?.text.slice(0, at) ?? '') ||
      report.verdict === 'flag' ||
      taughtAt(prose, index, { start: at, end: at + end - start })
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
        quoted || !(foreign || (severity === 'critical' && report.verdict === 'block'))
          ? 'medium'
          : place === 'hidden' || decoded !== undefined
            ? 'critical'
            : 'high',
    }
  }
}

const CREDENTIAL = /\b([A-Z][A-Z0-9]{1,20}(?:_[A-Z0-9]{1,20}){0,4}_(?:TOKEN|KEY|SECRET|PASSWORD|PAT))\b/g
const HOST = /(?:https?:\/\/)?((?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,12})(?=[\s/:,;)"'`?.]|$)/g

/** A secret that is brought to a host which bears the name of a service and is none of its own. */
function* impostors(text: string, prose: Prose): Iterable<{ rule: RuleText; start: number; end: number }> {
  for (const [index, { start, text: sentence, hits, code }] of prose.sentences.entries()) {
    if (code || !hits.has('secret') || !['send', 'put-in', 'hand-on', 'user-enters'].some((id) => hits.has(id)))
      continue
    const from = prose.sourceOffset(start)
    const source = text.slice(from, prose.sourceOffset(start + sentence.length))
    const host = hostsIn(source).find(({ host }) => !isLocal(host) && foreignBrand(host) !== undefined)?.host
    if (host === undefined || taughtAt(prose, index, { start: 0, end: sentence.length })) continue
    const rule: RuleText = {
      id: 'impersonation.credential-taken',
      severity: 'critical',
      title: `brings a credential to ${host}, which bears the name of another`,
      why: 'Who registers such a name waits for the credentials of those who trust it.',
      fix: 'Send it to the service that issued it only.',
    }
    yield { rule, start: from, end: from + source.length }
  }
}

/** A credential of a well-known service in one sentence with hosts that are none of that service, and an act that brings the two together. */
function* strangers(text: string, prose: Prose): Iterable<{ rule: RuleText; start: number; end: number }> {
  if (!CREDENTIAL.test(text)) return
  CREDENTIAL.lastIndex = 0
  for (const { start, text: sentence, hits, code } of prose.sentences) {
    if (code || !['send', 'write', 'smuggle', 'read'].some((id) => hits.has(id))) continue
    const from = prose.sourceOffset(start)
    const source = text.slice(from, prose.sourceOffset(start + sentence.length))
    for (const [, name = ''] of source.matchAll(CREDENTIAL)) {
      const brand = serviceOf(name)
      const domains = brand === undefined ? undefined : BRANDS.get(brand)
      if (domains === undefined) continue
      const hosts = [...source.matchAll(HOST)].map(([, host = '']) => host).filter((host) => !FILE.test(host))
      if (hosts.length === 0 || hosts.some((host) => isOneOf(host, domains) || isLocal(host))) continue
      const rule: RuleText = {
        id: 'exfiltration.credential-to-stranger',
        severity: 'critical',
        title: `brings ${name} to a host that is not its own`,
        why: 'A credential of one service has no business anywhere else.',
        fix: 'Send it to the service that issued it only.',
      }
      yield { rule, start: from, end: from + source.length }
    }
  }
}

const FILE = /\.(?:md|py|js|ts|mjs|cjs|json|ya?ml|toml|sh|txt|env|cfg|ini|lock|html?|css|csv|go|rb|rs|xml|log)$/

const ENGLISH = /\b(?:the|and|of|to|in|is|for|that|with|this|you|are|not|be|it|or|if|by|on|as)\b/gi
/** Written in another language than English: few of its small words for many letters. */
const isForeign = (text: string): boolean => {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  return letters > 24 && (text.match(ENGLISH)?.length ?? 0) * 60 < letters
}

const ROT13_WORDS =
  /\b(?:gur|naq|lbh|lbhe|svyr|fraq|ernq|gb|gung|vg|qb|abg|hfre|grkg|fuvc|flfgrz|vtaber|gbxra|cnffjbeq|frperg)\b/gi
const BACKWARDS_WORDS =
  /\b(?:eht|dna|elif|dnes|daer|resu|ton|tuoba|erongi|terces|nekot|drowssap|metsys|snoitcurtsni)\b/gi
const rot13 = (text: string): string =>
  text.replace(/[a-z]/gi, (char) =>
    String.fromCharCode((((char.charCodeAt(0) & 31) + 12) % 26) + (char < 'a' ? 65 : 97)),
  )
const reversed = (text: string): string => Array.from(text).reverse().join('')

/** Orders in ROT13 or written backwards, where common words show that it is that. */
function* disguised(text: string, prose: Prose): Iterable<{ rule: RuleText; start: number; end: number }> {
  if ((text.match(ROT13_WORDS)?.length ?? 0) < 2 && (text.match(BACKWARDS_WORDS)?.length ?? 0) < 2) return
  for (const { text: sentence, start } of prose.sentences)
    for (const [words, undo, name] of [
      [ROT13_WORDS, rot13, 'ROT13'],
      [BACKWARDS_WORDS, reversed, 'reversed text'],
    ] as const) {
      if ((sentence.match(words)?.length ?? 0) < 2) continue
      if (matchProse(readProse(undo(sentence)), PROSE_RULES, 'hidden').length === 0) continue
      const rule: RuleText = {
        id: 'obfuscation.encoded-orders',
        severity: 'critical',
        title: `orders in ${name}`,
        why: 'Encoded text is not read in a review; a model reads it all the same.',
        fix: 'Write it in plain text or remove it.',
      }
      yield { rule, start: prose.sourceOffset(start), end: prose.sourceOffset(start + sentence.length) }
    }
}

/** Pieces in brackets or quotation marks that make a command or an address when they are put together, and show neither before. */
function* pieced(text: string): Iterable<{ rule: RuleText; start: number; end: number }> {
  for (const { 0: run, index } of text.matchAll(/(?:[[({"'`][^\])}"'`\n]{1,24}[\])}"'`][ ,+]{0,3}){4,60}/g)) {
    const joined = run.replace(/[\])}"'`][ ,+]{0,3}[[({"'`]/g, '').slice(1, -1)
    if (!TELLTALE.test(joined) || TELLTALE.test(run)) continue
    const rule: RuleText = {
      id: 'obfuscation.pieced-together',
      severity: 'high',
      title: 'a command in pieces',
      why: 'Pieces are not read in a review; a model puts them together all the same.',
      fix: 'Write it in one piece or remove it.',
    }
    yield { rule, start: index, end: index + run.length }
  }
}

const TELLTALE =
  /https?:\/\/[\w.-]{4,}|\b(?:curl|wget|bash|powershell|base64|eval)\s|\.ssh\/|id_rsa|ignore (?:all |previous )/i

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
