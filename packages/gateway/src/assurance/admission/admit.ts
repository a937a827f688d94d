import { SallyportError, toSallyportError } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import type { ScanFinding } from '../scan/finding.ts'
import type { Bundle } from './bundle.ts'
import { declaredIn, tooMuchForStrangers, type SkillFacts } from './capabilities.ts'
import {
  admissionFindings,
  judge,
  publishersOf,
  verdictIn,
  withFindings,
  type Judgement,
  type Scanned,
} from './judge.ts'
import { requireBundle } from './names.ts'
import { fingerprintOf, type Fingerprint } from './parts.ts'
import {
  entryOf,
  MOST_FINDINGS,
  versionOf,
  withEntry,
  withVersion,
  type Register,
  type SkillEntry,
  type SkillVersion,
  type Step,
} from './register.ts'
import type { SkillState } from './states.ts'
import type { SkillStore } from './store.ts'

/** What was found in a skill, and what it can do. */
export interface Inspected {
  readonly findings: readonly ScanFinding[]
  readonly facts: SkillFacts
}

export interface AdmissionDeps {
  readonly store: SkillStore
  /** A whole scan of a skill, archives in it too, and what it can do. What it throws counts as refused, but SP_SKILL_BUSY. */
  readonly scan: (skill: Pick<Bundle, 'name' | 'files'>) => Promise<Inspected>
  readonly clock: Pick<Clock, 'now'>
}

/** What became of a bundle at the door. */
export interface Admission {
  readonly name: string
  readonly hash: string
  readonly state: SkillState
  /** Which of them decided; `register`: the same bytes are known already, and stay where they are. */
  readonly decidedBy: 'block-list' | 'allow-list' | 'scan' | 'register'
  readonly reason: string
  readonly version: SkillVersion
}

/** Versions of one skill that are kept; what is in force is always among them. */
const MOST_VERSIONS = 20

/**
 * Takes a bundle in: the first of block list, allow list and scan that decides (HB-34). What a scan does not refuse lies in
 * quarantine until a person has reviewed it; nothing is in force by itself (HB-31).
 * @param by who asks
 * @throws SallyportError SP_SKILL_NAME, SP_SKILL_BUNDLE, SP_SKILL_UNPINNED, SP_SKILL_BUSY, SP_SKILL_TAMPERED
 */
export async function admitBundle(
  bundle: Bundle,
  { store, scan, clock }: AdmissionDeps,
  by: string,
): Promise<Admission> {
  requireBundle(bundle)
  requirePinned(bundle)
  const { name, files, provenance } = bundle
  const print = fingerprintOf(files)
  const { scanned, facts } = await scanOf(scan, bundle)
  return store.change<Admission>(async ({ register, keep }) => {
    const entry = entryOf(register, name)
    const candidate = { name, hash: print.hash, provenance, facts }
    const installed = Object.keys(register.skills).filter((other) => isInForce(register, other))
    const all = withFindings(
      scanned,
      admissionFindings(
        candidate,
        installed,
        print.files.map(({ path }) => path),
      ),
    )
    const judged = judge(candidate, register, all)
    const known = versionOf(entry, print.hash)
    if (known !== undefined && staysAs(known, judged))
      return [
        register,
        { name, hash: print.hash, state: known.state, decidedBy: 'register', reason: REASON_KNOWN, version: known },
      ]
    const { state, reason, actor } = outcomeOf(judged, known, by)
    const step = { at: clock.now(), to: state, by: actor, reason, of: judged.by }
    const version = versionFrom(bundle, print, facts, all, { state, history: withStep(known?.history ?? [], step) })
    if (state !== 'refused') await keep(print.hash, files)
    const next = placed(bounded(withVersion(entry, version)), version)
    const admission = { name, hash: print.hash, state, decidedBy: judged.by, reason, version }
    return [withEntry(register, name, next), admission]
  })
}

/** The same judgement again takes the place of the one before. */
function withStep(history: SkillVersion['history'], step: Step): SkillVersion['history'] {
  const last = history.at(-1)
  return [...(last?.to === step.to && last.of === step.of ? history.slice(0, -1) : history), step]
}

const REASON_KNOWN = 'These bytes are known already.'

/** @throws SallyportError SP_SKILL_UNPINNED: what a registry calls the newest is whatever it likes (HB-36) */
function requirePinned({ name, version, provenance: { source, integrity } }: Bundle): void {
  if (source === 'folder' || source === 'archive') return
  const exact = version !== undefined && /^v?\d+(?:\.\d+){0,3}(?:[-+][\w.+-]+)?$|^[0-9a-f]{40}$/.test(version)
  if (!exact || integrity === undefined)
    throw new SallyportError('SP_SKILL_UNPINNED', `${name} has no ${exact ? 'hash' : 'exact version'}.`)
}

