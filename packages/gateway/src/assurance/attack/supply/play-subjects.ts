import { SallyportError, toSallyportError } from '@sallyport/core'
import { admitBundle, type AdmissionDeps } from '../../admission/admit.ts'
import type { Bundle } from '../../admission/bundle.ts'
import { verdictOf, type ScanFinding } from '../../scan/finding.ts'
import type { McpKind } from '../../scan/mcp/scan-mcp.ts'
import { judged, type SupplyCase } from './case.ts'
import type { SupplySubject } from './subjects.ts'

/** The controls that the subjects are played against. */
export interface SubjectControls {
  readonly admission: AdmissionDeps
  /** What a host does that wants to use a skill. @throws SallyportError when it may not */
  readonly load: (name: string) => Promise<unknown>
  readonly scanServers: (
    kind: McpKind,
    files: readonly (readonly [path: string, text: string])[],
  ) => readonly ScanFinding[]
}

const BY = 'attack'

/**
 * Plays a subject against scan and admission (HB-147). An attack is stopped when the scan by itself refuses or holds it and nothing
 * of it can be loaded without a review; honest work is held when anything but the review that everything waits for speaks against it.
 */
export async function playSubject(
  subject: SupplySubject,
  kind: SupplyCase['kind'],
  controls: SubjectControls,
): Promise<SupplyCase> {
  const { id, category } = subject
  const { spoke, by } = subject.kind === 'skill' ? await skill(subject, kind, controls) : server(subject, controls)
  return { id, category, kind, result: judged(kind, spoke), by }
}

interface Heard {
  readonly spoke: boolean
  readonly by: string
}

const heardIn = (findings: readonly ScanFinding[]): Heard => {
  const spoke = verdictOf(findings) !== 'allow'
  return { spoke, by: spoke ? (findings[0]?.id ?? '') : 'scan' }
}

function server({ kind, files }: SupplySubject, { scanServers }: SubjectControls): Heard {
  const texts = Object.entries(files).map(([path, bytes]) => [path, bytes.toString('utf8')] as const)
  return heardIn(scanServers(kind === 'skill' ? 'tools' : kind, texts))
}

async function skill(
  { id, files }: SupplySubject,
  kind: SupplyCase['kind'],
  { admission, load }: SubjectControls,
): Promise<Heard> {
  const bundle: Bundle = {
    name: id,
    files: Object.entries(files).map(([path, bytes]) => ({ path, bytes, mode: 0o644 })),
    provenance: { source: 'folder', url: `attack/${id}`, notes: [] },
  }
  const inspected = await admission.scan(bundle)
  const { state, version } = await admitBundle(bundle, { ...admission, scan: async () => inspected }, BY)
  const loaded = await load(id).then(
    () => true,
    (thrown: unknown) => refusedLoad(thrown),
  )
  if (kind === 'benign') {
    const heard = heardIn(version.findings)
    return state === 'refused' && !heard.spoke ? { spoke: true, by: 'admission' } : heard
  }
  return loaded ? { spoke: false, by: 'admission' } : heardIn(inspected.findings)
}

/** Only a refusal is one: a load that broke down says nothing. */
function refusedLoad(thrown: unknown): boolean {
  const { code } = toSallyportError(thrown)
  if (/^SP_SKILL_(?:NOT_ADMITTED|BLOCKED|UNKNOWN)$/.test(code)) return false
  throw thrown instanceof SallyportError ? thrown : new SallyportError('SP_ATTACK_DATA', String(thrown))
}
