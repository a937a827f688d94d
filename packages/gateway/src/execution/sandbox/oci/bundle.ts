import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeOwnDirectory, putFile, removeDirectory } from '../own-directory.ts'
import { placeAt } from '../place.ts'
import type { View } from '../view.ts'
import { mountPointsOf, ROOT_DIRECTORY, type OciConfig, type OciMount } from './config.ts'

/** What one sandbox has on the host while it runs: its configuration, its root (which is empty) and the runtime's own notes. */
export interface Bundle {
  readonly directory: string
  readonly state: string
  /** Writes the configuration, and gives all of it to the uid that the runtime has: it needs no root. */
  configure(config: OciConfig, owner: number | undefined): void
  remove(): void
}

/**
 * Makes the bundle of one sandbox; those whose makers are gone are removed on the way (HB-141).
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when somebody else has the place
 */
export function makeBundle(
  id: string,
  mounts: readonly OciMount[],
  { shown, links }: View,
  accounts: Readonly<Record<string, string>>,
): Bundle {
  const directory = makeOwnDirectory(id)
  const [root, state, file] = [ROOT_DIRECTORY, 'state', 'config.json'].map((name) => join(directory, name)) as [
    ...[string, string, string],
  ]
  for (const each of [root, state]) mkdirSync(each, { mode: 0o755 })
  const isFile = (path: string): boolean =>
    shown.some((one) => one.path === path && placeAt(one.source)?.kind === 'file')
  for (const { destination } of mountPointsOf(mounts)) {
    if (isFile(destination)) putFile(join(root, destination), '')
    else mkdirSync(join(root, destination), { recursive: true, mode: 0o755 })
  }
  for (const [name, text] of Object.entries(accounts)) putFile(join(root, 'etc', name), text)
  for (const [path, target] of links) {
    mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 })
    symlinkSync(target, join(root, path))
  }
  return {
    directory,
    state,
    configure(config, owner) {
      // it holds the environment of the command
      writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
      if (owner !== undefined) for (const each of [directory, state, file]) chownSync(each, owner, owner)
    },
    remove: () => removeDirectory(directory),
  }
}
