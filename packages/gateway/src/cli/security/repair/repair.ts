import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { toSallyportError, type PostureFinding } from '@sallyport/core'
import type { PostureReport } from '../../../assurance/posture/audit.ts'
import { systemClock } from '../../../clock.ts'
import type { CliIo } from '../../command.ts'
import { formatTable } from '../../output.ts'
import { applyRepairs, undoRepairs, type Repaired } from './apply.ts'
import { planRepairs, type RepairPlan } from './plan.ts'

interface Outcome {
  /** Everything that was planned is done, and holds. */
  readonly repaired: boolean
  /** How it is now. */
  readonly report: PostureReport
}

/**
 * `--fix`: plans, keeps the originals, changes, and looks again (ND-7.1.b). A configuration that cannot be read afterwards is put
 * back as it was; so is one with a worse finding than before.
 * @param look makes the audit anew
 */
export async function repair(
  io: CliIo,
  path: string | undefined,
  look: () => Promise<PostureReport>,
  dryRun: boolean,
): Promise<Outcome> {
  const report = await look()
  const roots = [io.stateDir, homedir(), ...(io.configPath === undefined ? [] : [dirname(io.configPath)])]
  const plan = planRepairs(report.findings, {
    roots: path === undefined ? roots : [resolve(io.cwd, path), dirname(resolve(io.cwd, path)), ...roots],
    user: process.geteuid?.(),
  })
  if (dryRun || plan.steps.length === 0) {
    say(io, plan, undefined)
    return { repaired: true, report }
  }
  const done = applyRepairs(io.stateDir, plan, new Date(systemClock.now()))
  const after = await lookAgain(report, look)
  const errors = [...done.errors, ...('why' in after ? [after.why] : stillThere(plan, after.report))]
  if ('why' in after) undoRepairs(io.stateDir)
  say(io, plan, { ...done, ok: errors.length === 0, errors })
  return { repaired: errors.length === 0, report: 'why' in after ? report : after.report }
}

/** `--undo`: takes the newest repair back. */
export function undo(io: CliIo): number {
  const back = undoRepairs(io.stateDir)
  if (io.json) io.out(JSON.stringify({ files: back ?? [] }))
  else if (back === undefined) io.err('There is no repair to take back.')
  else
    io.out(
      formatTable(
        ['FILE', 'RESULT', 'NOTE'],
        back.map(({ path, result, note }) => [path, result, note]),
      ),
    )
  return back?.some(({ result }) => result === 'kept') === true ? 3 : 0
}

type Again = { readonly report: PostureReport } | { readonly why: string }

async function lookAgain(before: PostureReport, look: () => Promise<PostureReport>): Promise<Again> {
  try {
    const report = await look()
    const known = new Set(before.findings.map(({ fingerprint }) => fingerprint))
    const worse = report.findings.find(
      ({ fingerprint, severity }) => !known.has(fingerprint) && (severity === 'critical' || severity === 'high'),
    )
    if (worse === undefined) return { report }
    return { why: `${worse.id} (${worse.subject}) was not there before; everything was put back.` }
  } catch (thrown) {
    return { why: `${toSallyportError(thrown).message} Everything was put back as it was.` }
  }
}

/** Findings that were to be gone. */
function stillThere({ steps }: RepairPlan, { findings }: PostureReport): readonly string[] {
  const keyOf = ({ id, subject, file = '' }: PostureFinding): string => `${id}\n${subject}\n${file}`
  const now = new Set(findings.map(keyOf))
  const left = new Set(steps.flatMap(({ finding }) => (now.has(keyOf(finding)) ? [finding] : [])))
  return [...left].map(({ id, subject }) => `${id} (${subject}) is still found.`)
}

function say(io: CliIo, plan: RepairPlan, done: Repaired | undefined): void {
  const actions = plan.steps.map(({ finding, what, path }) => ({ id: finding.id, what, path }))
  const refused = plan.refused.map(({ finding, what, path, why }) => ({ id: finding.id, what, path, why }))
  if (io.json) {
    const result = done ?? { ok: true, configWritten: [], changes: [], errors: [] }
    io.out(JSON.stringify({ ...result, actions, refused }))
    return
  }
  if (actions.length === 0) io.out('Nothing that was found can be repaired without a person.')
  else
    io.out(
      formatTable(
        ['FINDING', done === undefined ? 'WOULD' : 'DID', 'FILE'],
        actions.map(({ id, what, path }) => [id, what, path]),
      ),
    )
  for (const { id, path, what, why } of refused) io.err(`left alone: ${id}: ${what} in ${path}. ${why}`)
  for (const error of done?.errors ?? []) io.err(error)
  if (done?.backup !== undefined)
    io.err(`The originals are in ${done.backup}. \`sallyport security audit --undo\` puts them back.`)
}
