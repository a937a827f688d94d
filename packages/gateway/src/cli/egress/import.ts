import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isJsonObject, SallyportError, type Json } from '@sallyport/core'
import { parse, stringify } from 'yaml'
import { parseEgressFile } from '../../config/egress-rules.ts'
import { importNetworkPolicies } from '../../config/import-network-policies.ts'
import { argument } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'

/** Writes rules for a file of `egress.files`; what could not be taken over stands in comments above them. */
export const run: CommandRun = (io, args) => {
  const path = resolve(io.cwd, argument(args, 0, 'file'))
  const read: unknown = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 })
  const document = (typeof read === 'object' && read !== null ? read : {}) as Json
  if (!isJsonObject(document) || !('network_policies' in document))
    throw new SallyportError(
      'SP_CONFIG_INVALID',
      `${path} has no network_policies. A file with allowed_domains needs no import: name it under egress.files.`,
    )
  const { rules, notes } = importNetworkPolicies(document)
  const text = stringify({ version: 1, rules })
  // what is written is what will be read
  parseEgressFile(text)
  if (io.json) io.out(JSON.stringify({ version: 1, rules, notes }))
  else io.out([...notes.map((note) => `# ${note}`), text.trimEnd()].join('\n'))
  return Promise.resolve(0)
}
