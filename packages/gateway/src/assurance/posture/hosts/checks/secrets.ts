import { findSecrets, type PostureFinding } from '@sallyport/core'
import type { OpenFile } from '../open-place.ts'

const MOST_TEXT = 2_000_000
const MOST_FINDINGS = 20

/** Secrets in a configuration, and files of credentials that others can read (T-130). */
export function secretFindings({ host, place, file }: OpenFile, platform: NodeJS.Platform): readonly PostureFinding[] {
  const shared = platform !== 'win32' && (file.mode & 0o044) !== 0
  const fix = { kind: 'mode', path: file.path, mode: file.mode & 0o700 } as const
  if (place.format === undefined)
    return shared
      ? [
          {
            id: 'hosts.secret_in_config',
            severity: 'high',
            subject: `${host.title}: ${file.path}`,
            detail: `Other accounts can read the credentials of the host (mode ${file.mode.toString(8)}).`,
            why: 'Whoever reads them acts as you.',
            remediation: `chmod go-rwx '${file.path}'`,
            file: file.path,
            fix,
          },
        ]
      : []
  const text = file.text ?? ''
  const found = findSecrets(text.slice(0, MOST_TEXT), 'result')
    .slice(0, MOST_FINDINGS)
    .map(({ family, start, end }): PostureFinding => ({
      id: 'hosts.secret_in_config',
      severity: shared || place.scope === 'project' ? 'high' : 'medium',
      subject: `${host.title}: ${file.path}`,
      detail: `A secret stands in the file (${family}, ${end - start} characters)${shared ? ', and other accounts can read it' : ''}.`,
      why: 'Every command of the agent can read it, and so can every copy of the file.',
      remediation:
        'Revoke it, put the new one into the vault (`sallyport vault set NAME`), and name it as ${NAME} here.',
      file: file.path,
      line: text.slice(0, start).split('\n').length,
      ...(shared && place.scope !== 'managed' ? { fix } : {}),
    }))
  return text.length > MOST_TEXT ? [...found, unsearched(host.title, file.path)] : found
}

const unsearched = (title: string, path: string): PostureFinding => ({
  id: 'hosts.secret_in_config',
  severity: 'info',
  subject: `${title}: ${path}`,
  detail: 'Only the first 2 MB were searched for secrets.',
  why: 'What was not searched is not clean.',
  remediation: 'Let the host clear its history.',
  file: path,
})
