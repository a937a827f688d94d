import { createHash, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { chainHash, createCheckpointSigner, GENESIS, withValue, type Spread, type StoredRecord } from '@sallyport/core'
import type { CheckResult, HealthCheck } from '../../packages/gateway/src/metrics/health/check.ts'
import { filesCheck, policyCheck, settingsCheck } from '../../packages/gateway/src/metrics/health/checks/config.ts'
import {
  levelCheck,
  METADATA,
  metadataCheck,
  serversCheck,
} from '../../packages/gateway/src/metrics/health/checks/isolation.ts'
import {
  logCheck,
  logKeepingCheck,
  reviewCheck,
  routesCheck,
} from '../../packages/gateway/src/metrics/health/checks/log.ts'
import { attentionCheck, claimedCheck } from '../../packages/gateway/src/metrics/health/checks/people.ts'
import { alertsCheck, secretsCheck, toolsCheck } from '../../packages/gateway/src/metrics/health/checks/tools.ts'

const POLICY = { policies: 3, version: 'v', sources: ['a.cedar'], blocked: [], staged: false }
const times = (ms: readonly number[]): Spread => ms.reduce<Spread>(withValue, {})
const same = (ms: number, count: number): Spread => times(Array.from({ length: count }, () => ms))
const week = (approved: number, denied: number, spread: Spread) =>
  attentionCheck(async () => ({ approved, denied, times: spread }))
const NOW = Date.UTC(2030, 0, 1)
const DAY = 86_400_000
const secret = (expiresAt: number) =>
  secretsCheck(
    async () => [{ name: 'token', state: 'active', expiresAt }],
    () => NOW,
  )

const said = (result: CheckResult): string =>
  result.state === 'found' ? result.found.map(({ severity, id }) => `${severity} ${id}`).join(', ') : result.state

describe('checks: each with something to find and with nothing', () => {
  test.each<[string, HealthCheck, string]>([
    ['SYS-1: nobody holds it', claimedCheck(async () => 0), 'high identity.unclaimed'],
    ['a person holds it', claimedCheck(async () => 1), 'fine'],
    [
      'T-012: an agent that is not confined',
      levelCheck(() => [{ name: 'a', confined: false }]),
      'high isolation.advisory',
    ],
    ['all are confined', levelCheck(() => [{ name: 'a', confined: true }]), 'fine'],
    ['no agent acts', levelCheck(() => []), 'none'],
    ['SEC-6: a bare server', serversCheck(() => [{ alias: 'a', sandbox: 'unsandboxed' }]), 'medium isolation.servers'],
    [
      'a confined and a remote one',
      serversCheck(() => [
        { alias: 'a', sandbox: 'sandboxed' },
        { alias: 'b', sandbox: 'remote' },
      ]),
      'fine',
    ],
    ['T-120: metadata is reached', metadataCheck(async () => 'reached'), 'critical network.metadata'],
    [
      'T-120: one form is not refused but silent',
      metadataCheck(async (url) => (url === METADATA[3] ? 'unreachable' : 'refused')),
      'critical network.metadata',
    ],
    ['metadata is refused', metadataCheck(async () => 'refused'), 'fine'],
    [
      'E-71: shadow mode, though somebody accepted it',
      settingsCheck(() => [{ path: 'mode', why: 'x', by: 'ana', expires: '2030-01-01' }]),
      'critical config.mode',
    ],
    [
      'E-71: another weak setting',
      settingsCheck(() => [{ path: 'sandbox.mode', why: 'x' }]),
      'high config.sandbox.mode',
    ],
    ['no weak setting', settingsCheck(() => []), 'fine'],
    [
      'T-057: keys that others write',
      filesCheck(() => ({ looked: 1, open: [{ path: '/k', mode: 0o666, writable: true }] })),
      'critical config.files./k',
    ],
    [
      'T-057: keys that others read',
      filesCheck(() => ({ looked: 1, open: [{ path: '/k', mode: 0o644, writable: false }] })),
      'high config.files./k',
    ],
    ['private files', filesCheck(() => ({ looked: 9, open: [] })), 'fine'],
    [
      'E-52: nothing is allowed',
      policyCheck(async () => ({ ...POLICY, sources: ['preset:minimal'] })),
      'info policy.minimal',
    ],
    ['a tool that no rule fits', policyCheck(async () => ({ ...POLICY, blocked: ['a.b'] })), 'low policy.blocked'],
    ['a change waits', policyCheck(async () => ({ ...POLICY, staged: true })), 'info policy.staged'],
    ['policies are in order', policyCheck(async () => POLICY), 'fine'],
    ['T-080: a tool drifted', toolsCheck(() => [{ id: 'a.b', state: 'drifted' }]), 'low tools.drifted'],
    ['a tool waits for a review', toolsCheck(() => [{ id: 'a.b', state: 'unreviewed' }]), 'info tools.unreviewed'],
    ['pinned tools', toolsCheck(() => [{ id: 'a.b', state: 'pinned' }]), 'fine'],
    [
      'critical and high alerts are open',
      alertsCheck(async () => ['critical', 'high', 'low']),
      'medium alerts.critical, low alerts.high',
    ],
    ['only low ones are', alertsCheck(async () => ['low']), 'fine'],
    ['a secret ended', secret(NOW - 1), 'low secrets.ended'],
    ['a secret ends tomorrow', secret(NOW + DAY), 'info secrets.soon'],
    ['a secret never ends', secret(0), 'low secrets.endless'],
    ['a secret ends in a month', secret(NOW + 30 * DAY), 'fine'],
    [
      'no secret',
      secretsCheck(
        async () => [],
        () => NOW,
      ),
      'none',
    ],
    [
      'T-166: records cannot be written',
      logKeepingCheck(() => ({ healthy: false, exported: true })),
      'critical log.unwritten',
    ],
    ['T-164: heads lie beside the log', logKeepingCheck(() => ({ healthy: true, exported: false })), 'low log.heads'],
    ['heads lie elsewhere', logKeepingCheck(() => ({ healthy: true, exported: true })), 'fine'],
    [
      'HB-146: nobody read the log for 9 days',
      reviewCheck(() => ({ reviewedAt: NOW - 9 * DAY, now: NOW })),
      'info log.unreviewed',
    ],
    ['HB-146: nor for 15', reviewCheck(() => ({ reviewedAt: NOW - 15 * DAY, now: NOW })), 'low log.unreviewed'],
    ['somebody read it', reviewCheck(() => ({ reviewedAt: NOW - DAY, now: NOW })), 'fine'],
    [
      'AC-2.1.5: a route without a lock',
      routesCheck(() => ({ routes: 9, open: ['GET /x'] })),
      'critical network.routes',
    ],
    ['all routes are locked', routesCheck(() => ({ routes: 9, open: [] })), 'fine'],
    ['T-159: 96 % within 1.8 s', week(48, 2, same(1800, 50)), 'medium people.attention'],
    ['T-159: 96 % but in 38 s', week(48, 2, same(38_000, 50)), 'fine'],
    ['T-159: fast but a tenth is denied', week(45, 5, same(1000, 50)), 'fine'],
    ['T-159: too few answers to tell', week(10, 0, same(500, 10)), 'fine'],
    ['T-159: nobody was asked', week(0, 0, {}), 'none'],
  ])('%s', async (_what, check, expected) => {
    expect(said(await check.run())).toBe(expected)
  })

  test('AC-7.4.2: every finding says what that allows and what to do', async () => {
    const broken = [
      claimedCheck(async () => 0),
      metadataCheck(async () => 'reached'),
      week(50, 0, same(900, 50)),
      secret(0),
    ]
    for (const check of broken) {
      const result = await check.run()
      if (result.state !== 'found') throw new Error(check.id)
      for (const { why, next, title } of result.found) {
        expect(why.length, check.id).toBeGreaterThan(20)
        expect(next.length, check.id).toBeGreaterThan(10)
        expect(`${title}${why}`).not.toMatch(/!|please|oops|undefined|NaN/i)
      }
    }
  })
})

describe('the check of the log', () => {
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
  const signer = createCheckpointSigner(key, 'sallyport/x/main')
  const stream = 'main'

  function records(count: number): StoredRecord[] {
    let prev = GENESIS
    return Array.from({ length: count }, (_, at) => {
      const body = JSON.stringify({ at })
      const hash = chainHash(stream, at + 1, prev, body)
      const record = { stream, seq: at + 1, body, prev, hash }
      prev = hash
      return record
    })
  }
  const over = (all: StoredRecord[], heads: { note: string }[] = [], most?: number) => ({
    ...{ publicKey: signer.publicKey, origin: signer.origin, now: () => NOW, ...(most === undefined ? {} : { most }) },
    store: {
      stream,
      readLog: async ({ afterSeq, limit }: { afterSeq: number; limit: number }) =>
        all.filter(({ seq }) => seq > afterSeq).slice(0, limit),
      checkpoints: async () => heads,
    },
  })

  test('T-162: an edited, a missing and a moved record are found, and nothing is said of a good log', async () => {
    expect(said(await logCheck(over(records(1200))).run())).toBe('fine')
    const edited = records(1200).map((one) => (one.seq === 700 ? { ...one, body: '{"at":0}' } : one))
    expect(said(await logCheck(over(edited)).run())).toBe('critical log.changed')
    expect(said(await logCheck(over(records(1200).filter(({ seq }) => seq !== 700))).run())).toBe(
      'critical log.changed',
    )
    const [one, two, ...rest] = records(10) as [StoredRecord, StoredRecord, ...StoredRecord[]]
    expect(said(await logCheck(over([{ ...two, seq: 1 }, { ...one, seq: 2 }, ...rest])).run())).toBe(
      'critical log.changed',
    )
  })

  test('T-164: a log that was computed anew does not fit its heads, nor does one whose end was cut off', async () => {
    const root = createHash('sha256').update('another').digest('hex')
    const wrong = [{ note: signer.sign({ size: 5, root, last: '', ts: NOW, boot: 1 }) }]
    expect(said(await logCheck(over(records(10), wrong)).run())).toBe('critical log.changed')
    expect(said(await logCheck(over(records(3), wrong)).run())).toBe('critical log.changed')
    const stranger = createCheckpointSigner(
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }),
      'sallyport/x/main',
    )
    const forged = [{ note: stranger.sign({ size: 5, root, last: '', ts: NOW, boot: 1 }) }]
    expect(said(await logCheck(over(records(10), forged)).run())).toBe('critical log.changed')
  })

  test('a long log takes several checks, and is unknown until its end was seen', async () => {
    const check = logCheck(over(records(2600), [], 1000))
    expect([said(await check.run()), said(await check.run()), said(await check.run())]).toEqual([
      'unknown',
      'unknown',
      'fine',
    ])
  })

  test('T-162: what is edited behind a check is found a day later', async () => {
    const all = records(50)
    let now = NOW
    const check = logCheck({ ...over(all), now: () => now })
    expect(said(await check.run())).toBe('fine')
    const target = all[10]
    if (target !== undefined) all[10] = { ...target, body: '{"at":-1}' }
    now += 2 * DAY
    expect(said(await check.run())).toBe('critical log.changed')
  })
})
