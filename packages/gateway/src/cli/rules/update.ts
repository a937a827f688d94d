import { parseJson, SallyportError } from '@sallyport/core'
import { verifyPack } from '@sallyport/core/detect/rules/verify-pack'
import { RulePacks, type PackChange } from '../../control/content/rules/rule-packs.ts'
import type { CommandRun } from '../command.ts'
import { openPacks, readPackFile } from './open-packs.ts'

export const run: CommandRun = async (io, [file = '']) => {
  const bytes = readPackFile(io, file)
  const { files, keys } = openPacks(io)
  // said here, where the whole file is at hand; the gateway checks it again
  const verdict = verifyPack(bytes, keys)
  if (!verdict.ok) throw new SallyportError(verdict.code, verdict.detail)
  const running = await io.gateway.alive()
  const change = running
    ? ((await io.gateway.request('POST', '/api/v1/rules/update', {
        pack: parseJson(bytes.toString('utf8')),
      })) as unknown as PackChange)
    : new RulePacks({ files, keys }).install(bytes, 'cli')
  if (io.json) io.out(JSON.stringify(change))
  else {
    const before = change.previous === undefined ? '' : `, was ${change.previous}`
    const where = running ? 'in force' : 'installed for the next start'
    io.out(`${change.name} ${change.version ?? ''}: ${where}${before}`)
  }
  return 0
}
