import Database from 'better-sqlite3'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run as checkpoint } from '../../packages/gateway/src/cli/log/checkpoint.ts'
import { run as exportLog } from '../../packages/gateway/src/cli/log/export.ts'
import { run as prove } from '../../packages/gateway/src/cli/log/prove.ts'
import { run as query } from '../../packages/gateway/src/cli/log/query.ts'
import { run as show } from '../../packages/gateway/src/cli/log/show.ts'
import { run as tail } from '../../packages/gateway/src/cli/log/tail.ts'
import { run as verify } from '../../packages/gateway/src/cli/log/verify.ts'
import { decisionRecord, outcomeRecord, parseLines, startLog } from './gateway.ts'

const call = (id: string, members = {}) => [decisionRecord(id, members), outcomeRecord(id)]

describe('log commands', () => {
  it('AC-1.2.4: query by session, tool and time; export is NDJSON that a stock parser reads', async () => {
    const { evidence, command } = await startLog()
    for (let i = 0; i < 6; i++) {
      await evidence.append(call(`a${i}`, { sessionId: `s${i % 2}`, toolName: i < 3 ? 'fs.read_file' : 'mail.send' }))
    }
    const bySession = await command(query, [], { session: 's1', kind: 'decision' }, true)
    const { items } = JSON.parse(bySession.out) as { items: { record: { auditId: string } }[] }
    expect(items.map((item) => item.record.auditId)).toEqual(['a1', 'a3', 'a5'])
    const table = await command(query, [], { tool: 'mail.send', kind: 'decision' })
    expect(table.out.split('\n')).toHaveLength(4)
    const lines = parseLines((await command(exportLog, [])).out)
    expect(lines.map((line) => line['seq'])).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    expect((await command(query, [], { from: '2999-01-01T00:00:00.000Z' })).err).toBe('No record matches.')
    await expect(command(query, [], { from: 'yesterday-ish' })).rejects.toMatchObject({ code: 'SP_API_INVALID' })
  })

  it('ND-1.2.a: OCSF export has class 6003 with fixed names, times and the stored text', async () => {
    const { evidence, command } = await startLog()
    await evidence.append([decisionRecord('a1', { policyDecision: 'denied', level: 'warn', outcome: 'not_executed' })])
    const [event] = parseLines((await command(exportLog, [], { format: 'ocsf' })).out)
    expect(event).toMatchObject({
      ...{ class_uid: 6003, category_uid: 6, activity_id: 2, type_uid: 600302, severity_id: 3, action: 'Denied' },
      metadata: { product: { name: 'Sallyport' }, correlation_uid: 'a1', sequence: 1 },
      api: { operation: 'fs.read_file', request: { uid: 'r1' } },
    })
    expect(typeof event?.['time']).toBe('number')
    expect(JSON.parse(event?.['raw_data'] as string)).toMatchObject({ auditId: 'a1' })
    await expect(command(exportLog, [], { format: 'xml' })).rejects.toMatchObject({ code: 'SP_CLI_USAGE' })
  })

  it('show, prove and checkpoint', async () => {
    const { evidence, command } = await startLog()
    await evidence.append(call('a1', { parameters: { path: '/tmp/x' } }))
    const shown = await command(show, ['a1'])
    expect(shown.out).toContain('{"path":"/tmp/x"}')
    expect(shown.out).toContain('local:2')
    expect((await command(show, ['local:1'], {}, true)).out).toContain('"seq":1')
    expect((await command(prove, ['a1'])).out).toContain('Record 2 is in the log.')
    expect((await command(checkpoint, [])).out).toMatch(/^log\.test\/install\/local\n2\n/)
    await expect(command(show, ['nothing'])).rejects.toMatchObject({ code: 'SP_AUDIT_UNKNOWN' })
  })

  it('tail prints new records until it is stopped', async () => {
    const { evidence, command } = await startLog()
    await evidence.append(call('before'))
    const stop = new AbortController()
    const running = command(tail, [], { kind: 'decision' }, true, stop.signal)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await evidence.append(call('after'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    stop.abort()
    const { out, exit } = await running
    expect(exit).toBe(0)
    expect(parseLines(out).map((line) => (line['record'] as { auditId: string }).auditId)).toEqual(['after'])
  })

  it('verify: an intact log is 0, with the gateway running and without it', async () => {
    const { evidence, command, store, state } = await startLog()
    await evidence.append(call('a1'))
    await store.checkpoint()
    const live = await command(verify, [])
    expect(live).toMatchObject({ exit: 0, err: expect.stringContaining('A gateway is running') as string })
    await store.close()
    state.alive = false
    const { exit, out } = await command(verify, [])
    expect(out).toContain('Complete only up to record 2')
    expect(exit).toBe(0)
  })

  it('E-13: verify lists calls that were allowed and have no outcome', async () => {
    const { evidence, command } = await startLog()
    await evidence.append([
      decisionRecord('orphan'),
      ...call('whole'),
      decisionRecord('denied', { policyDecision: 'denied' }),
    ])
    const { out } = await command(verify, [], {}, true)
    expect((JSON.parse(out) as { orphans: unknown[] }).orphans).toMatchObject([{ auditId: 'orphan' }])
  })

  const damages: readonly (readonly [what: string, sql: string, finding: RegExp])[] = [
    [
      'an edited record',
      `UPDATE audit_event SET body = replace(body, 'claude', 'mallory') WHERE seq = 7`,
      /EDITED .* Record 7 /,
    ],
    ['a deleted record', 'DELETE FROM audit_event WHERE seq = 7', /DELETED .* 7 to 7/],
    [
      'swapped records',
      'UPDATE audit_event SET seq = CASE seq WHEN 7 THEN -9 WHEN 9 THEN -7 END WHERE seq IN (7, 9); UPDATE audit_event SET seq = -seq WHERE seq < 0',
      /REORDERED .* 7 /,
    ],
    ['a cut tail', 'DELETE FROM audit_event WHERE seq > 15', /TRUNCATED .*ends at record 15; 20 were signed/],
    ['an edited column', `UPDATE audit_event SET tool = 'other.tool' WHERE seq = 7`, /COLUMNS .* tool of record 7/],
    [
      'a forged checkpoint',
      `UPDATE audit_checkpoint SET note = replace(note, 'sallyport/boot 1', 'sallyport/boot 2')`,
      /CHECKPOINT .*not genuine \(signature\)/,
    ],
    [
      'no checkpoints',
      'DELETE FROM audit_checkpoint; DELETE FROM audit_event WHERE seq > 15',
      /TRUNCATED .*20 were signed/,
    ],
    [
      'a dropped stream',
      'DELETE FROM audit_event; DELETE FROM audit_checkpoint; DELETE FROM audit_tile; DELETE FROM audit_stream',
      /TRUNCATED .*stream log.test\/install\/local is missing/,
    ],
    ['a dropped table', 'DROP TABLE audit_event', /FILES .*audit_event/],
    ['a forged document', `UPDATE document SET body = '{}'`, /EDITED .*meta\/stream:local was not written/],
  ]
  it.each(damages)('T-162 T-004: verify finds %s and names it', async (_, sql, finding) => {
    const { evidence, command, store, state, path } = await startLog()
    for (let i = 0; i < 10; i++) await evidence.append(call(`a${i}`))
    await store.close()
    state.alive = false
    const db = new Database(path)
    db.exec(sql)
    db.close()
    const { exit, out } = await command(verify, [])
    expect(out).toMatch(finding)
    expect(exit).toBe(1)
  })

  it('T-162: the store without its neighbours still misses the stream, and --against names what is gone', async () => {
    const { evidence, command, store, state, path, stateDir } = await startLog()
    for (let i = 0; i < 5; i++) await evidence.append(call(`a${i}`))
    const head = join(stateDir, 'head.txt')
    writeFileSync(head, `${(await command(checkpoint, [])).out}\n`)
    await store.close()
    state.alive = false
    rmSync(`${path}-head`)
    const db = new Database(path)
    db.exec('DELETE FROM audit_event WHERE seq > 6; DELETE FROM audit_checkpoint')
    expect((await command(verify, [])).out).toContain('no checkpoint vouches')
    expect((await command(verify, [], { against: [head] })).out).toMatch(/TRUNCATED .*ends at record 6; 10 were signed/)
    db.exec('DELETE FROM audit_event; DELETE FROM audit_tile; DELETE FROM audit_stream')
    db.close()
    expect((await command(verify, [])).out).toMatch(/The stream local is missing/)
  })

  it('T-164: two auditors who were shown different logs find out', async () => {
    const { evidence, command, store, state, stateDir, path } = await startLog()
    await evidence.append(call('a1'))
    await store.checkpoint()
    await store.close()
    state.alive = false
    const other = await startLog()
    await other.evidence.append(call('b1'))
    const head = join(stateDir, 'head.txt')
    writeFileSync(head, `${(await other.command(checkpoint, [])).out}\n`)
    const foreign = await command(verify, [], { against: [head] })
    expect(foreign.out).toMatch(/CHECKPOINT .*not signed with this key/)
    expect(foreign.exit).toBe(1)
    // Replaced files: the other gateway's database under this gateway's key.
    await other.store.close()
    const swapped = await command(verify, [], { store: other.path })
    expect(swapped.out).toMatch(/CHECKPOINT .*not genuine \(unknown-key\)/)
    expect(path).not.toBe(other.path)
  })

  it('T-167: a store that was not closed and has lost its write-ahead log is a finding', async () => {
    const { evidence, command, store, state, path, stateDir } = await startLog()
    await evidence.append(call('a1'))
    const { cpSync } = await import('node:fs')
    const crashed = join(stateDir, 'crashed.db')
    cpSync(path, crashed)
    await store.close()
    state.alive = false
    const { exit, out } = await command(verify, [], { store: crashed })
    expect(out).toMatch(/FILES .*write-ahead log .* is gone/)
    expect(exit).toBe(1)
  })
})
