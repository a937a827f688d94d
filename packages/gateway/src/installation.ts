import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { z } from 'zod'

const sealed = z.strictObject({
  version: z.literal(1),
  folders: z.array(z.string().min(1)).min(1),
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
})

/** What differs from what was built (T-040). Paths are relative to the package, in their order. */
export interface InstallationState {
  /** `whole`: as built · `changed`: something differs · `unsealed`: nothing says what was built. */
  readonly state: 'whole' | 'changed' | 'unsealed'
  readonly changed: readonly string[]
  /** Its sources lie beside it: who works on the product builds again all the time. */
  readonly isCheckout: boolean
}

/**
 * Compares the installed program, its rules, presets and weights with what the build wrote down. Whoever can write the
 * program can write that too: it finds accidents, half an update and careless attackers; a program that agents cannot write
 * (level L2) holds the others.
 * @param root directory of the package, with `sealed.json`
 */
export function installationState(root: string): InstallationState {
  const isCheckout = existsSync(join(root, 'src'))
  const seal = readSeal(join(root, 'sealed.json'))
  if (seal === undefined) return { state: 'unsealed', changed: [], isCheckout }
  const present = new Set(seal.folders.flatMap((folder) => filesBelow(root, folder)))
  const missing = Object.keys(seal.files).filter((path) => !present.has(path))
  const different = [...present].filter((path) => seal.files[path] !== digestOf(join(root, path)))
  const changed = [...missing, ...different].sort()
  return { state: changed.length === 0 ? 'whole' : 'changed', changed, isCheckout }
}

/**
 * Whether this program may start. @returns what is to be said about it, where it may
 * @throws SallyportError SP_INTEGRITY_CHANGED when it is not what was installed
 */
export function requireWhole({ state, changed, isCheckout }: InstallationState): string | undefined {
  if (state === 'whole') return undefined
  const what =
    state === 'unsealed'
      ? 'Nothing says what the installed program was built of.'
      : `Changed since the build: ${listed(changed)}.`
  if (isCheckout) return `medium: ${what} Run \`npm run build\`.`
  throw new SallyportError('SP_INTEGRITY_CHANGED', what)
}

const MOST_NAMED = 5
const listed = (paths: readonly string[]): string =>
  paths.length <= MOST_NAMED
    ? paths.join(', ')
    : `${paths.slice(0, MOST_NAMED).join(', ')} and ${paths.length - MOST_NAMED} more`

function readSeal(path: string): z.infer<typeof sealed> | undefined {
  try {
    return sealed.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

function filesBelow(root: string, folder: string): readonly string[] {
  const top = join(root, folder)
  if (!existsSync(top)) return []
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}

function digestOf(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return undefined
  }
}
