import { SallyportError } from '@sallyport/core'
import { verifyPack } from '@sallyport/core/detect/rules/verify-pack'
import { RulePacks } from '../../control/content/rules/rule-packs.ts'
import type { CommandRun } from '../command.ts'
import { formatFields } from '../output.ts'
import { openPacks, readPackFile } from './open-packs.ts'

export const run: CommandRun = async (io, [file = '']) => {
  const { files, keys } = openPacks(io)
  const installed = new RulePacks({ files, keys }).current
  const bytes = readPackFile(io, file)
  const verdict = verifyPack(bytes, keys)
  if (!verdict.ok) throw new SallyportError(verdict.code, verdict.detail)
  const { name, version, digest, key, rules } = verdict.pack
  const current = installed.find((pack) => pack.name === name)
  const state =
    current === undefined
      ? 'not installed'
      : current.digest === digest
        ? 'in force'
        : `in force: ${current.version.number}`
  if (io.json) io.out(JSON.stringify({ name, version, digest, key, state, rules: rules.map(({ id }) => id) }))
  else {
    const fields: readonly (readonly [string, string | number])[] = [
      ['pack', name],
      ['version', `${version.number} of ${version.date}`],
      ['signed by', key],
      ['digest', digest],
      ['rules', rules.length],
      ['state', state],
    ]
    io.out(formatFields(fields))
  }
  return 0
}
