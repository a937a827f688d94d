import { resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { agentdojoSuites } from '../../assurance/attack/agentdojo.ts'
import { ReplayFolder } from '../../assurance/attack/folder.ts'
import { incidentSuites } from '../../assurance/attack/incidents.ts'
import { injecagentSuites } from '../../assurance/attack/injecagent.ts'
import type { ReplaySuite } from '../../assurance/attack/scenario.ts'
import { RULES } from '../../places.ts'
import type { CliIo, CliOptions } from '../command.ts'

const FOLDERS: Readonly<Record<string, (folder: ReplayFolder) => readonly ReplaySuite[]>> = {
  agentdojo: agentdojoSuites,
  injecagent: injecagentSuites,
}

/**
 * The suites of a name; `incidents` are shipped and need no data, others may be given with `--data`.
 * @throws SallyportError SP_CLI_USAGE for a name that is not there, SP_ATTACK_DATA for data that cannot be read
 */
export function readSuites(
  io: Pick<CliIo, 'cwd'>,
  name: string,
  directory: CliOptions[string],
): readonly ReplaySuite[] {
  const data = typeof directory === 'string' ? resolve(io.cwd, directory) : undefined
  const read = Object.hasOwn(FOLDERS, name) ? FOLDERS[name] : undefined
  if (read === undefined && name !== 'incidents') {
    throw new SallyportError(
      'SP_CLI_USAGE',
      `--suite is one of incidents, skills, drift, ${Object.keys(FOLDERS).join(', ')}.`,
    )
  }
  try {
    if (read === undefined) {
      const directories = data === undefined ? [`${RULES}incidents`, `${RULES}chains`] : [data]
      return incidentSuites({ directories, catalogue: `${RULES}catalogue` })
    }
    if (data === undefined) throw new SallyportError('SP_CLI_USAGE', `The suite ${name} needs --data.`)
    return read(new ReplayFolder(data))
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    throw new SallyportError('SP_ATTACK_DATA', String(cause).slice(0, 400), { cause })
  }
}
