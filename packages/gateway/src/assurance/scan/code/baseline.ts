import { createHash } from 'node:crypto'
import { SallyportError } from '@sallyport/core'
import { z } from 'zod'
import type { CodeFinding } from './finding.ts'

const BASELINE = z.strictObject({
  version: z.literal(1),
  findings: z.array(
    z.strictObject({
      rule: z.string(),
      path: z.string(),
      fingerprint: z.string().regex(/^[0-9a-f]{32}$/),
      /** Why it is no danger. A gate asks for it where a finding is high (E-72). */
      reason: z.string().optional(),
      by: z.string().optional(),
      /** Last day it holds. */
      expires: z.iso.date().optional(),
      /** Ed25519 over all of it, base64 (AC-7.1.3). */
      signature: z.string().max(200).optional(),
    }),
  ),
})
export type Baseline = z.infer<typeof BASELINE>

export interface FileFindings {
  readonly path: string
  readonly text: string
  readonly findings: readonly CodeFinding[]
}

/** @throws SallyportError SP_SCAN_BASELINE */
export function parseBaseline(text: string): Baseline {
  try {
    return BASELINE.parse(JSON.parse(text))
  } catch (cause) {
    throw new SallyportError('SP_SCAN_BASELINE', 'It is not a baseline of this program.', { cause })
  }
}

/**
 * What a finding is known by, whatever the lines above it become: rule, file, its own line without space, and which of the
 * equal ones it is.
 */
export function fingerprints({ path, text, findings }: FileFindings): readonly string[] {
  const lines = text.split('\n')
  const seen = new Map<string, number>()
  return findings.map(({ rule, line }) => {
    const about = [rule, path, (lines[line - 1] ?? '').replace(/\s+/g, '')].join('\n')
    const count = seen.get(about) ?? 0
    seen.set(about, count + 1)
    return createHash('sha256').update(`${about}\n${count}`).digest('hex').slice(0, 32)
  })
}

export const writeBaseline = (files: readonly FileFindings[]): Baseline => ({
  version: 1,
  findings: files.flatMap((file) => {
    const prints = fingerprints(file)
    return file.findings.map(({ rule }, i) => ({ rule, path: file.path, fingerprint: prints[i] ?? '' }))
  }),
})

/** Findings that the baseline does not know. */
export function withoutKnown(file: FileFindings, known: ReadonlySet<string>): readonly CodeFinding[] {
  const prints = fingerprints(file)
  return file.findings.filter((_finding, i) => !known.has(prints[i] ?? ''))
}
