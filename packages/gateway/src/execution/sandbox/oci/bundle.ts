import { chownSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { placeAt } from '../place.ts'
import { leftBehind } from '../processes.ts'
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

const uid = (): number => process.getuid?.() ?? -1
/** Nobody else may make or change it. */
const parentOf = (): string => (uid() === 0 ? '/run/sallyport-oci' : join(tmpdir(), `sallyport-oci-${uid()}`))

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
  const parent = parentOf()
  mkdirSync(parent, { recursive: true, mode: 0o711 })
  const found = lstatSync(parent)
  if (!found.isDirectory() || found.uid !== uid() || (found.mode & 0o022) !== 0)
    throw new SallyportError('SP_SANDBOX_UNAVAILABLE', `${parent} belongs to somebody else, or others may write it.`)
  sweep(parent)
  const directory = join(parent, `${process.pid}.${id}`)
  const [root, state, file] = [ROOT_DIRECTORY, 'state', 'config.json'].map((name) => join(directory, name)) as [
    ...[string, string, string],
  ]
  mkdirSync(directory, { mode: 0o700 })
  for (const each of [root, state]) mkdirSync(each, { mode: 0o755 })
  const isFile = (path: string): boolean =>
    shown.some((one) => one.path === path && placeAt(one.source)?.kind === 'file')
  for (const { destination } of mountPointsOf(mounts)) {
    if (isFile(destination)) put(join(root, destination), '')
    else mkdirSync(join(root, destination), { recursive: true, mode: 0o755 })
  }
  for (const [name, text] of Object.entries(accounts)) put(join(root, 'etc', name), text)
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
    remove: () => removed(directory),
  }
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  writeFileSync(path, text, { mode: 0o444 })
}

/** Removes the bundles of processes that are no more. */
function sweep(parent: string): void {
  for (const name of leftBehind(parent)) removed(join(parent, name))
}

function removed(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}
