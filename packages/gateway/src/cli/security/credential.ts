import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { layout } from '../../config/paths.ts'

/** Where a credential of some agent lies that this account may read; for what is tried with one. */
export function anyCredential(stateDir: string): string | undefined {
  const { agents } = layout(stateDir)
  const names = existsSync(agents) ? readdirSync(agents) : []
  return names.map((name) => join(agents, name, 'credential')).find((path) => existsSync(path))
}
