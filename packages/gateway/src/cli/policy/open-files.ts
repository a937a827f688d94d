import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SallyportError, toSallyportError, type ToolForPolicy } from '@sallyport/core'
import { loadCedar } from '../../control/policy/cedar.ts'
import { prepare, type PrepareOptions } from '../../control/policy/prepare.ts'
import type { Prepared } from '../../control/policy/prepared.ts'
import { readSources, type SourceFile } from '../../control/policy/sources.ts'
import { POLICIES } from '../../places.ts'
import type { CliIo, CliOptions } from '../command.ts'

export interface OpenFiles {
  readonly files: readonly SourceFile[]
  readonly prepared: Prepared
}

const AT_LOAD: PrepareOptions['check'] = { budgetMs: 500, requests: 4, every: 'policy' }

/**
 * Reads and prepares policies as a gateway would, without one: no configuration, no store.
 * @throws SallyportError SP_POLICY_INVALID when a file cannot be read
 */
export async function openFiles(
  io: Pick<CliIo, 'cwd'>,
  sources: readonly string[],
  options: { readonly tools?: readonly ToolForPolicy[]; readonly check?: PrepareOptions['check'] } = {},
): Promise<OpenFiles> {
  const wanted = sources.length === 0 ? ['.'] : sources
  const files = await readSources({ sources: wanted, baseDir: io.cwd, presetsDir: POLICIES })
  const tools = options.tools ?? []
  const cedar = await loadCedar()
  const check = options.check ?? AT_LOAD
  const order = { tools, extent: 'change' as const, check, seed: 1 }
  const prepared = await prepare(files, order, { cedar, monotonic: () => performance.now() })
  return { files, prepared }
}

/** The tools of `--tools FILE`. */
export async function toolsOption(io: Pick<CliIo, 'cwd'>, options: CliOptions): Promise<readonly ToolForPolicy[]> {
  const file = options['tools']
  if (typeof file !== 'string') return []
  try {
    const value: unknown = JSON.parse(await readFile(resolve(io.cwd, file), 'utf8'))
    const list = Array.isArray(value) ? value : (value as { tools: unknown[] }).tools
    return list as readonly ToolForPolicy[]
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `--tools ${file}: ${toSallyportError(cause).detail}`, { cause })
  }
}