async function scanOf(
  scan: AdmissionDeps['scan'],
  { name, files }: Bundle,
): Promise<{ readonly scanned: Scanned; readonly facts: SkillFacts }> {
  try {
    const { findings, facts } = await scan({ name, files })
    return { scanned: { findings }, facts }
  } catch (thrown) {
    if (toSallyportError(thrown).code === 'SP_SKILL_BUSY') throw thrown
    return { scanned: { failed: toSallyportError(thrown).message }, facts: declaredIn(files) }
  }
}

const isInForce = (register: Register, name: string): boolean => {
  const { internal = [], external = [] } = entryOf(register, name) ?? {}
  return internal.length + external.length > 0
}

/** Bytes that were judged before are judged anew only by the lists. */
function staysAs(version: SkillVersion, judged: Judgement): boolean {
  const { state, history } = version
  switch (judged.by) {
    case 'block-list':
      return state === 'refused'
    case 'allow-list':
      return state === 'external' || (state === 'internal' && !(judged.rule.to === 'external' && mayServeAll(version)))
    case 'scan':
      // what a scan or a list refused may be judged anew; what a person refused or switched off may not
      return state === 'refused' ? history.at(-1)?.of === 'person' : judged.take || state === 'disabled'
  }
}

/** An allow list is no way past the step before, nor past what strangers cannot be given. */
const mayServeAll = (version: SkillVersion | undefined): boolean =>
  version !== undefined &&
  version.history.some(({ to }) => to === 'internal') &&
  tooMuchForStrangers(version).length === 0

function outcomeOf(
  judged: Judgement,
  known: SkillVersion | undefined,
  by: string,
): { readonly state: SkillState; readonly reason: string; readonly actor: string } {
  if (judged.by === 'scan')
    return { state: judged.take ? 'pending_review' : 'refused', reason: judged.reason, actor: by }
  const { rule } = judged
  if (judged.by === 'block-list')
    return { state: 'refused', reason: `It is on the block list: ${rule.reason}`, actor: rule.by }
  // never past internal in one step, whatever the list says (E-80)
  const state = judged.rule.to === 'external' && mayServeAll(known) ? 'external' : 'internal'
  return { state, reason: `It is on the allow list: ${rule.reason}`, actor: rule.by }
}

function versionFrom(
  bundle: Bundle,
  print: Fingerprint,
  facts: SkillFacts,
  scanned: Scanned,
  { state, history }: Pick<SkillVersion, 'state' | 'history'>,
): SkillVersion {
  const findings = 'failed' in scanned ? [] : scanned.findings
  const version = bundle.version ?? (facts.version === '' ? undefined : facts.version)
  return {
    ...print,
    ...(version === undefined ? {} : { version }),
    ...{ state, history, provenance: bundle.provenance, publishers: publishersOf(bundle.provenance, facts) },
    ...{ capabilities: facts.capabilities, requiresApproval: facts.requiresApproval, verdict: verdictIn(scanned) },
    ...{ findings: findings.slice(0, MOST_FINDINGS), found: findings.length },
  }
}

/** An entry with a version in force where its state says, on top of what was before. */
export function placed(entry: SkillEntry, { hash, state }: Pick<SkillVersion, 'hash' | 'state'>): SkillEntry {
  const onTop = (list: readonly string[]): readonly string[] => [...list.filter((other) => other !== hash), hash]
  if (state === 'internal') return { ...entry, internal: onTop(entry.internal) }
  if (state === 'external') return { ...entry, internal: onTop(entry.internal), external: onTop(entry.external) }
  return entry
}

/** Oldest versions go first, refused ones before others; what is in force, or is the last a rollback goes to, stays. */
function bounded(entry: SkillEntry): SkillEntry {
  const { versions, internal, external } = entry
  if (versions.length <= MOST_VERSIONS) return entry
  const needed = new Set([...internal.slice(-2), ...external.slice(-2), versions[0]?.hash ?? ''])
  const spare = [...versions].toReversed().filter(({ hash }) => !needed.has(hash))
  const out = (spare.find(({ state }) => state === 'refused') ?? spare[0])?.hash
  const stays = (hash: string): boolean => hash !== out
  return {
    versions: versions.filter(({ hash }) => stays(hash)),
    internal: internal.filter(stays),
    external: external.filter(stays),
  }
}
