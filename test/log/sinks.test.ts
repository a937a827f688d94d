import { expect, it } from 'vitest'
import { run as exportLog } from '../../packages/gateway/src/cli/log/export.ts'
import { run as query } from '../../packages/gateway/src/cli/log/query.ts'
import { run as show } from '../../packages/gateway/src/cli/log/show.ts'
import { run as verify } from '../../packages/gateway/src/cli/log/verify.ts'
import { createOperationalLog } from '../../packages/gateway/src/evidence/log/operational.ts'
import { decisionRecord, parseLines, startLog } from './gateway.ts'

const MARKS = [
  '\u001b[2J',
  '\u001b]8;;https://evil\u0007x\u001b]8;;\u0007',
  '\r\n{"forged":true}',
  '\n',
  '\u2028',
  '\u2029',
  '\u0085',
]
const PLAIN = [
  '\u202eexe.txt',
  '\u200b',
  '\ufeff',
  '\u0000',
  '\u007f',
  '\u009b31m',
  '<script>alert(1)</script>',
  '=HYPERLINK("x")',
]
const FIELDS = [
  '@timestamp',
  'a.b.c',
  '__proto__x',
  'constructor',
  '*bold* _it_ <@U123>',
  '{"level":"info"}',
  "'; DROP TABLE",
  '%s%n',
  '${jndi:x}',
]
const payloads = [...MARKS, ...PLAIN, ...FIELDS].flatMap((mark) => [
  mark,
  `before ${mark} after`,
  `${mark}${mark}`,
  `${mark}"\\`,
  `name${mark}`,
])
// What moves a cursor, breaks a line or reorders: none of it may reach a terminal or a line-based reader.
// eslint-disable-next-line no-control-regex
const DANGEROUS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

it(
  'T-168: 100 payloads in every place, through every sink: one record in, one record out',
  { timeout: 60_000 },
  async () => {
    expect(payloads.length).toBeGreaterThanOrEqual(100)
    const { evidence, command } = await startLog()
    for (const [i, payload] of payloads.entries()) {
      await evidence.append([
        decisionRecord(`id-${i}`, {
          ...{ toolName: payload, sessionId: payload, agentId: payload, requestId: payload, actor: payload },
          ...{ policyRule: [payload], parameters: { [`key ${payload}`]: payload } },
        }),
      ])
    }
    const lines = parseLines((await command(exportLog, [])).out)
    expect(lines).toHaveLength(payloads.length)
    lines.forEach((line, i) => expect((line['record'] as { toolName: string }).toolName).toBe(payloads[i]))
    const events = parseLines((await command(exportLog, [], { format: 'ocsf' })).out)
    expect(events).toHaveLength(payloads.length)
    const names = new Set(events.flatMap((event) => Object.keys(event)))
    expect([...names].sort()).toEqual([...new Set(Object.keys(events[0] ?? {}))].sort())
    const texts = [
      (await command(exportLog, [])).out,
      (await command(exportLog, [], { format: 'ocsf' })).out,
      (await command(query, [], { limit: '1000' })).out,
      (await command(query, [], { limit: '1000' }, true)).out,
      (await command(verify, [])).out,
      (await command(verify, [], {}, true)).out,
    ]
    for (const [i] of payloads.entries()) texts.push((await command(show, [`id-${i}`])).out)
    for (const text of texts) expect(text).not.toMatch(DANGEROUS)
    expect((await command(query, [], { limit: '1000' })).out.split('\n')).toHaveLength(payloads.length + 1)
  },
)

it('T-168: the operational log keeps one line per message', async () => {
  const lines: string[] = []
  const log = createOperationalLog({
    clock: { now: () => 0, monotonic: () => 0 },
    sink: (text, done) => {
      lines.push(text)
      done()
    },
  })
  for (const payload of payloads) log.write('warn', payload, { value: payload })
  await log.flush()
  const printed = lines.join('')
  expect(printed.trimEnd().split(/[\n\r\u0085\u2028\u2029]/)).toHaveLength(payloads.length)
  expect(parseLines(printed.trimEnd()).map((line) => line['value'])).toEqual(payloads)
})
