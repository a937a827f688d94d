import { fingerprints, withoutKnown, type FileFindings } from '../code/baseline.ts'

/** Findings that a baseline does not know, under this path or the one that the file had before it was moved (AC-7.5.4). */
export function fresh<F extends FileFindings>(file: F, known: ReadonlySet<string>, before?: string): F {
  const findings = withoutKnown(file, known)
  if (before === undefined || findings.length === 0) return { ...file, findings }
  const old = fingerprints({ ...file, path: before })
  const accepted = new Set(file.findings.filter((_one, i) => known.has(old[i] ?? '')))
  return { ...file, findings: findings.filter((one) => !accepted.has(one)) }
}
