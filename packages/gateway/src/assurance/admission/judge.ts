import type { Severity } from '@sallyport/core'
import { findingOf, inOrder, verdictOf, type RuleText, type ScanFinding, type ScanVerdict } from '../scan/finding.ts'
import type { Provenance } from './bundle.ts'
import { imitatedSkill, looksLike } from './names.ts'
import { needsApproval, type SkillFacts } from './capabilities.ts'
import type { AllowRule, BlockRule, Register } from './register.ts'

/** What is judged: who it says it is, what it is, where it is from. */
export interface Candidate {
  readonly name: string
  readonly hash: string
  readonly provenance: Provenance
  readonly facts: SkillFacts
}

/** Who decided, in the order in which they are asked (HB-34): the first that has something to say. */
export type Judgement =
  | { readonly by: 'block-list'; readonly rule: BlockRule }
  | { readonly by: 'allow-list'; readonly rule: AllowRule }
  | { readonly by: 'scan'; readonly take: boolean; readonly reason: string }

/** What a scan said, or that it could not say it. */
export type Scanned = { readonly findings: readonly ScanFinding[] } | { readonly failed: string }

/** Whether a block rule fits, by everything it names. Names are compared by what they look like. */
export function isBlocked({ name, hash, provenance, facts }: Candidate, rule: BlockRule): boolean {
  const publishers = publishersOf(provenance, facts)
  return (
    (rule.name !== undefined || rule.hash !== undefined || rule.publisher !== undefined) &&
    (rule.name === undefined || looksLike(rule.name, name) || looksLike(rule.name, facts.name)) &&
    (rule.hash === undefined || rule.hash === hash) &&
    (rule.publisher === undefined || publishers.some((one) => looksLike(one, rule.publisher ?? '')))
  )
}

/** Exactly this name, these bytes, from there. */
const isAllowed = ({ name, hash, provenance }: Candidate, rule: AllowRule): boolean =>
  rule.name === name && rule.hash === hash && provenance.url !== undefined && rule.source === provenance.url

/** Whoever may have made it: who signed it, whose account it is from, and who it says itself. */
export function publishersOf({ signedBy, source, url }: Provenance, { publishers }: SkillFacts): readonly string[] {
  const account = source === 'folder' || source === 'archive' ? undefined : accountIn(url ?? '')
  return [...new Set([signedBy, account, ...publishers].flatMap((one) => (one === undefined ? [] : [one])))]
}

/** `https://github.com/OWNER/…`, `npm:@SCOPE/…`, `clawhub:OWNER/…`. */
function accountIn(url: string): string | undefined {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:(?:\/\/[^/]*\/)?/i, '')
  return /^@?([\w.-]+)\//.exec(path)?.[1]
}

/**
 * The order of HB-34: block list, allow list, scan. A scan lets nothing in by itself: what it does not refuse waits for a person
 * (HB-31). One that failed refuses.
 */
export function judge(candidate: Candidate, register: Register, scanned: Scanned): Judgement {
  const blocked = register.block.find((rule) => isBlocked(candidate, rule))
  if (blocked !== undefined) return { by: 'block-list', rule: blocked }
  const allowed = register.allow.find((rule) => isAllowed(candidate, rule))
  if (allowed !== undefined) return { by: 'allow-list', rule: allowed }
  if ('failed' in scanned) return { by: 'scan', take: false, reason: `It could not be scanned: ${scanned.failed}` }
  const grave = scanned.findings.find(({ id, severity }) => severity === 'critical' || SECRET.test(id))
  if (grave !== undefined)
    return { by: 'scan', take: false, reason: `${grave.title} (${grave.id}, ${grave.file}:${grave.line})` }
  const verdict = verdictOf(scanned.findings)
  return {
    by: 'scan',
    take: true,
    reason:
      verdict === 'allow'
        ? 'Nothing grave was found; a person has to review it.'
        : 'Grave things were found; a person has to review it.',
  }
}

/** A secret in a skill is everybody's who has it: it is refused at the door (HB-78, HB-94). */
const SECRET = /^skill\.secret\./

const rule = (id: string, severity: Severity, title: string, why: string, fix: string): RuleText => ({
  ...{ id: `skill.${id}`, severity, title, why, fix },
})
const NO_APPROVAL = rule(
  'validation.requires-approval',
  'high',
  'changes data or reaches the network without `requires_approval: true`',
  'A skill that acts on the outside needs a person to say yes (HB-33).',
  'Set `requires_approval: true` in its manifest, or approve it with --requires-approval.',
)
const IMITATION = rule(
  'impersonation.installed-name',
  'high',
  'has nearly the name of a skill that is installed',
  'A name that reads like a known one is trusted for the known one.',
  'Give it a name of its own.',
)
const OTHER_NAME = rule(
  'impersonation.other-name',
  'medium',
  'calls itself something else than its folder',
  'Two names make it two skills for whoever reads only one of them.',
  'Give both the same name.',
)
const UNVERIFIED = rule(
  'supply.signature-unverified',
  'high',
  'has a signature that does not prove who made it',
  'A signature that does not fit is worse than none: somebody changed the skill or claims to be somebody else.',
  'Take it from where its signature fits.',
)
const NO_MANIFEST = rule(
  'manifest.missing',
  'medium',
  'has no manifest',
  'What does not say what it is cannot be held to it.',
  'Add a SKILL.md with a name and a description.',
)

/** What admission finds beyond the scan: a failed validation, and names that imitate (HB-33, T-078). */
export function admissionFindings(
  { name, facts, provenance }: Candidate,
  installed: readonly string[],
  files: readonly string[],
): readonly ScanFinding[] {
  const manifest = files.find((path) => /(?:^|\/)(?:SKILL\.md|plugin\.json|manifest\.json)$/i.test(path))
  const found: ScanFinding[] = []
  if (manifest === undefined) found.push(findingOf(NO_MANIFEST, files[0] ?? '', name))
  if (needsApproval(facts) && !facts.requiresApproval)
    found.push(findingOf(NO_APPROVAL, manifest ?? '', facts.capabilities.join(', ')))
  if (provenance.signature === 'unverified')
    found.push(findingOf(UNVERIFIED, manifest ?? '', provenance.signedBy ?? 'nobody'))
  const like = imitatedSkill(name, installed)
  if (like !== undefined) found.push(findingOf(IMITATION, manifest ?? '', `${name} for ${like}`))
  if (facts.name !== '' && facts.name !== name && !looksLike(facts.name, name))
    found.push(findingOf(OTHER_NAME, manifest ?? '', `${facts.name} in ${name}`))
  return found
}

export const verdictIn = (scanned: Scanned): ScanVerdict | 'failed' =>
  'failed' in scanned ? 'failed' : verdictOf(scanned.findings)

export const withFindings = (scanned: Scanned, more: readonly ScanFinding[]): Scanned =>
  'failed' in scanned ? scanned : { findings: inOrder([...scanned.findings, ...more]) }
