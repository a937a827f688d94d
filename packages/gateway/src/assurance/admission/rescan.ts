import { severityRank, toSallyportError } from '@sallyport/core'
import type { AdmissionDeps, Inspected } from './admit.ts'
import { disableSkill } from './decide.ts'
import type { SkillNews } from './gate.ts'
import { judge } from './judge.ts'
import type { SkillVersion } from './register.ts'
import { isAdmitted } from './terms.ts'

export interface RescanDeps extends AdmissionDeps {
  readonly tell: (news: SkillNews) => void
}

/**
 * Scans what is in force or waits again, because the rules are others now. What would be refused today is switched off; new
 * grave findings are told. Nothing gets in by this.
 */
export async function rescan(deps: RescanDeps): Promise<void> {
  for (const [name, { versions }] of Object.entries((await deps.store.read()).skills))
    for (const version of versions)
      if (isAdmitted(version.state) || version.state === 'pending_review') await again(name, version, deps)
}

async function again(name: string, version: SkillVersion, deps: RescanDeps): Promise<void> {
  const { store, scan, tell } = deps
  const { hash, provenance, publishers, capabilities, requiresApproval, state } = version
  const facts = { name, version: '', publishers, capabilities, requiresApproval }
  let findings: Inspected['findings']
  try {
    ;({ findings } = await scan({ name, files: await store.kept(hash) }))
  } catch (thrown) {
    // what was reviewed stays; what was not is looked at again when somebody reviews it
    const { message } = toSallyportError(thrown)
    return tell({
      event: 'skill.rescan',
      severity: 'high',
      name,
      hash,
      message: `${name} could not be scanned again: ${message}`,
    })
  }
  const judged = judge({ name, hash, provenance, facts }, await store.read(), { findings })
  if (judged.by === 'scan' && !judged.take && version.verdict !== 'block') {
    const reason = `By the rules of today it is refused: ${judged.reason}`
    await disableSkill({ name, hash, by: 'gateway', of: 'scan', reason }, deps)
    return tell({
      event: 'skill.rescan',
      severity: 'critical',
      name,
      hash,
      message: `${name} (${state}) is off. ${reason}`,
    })
  }
  const had = new Set(version.findings.map(({ id, file }) => `${id}\0${file}`))
  const grave = findings.filter(({ severity }) => severityRank(severity) >= severityRank('high'))
  const fresh = grave.filter(({ id, file }) => !had.has(`${id}\0${file}`))
  const [first] = fresh
  if (first === undefined) return
  const more = fresh.length === 1 ? '' : ` and ${fresh.length - 1} more`
  const message = `By the rules of today ${name} (${state}) has ${first.id} at ${first.file}:${first.line}${more}. Review it again.`
  tell({ event: 'skill.rescan', severity: 'high', name, hash, message })
}
