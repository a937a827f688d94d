import { isDue, whyStale, type CredentialType, type JsonObject } from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import { listOf, textOf } from '../agents/answers.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

const UNUSED = 'nobody used it for 30 days'

/** `credential.stale`: past its time, without an end, or unused for 30 days (HB-57). Exit 1 when there are some. */
export const run: CommandRun = async (io) => {
  const now = systemClock.now()
  const answer = await io.gateway.request('GET', '/api/v1/vault')
  const values = listOf(answer, 'secrets').filter(({ state }) => state === 'active')
  const found = [
    ...values.map((value) => [value, ofValue(value, now)] as const),
    ...listOf(answer, 'elsewhere').map((credential) => [credential, elsewhere(credential, now)] as const),
  ].flatMap(([of, why]) => (why === undefined ? [] : [{ name: textOf(of, 'name'), why }]))
  const rows = found.map(({ name, why }) => [name, why])
  if (io.json) io.out(JSON.stringify({ stale: found }))
  else if (found.length === 0) io.out('No value is stale.')
  else io.out(formatTable(['VALUE', 'WHY'], rows))
  return found.length === 0 ? 0 : 1
}

const livedOf = (given: JsonObject) => ({
  type: given['type'] as CredentialType,
  createdAt: Number(given['createdAt'] ?? 0),
  expiresAt: Number(given['expiresAt'] ?? Number.MAX_SAFE_INTEGER),
  lastUsedAt: Number(given['lastUsedAt'] ?? 0),
})

function ofValue(secret: JsonObject, now: number): string | undefined {
  const lived = livedOf(secret)
  const stale = whyStale(lived, now)
  if (stale !== undefined) return stale === 'expired' ? 'it has ended' : UNUSED
  if (isDue(lived, now)) return 'it ends soon: rotate it'
  return textOf(secret, 'usedBy') === '' ? 'no credential of the configuration uses it' : undefined
}

/** Of a value in another store nobody here knows when it was set, nor when it ends. */
function elsewhere(credential: JsonObject, now: number): string | undefined {
  if (credential['isBounded'] !== true) return 'it has no end here: give the credential an `expiry`'
  const lived = livedOf(credential)
  return lived.lastUsedAt > 0 && whyStale(lived, now) === 'unused' ? UNUSED : undefined
}
