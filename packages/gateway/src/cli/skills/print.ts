import { escapeText } from '@sallyport/core/approval/escape'
import { changeLines } from '../../assurance/admission/changes.ts'
import type { SkillVersion } from '../../assurance/admission/register.ts'
import type { Trial } from '../../assurance/admission/trial/observation.ts'
import type { SkillReview } from '../../assurance/admission/view.ts'
import type { CliIo } from '../command.ts'
import { formatFields, formatTable } from '../output.ts'

/** Digits of a hash that are shown. */
export const shortHash = (hash: string): string => hash.slice(0, 12)

const day = (at: number): string => (at === 0 ? '' : new Date(at).toISOString().slice(0, 16).replace('T', ' '))

/** Findings in a table, the first `most`. */
function printFindings(io: CliIo, { findings, found }: SkillVersion, most: number): void {
  if (found === 0) return io.out('\nNothing was found.')
  io.out(
    `\n${formatTable(
      ['SEVERITY', 'RULE', 'PLACE', 'EVIDENCE'],
      findings
        .slice(0, most)
        .map(({ severity, id, file, line, evidence }) => [severity, id, `${file}:${line}`, evidence.slice(0, 70)]),
    )}`,
  )
  if (found > most) io.out(`… and ${found - most} more: --json shows them.`)
}

/** Everything that a reviewer needs to see of one version. */
export function printReview(io: CliIo, review: SkillReview, most = 20): void {
  const { name, version, serves, against } = review
  const { provenance } = version
  io.out(
    formatFields([
      ['name', name],
      ['version', version.version ?? 'not said'],
      ['hash', version.hash],
      ['state', version.state],
      ['serves', serves],
      ['can', version.capabilities.length === 0 ? 'nothing that was noticed' : version.capabilities.join(', ')],
      ['asks a person', version.requiresApproval ? 'for what it does' : 'no'],
      ['from', `${provenance.source}${provenance.url === undefined ? '' : ` ${provenance.url}`}`],
      ['integrity', provenance.integrity ?? 'not said by its source'],
      [
        'signature',
        provenance.signature === 'verified'
          ? `verified, ${provenance.signedBy ?? ''}`
          : (provenance.signature ?? 'none'),
      ],
      ['publisher', version.publishers.length === 0 ? 'not said' : version.publishers.join(', ')],
      ['scan', version.verdict],
      ['files', `${version.files.length}`],
    ]),
  )
  for (const note of provenance.notes) io.out(`note  ${escapeText(note)}`)
  printFindings(io, version, most)
  if (version.trial === undefined) io.out('\nIt was not tried: `sallyport skills try` runs it where it can do no harm.')
  else printTrial(io, version.trial)
  if (against !== undefined) {
    io.out(`\nWhat is different from ${shortHash(against.hash)}:`)
    printLines(io, changeLines(against.changes))
  }
}

/** What a version did in its trial; the texts are its own. */
export function printTrial(io: CliIo, trial: Trial): void {
  const { at, by, runs, files, connections, programs, secrets, capabilities, beyond } = trial
  const some = (all: readonly string[]): string =>
    all.length === 0 ? 'none' : `${all.slice(0, 10).join(', ')}${all.length > 10 ? ` and ${all.length - 10} more` : ''}`
  io.out('')
  io.out(
    formatFields([
      ['tried', `${day(at)} by ${by}`],
      ['did', some(capabilities)],
      ['beyond its review', beyond.length === 0 ? 'nothing that was seen' : beyond.join(', ')],
      ['changed', some(files.map(({ path, did }) => `${path} (${did})`))],
      ['asked for', some(connections)],
      ['ran', some(programs)],
      ['false secrets', some(secrets)],
    ]),
  )
  for (const { command, code, timedOut } of runs)
    io.out(escapeText(`${command.join(' ')}: ${timedOut ? 'ended, it took too long' : `exit ${code}`}`))
}

export function printHistory(io: CliIo, { version: { history }, versions }: SkillReview): void {
  const rows = history.map(({ at, to, by, reason }) => [day(at), to, by, reason.slice(0, 100)])
  io.out(`\n${formatTable(['WHEN', 'STATE', 'WHO', 'WHY'], rows)}`)
  if (versions.length > 1)
    io.out(
      `\n${formatTable(
        ['HASH', 'STATE'],
        versions.map(({ hash, state }) => [shortHash(hash), state]),
      )}`,
    )
}

/** Lines that stand in a skill: nothing in them may draw. */
export const printLines = (io: CliIo, lines: readonly string[]): void => {
  for (const line of lines) io.out(escapeText(line))
}
