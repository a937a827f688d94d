import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { PostureFinding } from '@sallyport/core'
import { auditHosts } from '../../assurance/posture/hosts/audit-hosts.ts'
import { environment } from '../../config/environment.ts'
import type { CliIo } from '../command.ts'
import type { ReadConfig } from './read-config.ts'

/** What the agents of this machine, and those who open the given folder, would run past the gateway (SYS-1, HB-138). */
export async function hostFindings(
  io: CliIo,
  { config }: ReadConfig,
  path: string | undefined,
): Promise<readonly PostureFinding[]> {
  const folder = path === undefined ? undefined : resolve(io.cwd, path)
  const isFolder = folder !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  const { port, bind, tls } = config.gateway
  return auditHosts({
    ...{ home: homedir(), platform: process.platform, uid: process.getuid?.() ?? -1, environment: environment() },
    ...(isFolder ? { project: folder } : {}),
    ...(port === undefined ? {} : { gateways: [`${tls === 'off' ? 'http' : 'https'}://${bind}:${port}`] }),
  })
}
