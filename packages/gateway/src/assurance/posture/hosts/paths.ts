import { isAbsolute, join } from 'node:path'
import type { Ground } from './host-table.ts'

/** Where applications of a user keep their settings, by platform. */
export function applicationData({ home, platform, environment }: Ground): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  if (platform === 'win32') return moved(environment['APPDATA'], join(home, 'AppData', 'Roaming'))
  return moved(environment['XDG_CONFIG_HOME'], join(home, '.config'))
}

/** A folder of an administrator: `/etc/NAME`, or as the platform has it. */
export function administrators(
  { root, platform }: Ground,
  names: { linux: string; darwin: string; win32: string },
): string {
  if (platform === 'darwin') return join(root, '/Library/Application Support', names.darwin)
  if (platform === 'win32') return root === '' ? `C:\\${names.win32}` : join(root, ...names.win32.split('\\'))
  return join(root, '/etc', names.linux)
}

/** A variable that moves a folder counts when it holds an absolute path, as in the hosts. */
export const moved = (value: string | undefined, fallback: string): string =>
  value !== undefined && isAbsolute(value) ? value : fallback

/** Paths of a project; none where no project is looked at. */
export const below = (project: string | undefined, ...paths: readonly string[]): readonly string[] =>
  project === undefined ? [] : paths.map((path) => join(project, path))
