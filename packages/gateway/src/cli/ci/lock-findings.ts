import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { toSallyportError, type PostureFinding } from '@sallyport/core'
import { changeLines } from '../../assurance/admission/changes.ts'
import { LOCK_NAME } from '../../assurance/admission/lock-file.ts'
import type { CliIo } from '../command.ts'
import { SERVER_SAID, SKILL_SAID, verifiedLock } from '../skills/verified.ts'

const ABOUT = {
  severity: 'high',
  file: LOCK_NAME,
  why: 'What agents load and call is not what was looked at when it was locked.',
  remediation: 'Look at the difference, then lock it anew with `sallyport skills lock`.',
} as const
/** Lines of a difference that one finding tells. */
const MOST_LINES = 6

/** What a project's lock file says against the project, and what of it nobody here can verify; nothing where there is none. */
export async function lockFindings(
  io: CliIo,
  root: string,
): Promise<{ readonly findings: readonly PostureFinding[]; readonly unverified: readonly string[] }> {
  const file = join(root, LOCK_NAME)
  if (!existsSync(file)) return { findings: [], unverified: [] }
  const finding = (id: string, subject: string, detail: string): PostureFinding => ({ ...ABOUT, id, subject, detail })
  try {
    const { drifts, serverDrifts, unverified } = await verifiedLock(io, file, [])
    return {
      findings: [
        ...drifts.map((drift) => {
          const more = drift.kind === 'changed' ? `: ${changeLines(drift.changes).slice(0, MOST_LINES).join('; ')}` : ''
          return finding(`lock.skill.${drift.kind}`, drift.name, `${SKILL_SAID[drift.kind]}${more}`)
        }),
        ...serverDrifts.map(({ kind, server, tool }) =>
          finding(`lock.tool.${kind}`, tool === '' ? server : `${server}.${tool}`, SERVER_SAID[kind]),
        ),
      ],
      unverified: unverified.map((alias) => `tools of ${alias}: no gateway runs here`),
    }
  } catch (thrown) {
    const { code, message } = toSallyportError(thrown)
    return { findings: [finding('lock.unreadable', LOCK_NAME, `${code}: ${message}`)], unverified: [] }
  }
}
