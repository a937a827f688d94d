import { isDue, whyStale, type CredentialType, type JsonObject } from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import { listOf, textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

/** `credential.stale` (HB-57). Exit 1 when there are some. */
export const run: CommandRun = async (io) => {
  const now = systemClock.now()
  const secrets = listOf(await io.gateway.request('GET', '/api/v1/vault'), 'secrets')
  const found = secrets.flatMap((secret) => {
    const why = secret['state'] === 'active' ? whyNot(secret, now) : undefined
    return why === undefined ? [] : [{ name: textOf(secret, 'name'), why }]
  })
  if (io.json) io.out(JSON.stringify({ stale: found }))
  else if (found.length === 0) io.out('No value is stale.')
  else
    io.out(
      formatTable(
        ['VALUE', 'WHY'],
        found.map(({ name, why }) => [name, why]),
      ),
    )
  return found.length === 0 ? 0 : 1
}

function whyNot(secret: JsonObject, now: number): string | undefined {
  const [createdAt, expiresAt] = [Number(secret['createdAt']), Number(secret['expiresAt'])]
  const lived = {
    type: secret['type'] as CredentialType,
    createdAt,
    expiresAt,
    lastUsedAt: Number(secret['lastUsedAt'] ?? 0),
  }
  const stale = whyStale(lived, now)
  if (stale !== undefined) return stale === 'expired' ? 'it has ended' : 'nobody used it for 30 days'
  if (isDue(lived, now)) return 'it ends soon: rotate it'
  return textOf(secret, 'usedBy') === '' ? 'no credential of the configuration uses it' : undefined
}
