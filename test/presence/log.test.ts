import { createAssertionCheck, type JsonObject, type LogRecord } from '@sallyport/core'
import { expect, test } from 'vitest'
import { held, rig, SITE } from '../approvals/setup.ts'
import { Authenticator } from './authenticator.ts'
import { assertionFor, enrolled, HERE, proveAct } from './kit.ts'

const ANA = 'operator:ana'

function check(records: readonly LogRecord[], pruned = false) {
  const checking = createAssertionCheck()
  for (const [index, record] of records.entries()) checking.add(record, 'local', index + 1)
  return checking.result(pruned)
}

/** The records of one approval and one other act, both by passkey. */
async function decided(): Promise<readonly LogRecord[]> {
  const on = await rig()
  try {
    const { authenticator } = await enrolled(on, ANA)
    on.clock.advance(10)
    const id = await held(on)
    await on.approvals.approve(id, await assertionFor(on, id, ANA, authenticator), 'test', { peer: HERE })
    const proof = await proveAct(on, 'kill.resume', { all: true }, ANA, authenticator)
    await on.presence.verify('kill.resume', { all: true }, proof)
    return [...on.records]
  } finally {
    await on.close()
  }
}

test('T-004: every decision by passkey is checked again from the records alone', async () => {
  const records = await decided()
  expect(check(records)).toEqual({ checked: 2, findings: [] })

  const other = new Authenticator(SITE)
  const edits: readonly (readonly [string, (record: LogRecord) => LogRecord | undefined])[] = [
    ['another call', (one) => (one['vote'] === undefined ? one : { ...one, callDigest: '0'.repeat(64) })],
    ['another approval', (one) => (one['vote'] === undefined ? one : { ...one, approvalId: 'x' })],
    ['another view', (one) => vote(one, { viewDigest: '0'.repeat(64) })],
    ['a wider scope', (one) => vote(one, { scope: { kind: 'tool', until: 9e12 } })],
    ['another nonce', (one) => vote(one, { nonce: '0'.repeat(64) })],
    ['a longer time', (one) => vote(one, { notAfter: 9e12 })],
    ['another person', (one) => vote(one, { approver: 'operator:eve' })],
    ['another assertion', (one) => vote(one, { assertion: { ...other.assert('00'.repeat(32)) } })],
    ['no assertion', (one) => vote(one, { assertion: null })],
    ['another key', (one) => (one['event'] === 'passkey.enrolled' ? { ...one, publicKey: other.publicKey } : one)],
    ['another site', (one) => (one['event'] === 'passkey.enrolled' ? { ...one, rpId: 'localhost' } : one)],
    ['no enrolment', (one) => (one['event'] === 'passkey.enrolled' ? undefined : one)],
    ['another act', (one) => (one['event'] === 'operator.decided' ? { ...one, decisionKind: 'vault.backup' } : one)],
    ['another payload', (one) => (one['event'] === 'operator.decided' ? { ...one, call: '0'.repeat(64) } : one)],
  ]
  for (const [what, edit] of edits) {
    const edited = records.map(edit).filter((one) => one !== undefined)
    expect(check(edited).findings, what).not.toEqual([])
    expect(check(edited).findings[0], what).toMatchObject({ kind: 'assertion', stream: 'local' })
  }
  const late = [...records].map((one) =>
    one['event'] === 'passkey.enrolled' ? { ...one, createdAt: 9e12, timestamp: '2100-01-01T00:00:00.000Z' } : one,
  )
  expect(check(late).findings[0]?.message).toContain('was enrolled later')
})

test('what may have left the log with its enrolment stays unchecked and is no finding', async () => {
  const records = (await decided()).filter((one) => one['event'] !== 'passkey.enrolled')
  expect(check(records, true).findings).toEqual([])
})

test('an enrolment that is in use is written again before the log forgets it', async () => {
  const on = await rig()
  try {
    const { authenticator, view } = await enrolled(on, ANA)
    on.clock.advance(31 * 24 * 3_600_000)
    await on.restart()
    await on.passkeys.list()
    const again = on.records.filter((one) => one['event'] === 'passkey.enrolled')
    expect(again).toHaveLength(2)
    on.records.splice(0, on.records.length, again[1] as LogRecord)
    await on.restart()
    expect(await on.passkeys.list()).toMatchObject([{ id: authenticator.id, createdAt: view.createdAt }])
  } finally {
    await on.close()
  }
})

const vote = (record: LogRecord, change: JsonObject): LogRecord =>
  record['vote'] === undefined ? record : { ...record, vote: { ...(record['vote'] as JsonObject), ...change } }
