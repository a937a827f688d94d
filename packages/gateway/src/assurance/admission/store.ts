import { readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Random } from '../../boundary/ports.ts'
import type { BundleFile } from './bundle.ts'
import {
  erase,
  layOut,
  ownDirectory,
  readFolder,
  syncDirectory,
  takeAway,
  writeNew,
  type FolderContent,
} from './folders.ts'
import { holding } from './hold.ts'
import { openPack, packOf } from './pack.ts'
import { EMPTY, openRegister, sealRegister, succeeding, versionOf, type Register, type SkillEntry } from './register.ts'

/** Folders of unpacked skills, by where they stand. */
export const FOLDERS = ['quarantine', 'internal', 'external'] as const
type Folder = (typeof FOLDERS)[number]
/** What the folder of one version is called, below one of those. */
export const folderName = (name: string, hash: string): string => `${name}@${hash}`
/** What is read of one unpacked skill: more than is ever taken in. */
const READ_AT_MOST = { bytes: 64_000_000, files: 20_000 }

/** What a change of the register may do besides. */
interface Changing {
  readonly register: Register
  /** Keeps the bytes of a version; what the register does not name in the end is thrown away. */
  readonly keep: (hash: string, files: readonly BundleFile[]) => Promise<void>
  /** @throws SallyportError SP_SKILL_TAMPERED when the kept copy is gone or another */
  readonly kept: (hash: string) => Promise<readonly BundleFile[]>
}

/** The skills of one gateway: a sealed register, a kept copy of each version, and unpacked what is in force or waits. */
export interface SkillStore {
  readonly directory: string
  /** @throws SallyportError SP_SKILL_TAMPERED */
  read(): Promise<Register>
  /**
   * Changes the register while nobody else does, in this process or another one. The register is replaced at once, then the
   * folders follow it; whatever ends in between is made good by the next change or by `repair`.
   * @throws SallyportError SP_SKILL_BUSY, SP_SKILL_TAMPERED, and what `change` throws: then nothing has changed
   */
  change<T>(change: (changing: Changing) => Promise<readonly [Register, T]>): Promise<T>
  /** Makes folders and kept copies what the register says; nothing else stays. */
  repair(): Promise<void>
  /** @throws SallyportError SP_SKILL_TAMPERED */
  kept(hash: string): Promise<readonly BundleFile[]>
  /** Where a version lies unpacked; undefined: it does not. */
  placeOf(name: string, entry: SkillEntry, hash: string): string | undefined
  /** What lies there now; undefined: nothing. */
  lookAt(place: string): Promise<FolderContent | undefined>
}

export interface SkillStoreDeps {
  /** `<state>/skills`; made when something is taken in. */
  readonly directory: string
  /** Seals the register. */
  readonly key: Uint8Array
  readonly random: Pick<Random, 'uuid'>
}

export function createSkillStore({ directory, key, random }: SkillStoreDeps): SkillStore {
  const file = join(directory, 'register.json')
  const packs = join(directory, 'packs')
  const fresh = join(directory, '.new')
  const temporary = (): string => join(fresh, random.uuid())

  const read = async (): Promise<Register> => {
    try {
      return openRegister(await readFile(file, 'utf8'), key)
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return EMPTY
      throw thrown
    }
  }
  const write = async (register: Register): Promise<void> => {
    const path = temporary()
    await writeNew(path, sealRegister(register, key), 0o600)
    await rename(path, file)
    await syncDirectory(directory)
  }
  const kept = async (hash: string): Promise<readonly BundleFile[]> =>
    openPack(await readFile(join(packs, `${hash}.gz`)).catch(() => new Uint8Array()), hash)
  const keep = async (hash: string, files: readonly BundleFile[]): Promise<void> => {
    const path = temporary()
    await writeNew(path, packOf(files), 0o400)
    await rename(path, join(packs, `${hash}.gz`))
    await syncDirectory(packs)
  }

  const settle = async (register: Register): Promise<void> => {
    const wanted = new Map<string, string>()
    const hashes = new Set<string>()
    for (const [name, entry] of Object.entries(register.skills))
      for (const { hash, state } of entry.versions) {
        if (state !== 'refused') hashes.add(`${hash}.gz`)
        const folder = folderOf(entry, hash)
        if (folder !== undefined) wanted.set(`${folder}/${folderName(name, hash)}`, hash)
      }
    for (const folder of FOLDERS)
      for (const name of await readdir(join(directory, folder)))
        if (!wanted.has(`${folder}/${name}`)) await takeAway(join(directory, folder, name), temporary())
        else wanted.delete(`${folder}/${name}`)
    // what has no copy that is whole stays away, and is refused when it is to be loaded
    for (const [place, hash] of wanted)
      await kept(hash).then(
        (files) => layOut(temporary(), join(directory, place), files),
        () => undefined,
      )
    for (const name of await readdir(packs)) if (!hashes.has(name)) await rm(join(packs, name), { force: true })
    for (const name of await readdir(fresh)) await erase(join(fresh, name))
    await prune(register)
  }
  /** Where nothing is known, nothing is left. */
  const prune = async (register: Register): Promise<void> => {
    if (Object.keys(register.skills).length + register.block.length + register.allow.length > 0) return
    // one that was ever written stays: that it is empty is what it says, and an older one says less
    if (register.seq === 0) await rm(file, { force: true })
    // what somebody else put there is not ours to take away
    for (const name of [...FOLDERS, 'packs', '.new', '']) await rmdir(join(directory, name)).catch(() => undefined)
  }
  const held = async <T>(task: () => Promise<T>): Promise<T> => {
    return holding(`${directory}.hold`, async () => {
      for (const path of [directory, packs, fresh, ...FOLDERS.map((name) => join(directory, name))])
        await ownDirectory(path)
      return task()
    })
  }

  return {
    ...{ directory, read, kept },
    change: (change) =>
      held(async () => {
        const before = await read()
        const [changed, result] = await change({ register: before, keep, kept })
        const after = changed === before ? before : succeeding(before, changed)
        if (after !== before) await write(after)
        await settle(after)
        return result
      }),
    repair: () => held(async () => settle(await read())),
    placeOf: (name, entry, hash) => {
      const folder = folderOf(entry, hash)
      return folder === undefined ? undefined : join(directory, folder, folderName(name, hash))
    },
    lookAt: (place) => readFolder(place, READ_AT_MOST),
  }
}

/** Only what waits or is in force lies unpacked. */
function folderOf(entry: SkillEntry, hash: string): Folder | undefined {
  switch (versionOf(entry, hash)?.state) {
    case 'pending_review':
      return 'quarantine'
    case 'internal':
      return entry.internal.at(-1) === hash ? 'internal' : undefined
    case 'external':
      return entry.external.at(-1) === hash || entry.internal.at(-1) === hash ? 'external' : undefined
    default:
      return undefined
  }
}
