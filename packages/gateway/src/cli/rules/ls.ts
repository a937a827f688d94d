import { RulePacks, type PackChange } from '../../control/content/rules/rule-packs.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { openPacks } from './open-packs.ts'

interface Listed {
  readonly name: string
  readonly version: { readonly number: number; readonly date: string }
  readonly key: string
  readonly digest: string
  readonly rules: readonly string[]
}

/** Exit 1: a file in the state directory is no pack that could be used. */
export const run: CommandRun = async (io) => {
  const refused: PackChange[] = []
  let packs: readonly Listed[]
  if (await io.gateway.alive()) {
    packs = ((await io.gateway.request('GET', '/api/v1/rules')) as unknown as { packs: readonly Listed[] }).packs
  } else {
    const changed = (change: PackChange): void => void (change.outcome === 'refused' && refused.push(change))
    packs = new RulePacks({ ...openPacks(io), changed }).current.map((pack) => ({
      ...pack,
      rules: pack.rules.map(({ id }) => id),
    }))
  }
  for (const { error } of refused) io.err(error?.message ?? '')
  if (io.json)
    io.out(JSON.stringify({ packs, refused: refused.map(({ name, error }) => ({ name, code: error?.code })) }))
  else if (packs.length === 0) io.out('No packs are installed; the rules of the product are in force.')
  else {
    const rows = packs.map(
      ({ name, version, key, rules }) => [name, version.number, version.date, key, rules.length] as const,
    )
    io.out(formatTable(['pack', 'version', 'date', 'signed by', 'rules'], rows))
  }
  return refused.length > 0 ? 1 : 0
}
