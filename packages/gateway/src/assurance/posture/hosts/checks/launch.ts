import { join } from 'node:path'
import type { PostureFinding } from '@sallyport/core'
import type { HostFiles } from '../files.ts'
import { LAUNCH_RULES, SHELL_FILES } from '../table/launch.ts'

const LONGEST_LINE = 2000

/** How agents are started by aliases, functions and variables of the user's shells (T-052). */
export async function launchFindings(home: string, files: HostFiles): Promise<readonly PostureFinding[]> {
  const found: PostureFinding[] = []
  for (const name of SHELL_FILES) {
    const file = await files.look(join(home, name), true)
    if (file.state === 'absent' || file.state === 'folder') continue
    if (file.text === undefined) {
      found.push({
        id: 'hosts.unreadable',
        severity: 'medium',
        subject: file.path,
        detail: `It could not be searched for ways to start agents. ${file.why ?? ''}`,
        why: 'What could not be read may allow everything.',
        remediation: 'Correct the file or its permissions, and run the audit again.',
        file: file.path,
      })
      continue
    }
    for (const [index, line] of file.text.split('\n').entries()) {
      if (/^\s*#/.test(line)) continue
      for (const { id, severity, host, fits, what, why } of LAUNCH_RULES)
        if (fits.test(line.slice(0, LONGEST_LINE)))
          found.push({
            id,
            severity,
            subject: `${host}: ${file.path}`,
            detail: what,
            why,
            remediation: 'Remove the line, and choose the mode in the session that needs it.',
            file: file.path,
            line: index + 1,
          })
    }
  }
  return found
}
