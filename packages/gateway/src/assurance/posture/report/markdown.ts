import { escapeText } from '@sallyport/core/approval/escape'
import type { PostureReport } from '../audit.ts'

/** A report for a pull request. What comes from files is code, so that it cannot draw, link or mention anybody (T-147). */
export function markdown({ findings, accepted, idle, unknown, summary, score, fine }: PostureReport): string {
  const heavy = findings.filter(({ severity }) => severity !== 'info')
  const notes = findings.length - heavy.length
  const counts = Object.entries(summary).flatMap(([severity, count]) => (count === 0 ? [] : [`${count} ${severity}`]))
  const hidden = unknown.filter(({ hides }) => hides)
  const parts = [
    `# Security audit\n\n${counts.join(' · ') || 'Nothing found'} · ${fine.length} checks passed · score ${score} of 100`,
    heavy.length === 0
      ? 'Nothing above info was found.'
      : [
          '| severity | check | subject | what | fix |',
          '|---|---|---|---|---|',
          ...heavy.map(
            ({ severity, id, subject, detail, remediation, docs }) =>
              `| ${severity} | [${code(id)}](${docs}) | ${code(subject)} | ${plain(detail)} | ${plain(remediation)} |`,
          ),
        ].join('\n'),
    ...(notes === 0 ? [] : [`${notes} more to know (info).`]),
    ...(accepted.length === 0
      ? []
      : [
          `## Accepted\n\n${accepted
            .map(
              ({ id, subject, by, expires, reason }) =>
                `- ${code(id)} ${code(subject)}: ${plain(by)} until ${expires}: ${plain(reason)}`,
            )
            .join('\n')}`,
        ]),
    ...(idle.length === 0
      ? []
      : [
          `## Entries of the baseline that do nothing\n\n${idle.map(({ id, why }) => `- ${code(id)}: ${plain(why)}`).join('\n')}`,
        ]),
    ...(hidden.length === 0
      ? []
      : [`## Not complete\n\n${hidden.map(({ id, why }) => `- ${code(id)}: ${plain(why)}`).join('\n')}`]),
  ]
  return `${parts.join('\n\n')}\n`
}

const code = (value: string): string => {
  const safe = escapeText(value).replaceAll('|', '\\|')
  const marks = '`'.repeat(Math.max(0, ...[...safe.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  return safe === '' ? '' : `${marks} ${safe} ${marks}`
}
const plain = (value: string): string => escapeText(value).replace(/[|<>&@#`*_[\]]/g, (sign) => `\\${sign}`)
