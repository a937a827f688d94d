import { createPublicKey, verify } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { nearest, SallyportError, sha256 } from '@sallyport/core'

/** A policy or test file as it was read: once, whole, hashed, and only then parsed (T-049). */
export interface SourceFile {
  /** What people see: relative to the configuration, `preset:balanced`, or absolute. */
  readonly path: string
  readonly origin: 'preset' | 'file'
  readonly language: 'cedar' | 'yaml'
  readonly text: string
  readonly digest: string
  /** Where it lies, absolute; empty for texts out of the history. */
  readonly real: string
  /** True when only the gateway's own account could have written it. */
  readonly owned: boolean
  /** Who signed it, when a `.sig` next to it verifies. */
  readonly signer?: string
}

export interface SourceOptions {
  /** `preset:NAME`, directories (with everything below) and files. */
  readonly sources: readonly string[]
  readonly baseDir: string
  readonly presetsDir: string
  /** Name → Ed25519 public key (SPKI PEM) of people who sign policies. */
  readonly signers?: Readonly<Record<string, string>>
}

const MAX_FILE = 4 * 1024 * 1024
const MAX_FILES = 2_000
const EXTENSION = /\.(?:cedar|ya?ml)$/

/**
 * Reads every file of the sources, `base.cedar` first.
 * @throws SallyportError SP_POLICY_INVALID naming the file that is missing, too large or still being written.
 */
export async function readSources(options: SourceOptions): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = []
  for (const name of ['base.cedar', 'base.test.yaml']) files.push(await readPreset(name, options))
  for (const source of options.sources) {
    if (source.startsWith('preset:')) files.push(...(await readPresetFiles(source.slice(7), options)))
    else for (const path of await expand(resolve(options.baseDir, source))) files.push(await readFile(path, options))
  }
  const seen = new Set<string>()
  return files.filter(({ real }) => !seen.has(real) && seen.add(real))
}

/** Directories and files to watch. */
export function watchedPaths({ sources, baseDir }: SourceOptions): readonly string[] {
  return sources.filter((source) => !source.startsWith('preset:')).map((source) => resolve(baseDir, source))
}

/** Policy and tests of a preset. @throws SallyportError SP_POLICY_INVALID where there is none of this name */
export async function readPresetFiles(
  name: string,
  options: Pick<SourceOptions, 'presetsDir'>,
): Promise<readonly SourceFile[]> {
  const present = await readdir(options.presetsDir)
  const presets = present.filter((f) => f.endsWith('.cedar') && f !== 'base.cedar').map((f) => f.slice(0, -6))
  if (!presets.includes(name)) {
    const near = nearest(name, presets)
    const hint = near === undefined ? `known are ${presets.sort().join(', ')}` : `did you mean preset:${near}?`
    throw new SallyportError('SP_POLICY_INVALID', `There is no preset:${name} (${hint}).`)
  }
  const tests = present.includes(`${name}.test.yaml`) ? [`${name}.test.yaml`] : []
  return Promise.all([`${name}.cedar`, ...tests].map((file) => readPreset(file, options)))
}

async function readPreset(file: string, { presetsDir }: Pick<SourceOptions, 'presetsDir'>): Promise<SourceFile> {
  const real = join(presetsDir, file)
  const { text } = await readOnce(real)
  const language = file.endsWith('.cedar') ? 'cedar' : 'yaml'
  return { path: `preset:${file}`, origin: 'preset', language, text, digest: sha256(text), real, owned: true }
}

async function readFile(real: string, options: SourceOptions): Promise<SourceFile> {
  const { text, owned } = await readOnce(real)
  const inside = relative(options.baseDir, real)
  const path = inside.startsWith('..') || isAbsolute(inside) ? real : inside
  const language = real.endsWith('.cedar') ? 'cedar' : 'yaml'
  const digest = sha256(text)
  const signer = await signerOf(real, digest, options.signers ?? {})
  return { path, origin: 'file', language, text, digest, real, owned, ...(signer === undefined ? {} : { signer }) }
}

async function expand(path: string): Promise<readonly string[]> {
  const entry = await stat(path).catch(() => undefined)
  if (entry === undefined) throw new SallyportError('SP_POLICY_INVALID', `${path} does not exist.`)
  if (!entry.isDirectory()) return [path]
  const found = await readdir(path, { recursive: true, withFileTypes: true })
  const files = found
    .filter((item) => !item.isDirectory() && EXTENSION.test(item.name) && !item.name.startsWith('.'))
    .map((item) => join(item.parentPath, item.name))
    .filter(
      (file) =>
        !relative(path, file)
          .split('/')
          .some((part) => part.startsWith('.') || part === 'node_modules'),
    )
  if (files.length > MAX_FILES)
    throw new SallyportError('SP_POLICY_INVALID', `${path} holds more than ${MAX_FILES} files.`)
  return files.sort()
}

/** Opens once and reads everything through that descriptor; a file that changes meanwhile is read again. */
async function readOnce(path: string): Promise<{ readonly text: string; readonly owned: boolean }> {
  for (let attempt = 0; ; attempt++) {
    const handle = await open(path, constants.O_RDONLY).catch((cause: unknown) => {
      throw new SallyportError('SP_POLICY_INVALID', `${path} cannot be read.`, { cause })
    })
    try {
      const before = await handle.stat()
      if (!before.isFile()) throw new SallyportError('SP_POLICY_INVALID', `${path} is not a file.`)
      if (before.size > MAX_FILE) throw new SallyportError('SP_POLICY_INVALID', `${path} is larger than 4 MiB.`)
      const bytes = await handle.readFile()
      const after = await handle.stat()
      if (before.mtimeMs !== after.mtimeMs || before.size !== after.size || bytes.length !== after.size) {
        if (attempt < 5) continue
        throw new SallyportError('SP_POLICY_INVALID', `${path} is still being written.`)
      }
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
      const folder = await stat(dirname(path))
      return {
        text,
        owned: [after, folder].every(({ uid, mode }) => uid === process.getuid?.() && (mode & 0o022) === 0),
      }
    } catch (error) {
      if (error instanceof TypeError)
        throw new SallyportError('SP_POLICY_INVALID', `${path} is not UTF-8.`, { cause: error })
      throw error
    } finally {
      await handle.close()
    }
  }
}

/** `<file>.sig`: base64 of an Ed25519 signature over `sallyport/policy/1`, a line feed and the file's SHA-256 in hex (E-58). */
async function signerOf(
  path: string,
  digest: string,
  signers: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (Object.keys(signers).length === 0) return undefined
  const signature = await readOnce(`${path}.sig`).catch(() => undefined)
  if (signature === undefined) return undefined
  const data = Buffer.from(`sallyport/policy/1\n${digest}`)
  const bytes = Buffer.from(signature.text.trim(), 'base64')
  return Object.entries(signers).find(([, pem]) => verify(null, data, createPublicKey(pem), bytes))?.[0]
}
