import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import { convertClaudeCode } from '../../assurance/convert/claude-code.ts'
import type { Conversion, Outcome } from '../../assurance/convert/conversion.ts'
import { convertOpenClaw } from '../../assurance/convert/openclaw.ts'
import { machineFiles } from '../../assurance/posture/hosts/files.ts'
import { systemClock } from '../../clock.ts'
import { parseConfig } from '../../config/load.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

type Convert = (text: string, path: string, options: CliOptions) => Conversion

const PRODUCTS: Readonly<Record<string, Convert>> = {
  'claude-code': (text, path, { project }) => convertClaudeCode(text, { home: homedir(), ...projectOf(path, project) }),
  openclaw: (text) => convertOpenClaw(text),
}

/** Settings in `PROJECT/.claude` are of the project; those of the home directory are of none, unless one is named. */
function projectOf(path: string, given: CliOptions[string]): { readonly project?: string } {
  if (typeof given === 'string') return { project: resolve(given) }
  const folder = dirname(path)
  const project = dirname(folder)
  return basename(folder) === '.claude' && project !== homedir() ? { project } : {}
}

/**
 * Drafts for people to read from a configuration of another product. Nothing in force is changed; with `--out` the files are written into a
 * folder where none of them may be yet.
 * @throws SallyportError SP_CLI_USAGE, SP_CONFIG_INVALID
 */
export const run: CommandRun = async (io, [product = '', file = ''], options) => {
  const convert = Object.hasOwn(PRODUCTS, product) ? PRODUCTS[product] : undefined
  if (convert === undefined) throw new SallyportError('SP_CLI_USAGE', `Say one of ${Object.keys(PRODUCTS).join(', ')}.`)
  const path = resolve(io.cwd, file)
  const conversion = convert(await textOf(path), path, options)
  for (const { name, text } of conversion.files)
    if (name === 'sallyport.yaml') parseConfig(text, name, { env: {}, stateDir: io.stateDir, now: systemClock.now() })
  const { out } = options
  if (typeof out === 'string') write(resolve(io.cwd, out), conversion)
  if (io.json) io.out(JSON.stringify({ ...conversion, written: typeof out === 'string' }))
  else print(io, conversion, typeof out === 'string')
  return conversion.files.length === 0 ? 1 : 0
}

async function textOf(path: string): Promise<string> {
  const { text, why } = await machineFiles.look(path, true)
  if (text === undefined) throw new SallyportError('SP_CLI_USAGE', `${path} cannot be read. ${why ?? ''}`)
  return text
}

function write(folder: string, { files }: Conversion): void {
  const there = files.map(({ name }) => join(folder, name)).filter((path) => existsSync(path))
  if (there.length > 0)
    throw new SallyportError('SP_CLI_USAGE', `${there.join(', ')} is there already; name another folder.`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const { name, text } of files) writeFileSync(join(folder, name), text, { mode: 0o600, flag: 'wx' })
}

const ORDER: readonly Outcome['kind'][] = ['weakens', 'no-equivalent', 'covered', 'carried']

function print(io: CliIo, { files, outcomes }: Conversion, written: boolean): void {
  for (const { name, text } of files) io.out(written ? `wrote ${name}` : `--- ${name}\n${text}`)
  const rows = outcomes.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  if (rows.length > 0)
    io.err(
      formatTable(
        ['', 'SETTING', 'WHAT BECAME OF IT'],
        rows.map(({ kind, setting, note }) => [kind, setting, note]),
      ),
    )
  if (files.length === 0) io.err(escapeText('There is nothing in it that could be drafted.'))
}
