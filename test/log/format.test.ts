import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import { RECORD_SCHEMA, recordFault, type Json, type LogRecord } from '@sallyport/core'
import { decisionRecord, outcomeRecord, startLog } from './gateway.ts'

const validate = new Ajv2020({ strict: false }).compile(RECORD_SCHEMA)

it('AC-1.2.2: the documented schema is the one in force', () => {
  const page = readFileSync(new URL('../../docs/reference/audit-format.md', import.meta.url), 'utf8')
  const block = /```json\n([\s\S]*?)\n```/.exec(page)?.[1] ?? ''
  expect(JSON.parse(block)).toEqual(RECORD_SCHEMA)
})

it('AC-1.2.2 E-14: the writer and the schema agree on what a record is', () => {
  const whole = decisionRecord('a1', { outcome: 'not_executed', durationMs: 1 }) as Record<string, Json>
  expect(validate(whole)).toBe(true)
  expect(recordFault(whole as LogRecord)).toBeUndefined()
  const wrong: Json[] = [null, 7, '', [], {}, 'allowed', [7], -1, '2026-11-20T10:00:00Z']
  for (const kind of ['decision', 'release', 'outcome', 'refusal', 'alert']) {
    for (const base of [whole, outcomeRecord('a1') as Record<string, Json>]) {
      for (const name of [...Object.keys(whole), 'tokenId', 'outcome']) {
        for (const value of [undefined, ...wrong]) {
          const { [name]: _, ...rest } = { ...base, kind } as Record<string, Json>
          const record = (value === undefined ? rest : { ...base, kind, [name]: value }) as LogRecord
          expect(recordFault(record) === undefined, `${kind} ${name} ${JSON.stringify(value)}`).toBe(validate(record))
        }
      }
    }
  }
})

it('AC-1.2.1 E-13 T-170: as many calls in the log as went in, each with its decision and its outcome', async () => {
  const { evidence, store } = await startLog()
  await Promise.all(
    Array.from({ length: 500 }, async (_, i) => {
      await evidence.append([decisionRecord(`call-${i}`)])
      evidence.enqueue([outcomeRecord(`call-${i}`)])
    }),
  )
  await evidence.settled()
  const records = (await store.readLog({ stream: 'local' })).map((r) => JSON.parse(r.body) as LogRecord)
  expect(records).toHaveLength(1000)
  for (const record of records) expect(validate(record)).toBe(true)
  for (const kind of ['decision', 'outcome']) {
    expect(new Set(records.filter((r) => r.kind === kind).map((r) => r.auditId)).size).toBe(500)
  }
})
