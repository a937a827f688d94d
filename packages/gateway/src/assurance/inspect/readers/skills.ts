import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { READ_LIMITS } from '../../scan/files/file.ts'
import { readSubject } from '../../scan/files/read-subject.ts'
import { scanSkill } from '../../scan/skill/scan-skill.ts'
import type { Bench } from '../bench.ts'
import { worst } from '../started.ts'

/** What makes a folder a skill or a plugin. */
export const SKILL_FILE = /(?:^|\/)(?:SKILL\.md|\.claude-plugin\/plugin\.json|openclaw\.plugin\.json)$/i

const LIMITS = { ...READ_LIMITS, files: 2000, total: 64_000_000 }

/** Scans a skill of the folder whole, as an admission would. */
export async function readSkill(
  path: string,
  on: Bench,
  until: { readonly now: () => number; readonly deadline: number },
): Promise<void> {
  const folder = path.replace(/(?:^|\/)(?:\.claude-plugin\/)?[^/]+$/, '')
  try {
    const subject = await readSubject(join(on.root, folder), { limits: LIMITS, ...until })
    const found = await scanSkill(subject, on.deps)
    for (const finding of found)
      on.finding({ ...finding, file: folder === '' ? finding.file : `${folder}/${finding.file}` })
    on.row({
      kind: 'skill',
      when: 'an agent loads it',
      what: `${subject.name}, ${subject.files.length} files`,
      file: path,
      severity: worst('info', ...found.map(({ severity }) => severity)),
    })
  } catch (thrown) {
    on.row({
      kind: 'unreadable',
      when: 'an agent loads it',
      what: toSallyportError(thrown).detail,
      file: path,
      severity: 'high',
    })
  }
}
