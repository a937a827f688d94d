import { subjectFile } from '../scan/files/decode.ts'
import { unpack, type Budget } from '../scan/files/archive.ts'
import { READ_LIMITS, type ReadingNote, type Subject, type SubjectFile } from '../scan/files/file.ts'
import type { ScanDeps } from '../scan/skill/deps.ts'
import { scanSkill } from '../scan/skill/scan-skill.ts'
import type { Inspected } from './admit.ts'
import type { Bundle } from './bundle.ts'
import { factsOf } from './capabilities.ts'
import { isExecutable } from './parts.ts'

/** Scans a skill and says what it can do; what takes long, so that the gateway has it done elsewhere. */
export async function inspectSkill(skill: Pick<Bundle, 'name' | 'files'>, deps: ScanDeps): Promise<Inspected> {
  const subject = await subjectOf(skill)
  return { findings: await scanSkill(subject, deps), facts: factsOf(subject.files) }
}

/** A bundle as a scan reads it: archives in it are unpacked in memory, and what of them cannot be read is a note. */
async function subjectOf({ name, files }: Pick<Bundle, 'name' | 'files'>): Promise<Subject> {
  const budget: Budget = { limits: READ_LIMITS, files: READ_LIMITS.files, bytes: READ_LIMITS.total }
  const read: SubjectFile[] = []
  const notes: ReadingNote[] = []
  for (const file of files) {
    const own = subjectFile(file.path, file.bytes, isExecutable(file))
    const inner = await unpack(own, budget)
    read.push(own, ...inner.files)
    notes.push(...inner.notes)
  }
  return { name, files: read, notes }
}
