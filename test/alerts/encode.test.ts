import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson, mailText, noticeJson, ocsfFinding, slackMessage, slackText, syslogLine } from '@sallyport/core'
import { createOperationalLog } from '../../packages/gateway/src/evidence/log/operational.ts'
import { systemClock } from '../../packages/gateway/src/clock.ts'
import { ocsfFileSink } from '../../packages/gateway/src/alerts/sinks/ocsf-file.ts'
import { syslogSink } from '../../packages/gateway/src/alerts/sinks/syslog.ts'
import { guardedSocket } from '../../packages/gateway/src/execution/egress/guarded.ts'
import { guardedDatagram, localSocket } from '../../packages/gateway/src/execution/egress/messages.ts'
import type { SinkWays } from '../../packages/gateway/src/alerts/sinks/ways.ts'
import { makeDirectory } from '../store/temporary.ts'
import { until } from './kit.ts'
import { noticeWith, PAYLOADS } from './notices.ts'
import { hasRsyslog, startRsyslog } from './rsyslog.ts'

/** What breaks a line, moves a cursor or reorders. */
// eslint-disable-next-line no-control-regex
const DANGEROUS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\p{Surrogate}]/u
const NOTICES = PAYLOADS.map((payload, i) => noticeWith(payload, `n${i}`))

/** Names of all members, with places of lists left out. */
function keysOf(value: unknown, at = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, at))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, of]) => [`${at}.${key}`, ...keysOf(of, `${at}.${key}`)])
}

describe('T-168: 100 payloads through every sink: one alert in, one record out', () => {
  it('T-168: there are 100 of them', () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(100)
  })

  it.each([
    ['webhook', noticeJson],
    ['OCSF', (notice: (typeof NOTICES)[0]) => ocsfFinding(notice, '1.0.0')],
    ['Slack', slackMessage],
  ] as const)(
    'T-168: %s: valid JSON with the same member names whatever comes, and values that are bounded',
    (_name, encode) => {
      const shape = new Set(keysOf(encode(noticeWith('plain', 'n'))))
      for (const notice of NOTICES) {
        const text = canonicalJson(encode(notice))
        expect(text.length).toBeLessThan(20_000)
        const parsed = JSON.parse(text) as object
        expect(new Set(keysOf(parsed))).toEqual(shape)
        expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
      }
    },
  )

  it('T-168: the OCSF file has as many lines as alerts, and what agents wrote comes back', async () => {
    const path = join(makeDirectory(), 'findings.ndjson')
    const sink = ocsfFileSink(path, '1.0.0')
    for (const notice of NOTICES) await sink.send(notice, AbortSignal.timeout(5_000))
    const text = readFileSync(path, 'utf8')
    const lines = text.split(/[\n\r\u0085\u2028\u2029]/).filter((line) => line !== '')
    expect(lines).toHaveLength(NOTICES.length)
    lines.forEach((line, i) => {
      const finding = JSON.parse(line) as {
        class_uid: number
        metadata: { uid: string }
        evidences: { api: { operation: string } }[]
      }
      expect(finding).toMatchObject({ class_uid: 2004, type_uid: 200401, metadata: { uid: `n${i}` } })
      expect(finding.evidences[0]?.api.operation).toBe(NOTICES[i]?.alert.tool)
    })
  })

  it('T-168: Slack gets no entity, link, mention or formatting from an agent', () => {
    for (const payload of PAYLOADS) {
      const text = slackText(payload)
      expect(text).not.toMatch(DANGEROUS)
      expect(text.replace(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[<>]|&/)
      expect(text).not.toMatch(/:\/\/|[*_~`@#[\]()!|](?!\u200b)/)
      expect(text).not.toMatch(/\n/)
      expect([...text].length).toBeLessThan(2_000)
    }
    for (const notice of NOTICES) {
      const { text, blocks } = slackMessage(notice) as {
        text: string
        blocks: { text?: { type: string; text: string } }[]
      }
      // head, sentence and five facts: no line of others
      expect(text.split('\n')).toHaveLength(7)
      for (const block of blocks) if (block.text !== undefined) expect(block.text).toMatchObject({ type: 'plain_text' })
      for (const block of blocks) expect((block.text?.text ?? '').length).toBeLessThan(3_000)
    }
  })

  it('T-168: mail: a subject of one line, and a text whose lines are ours', () => {
    for (const notice of NOTICES) {
      const { subject, text } = mailText(notice)
      expect(subject).not.toMatch(DANGEROUS)
      expect(subject).not.toMatch(/\n/)
      expect(subject.length).toBeLessThan(400)
      expect(text.replaceAll('\n', '')).not.toMatch(DANGEROUS)
      expect(text.split('\n')).toHaveLength(20)
    }
  })

  it('T-168: the operational log has one line for each', async () => {
    const printed: string[] = []
    const log = createOperationalLog({ clock: systemClock, sink: (text, done) => (printed.push(text), done()) })
    for (const { alert } of NOTICES) log.write('warn', 'alert', { sentence: alert.sentence, agentId: alert.agent })
    await log.flush()
    const lines = printed
      .join('')
      .split(/[\n\r\u0085\u2028\u2029]/)
      .filter((line) => line !== '')
    expect(lines).toHaveLength(NOTICES.length)
    lines.forEach((line, i) => expect(JSON.parse(line)).toMatchObject({ agentId: NOTICES[i]?.alert.agent }))
  })

  it('T-168: syslog: one line of 2048 bytes at most, in the grammar of RFC 5424', () => {
    const grammar =
      /^<(\d{1,3})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]{1,255} [!-~]{1,48} - [!-~]{1,32} \[[!-~]+(?: [a-z]+="(?:[^"\\\]]|\\["\\\]])*")+\] \uFEFF[^\n]*$/u
    for (const notice of NOTICES) {
      const line = syslogLine(notice, 'local3', 'ho st\n')
      expect(line).toMatch(grammar)
      expect(line.replace('\uFEFF', '')).not.toMatch(DANGEROUS)
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(2_048)
    }
  })
})

describe.skipIf(!hasRsyslog)('rsyslogd (not verified where it is not installed)', () => {
  const ways = {
    connect: guardedSocket({ exceptions: [] }),
    datagram: guardedDatagram({ exceptions: [] }),
    local: localSocket,
  } as unknown as SinkWays

  it.each(['udp', 'tcp', 'unix'] as const)(
    'T-168: over %s it has one message for each alert, with every field in its place',
    async (protocol) => {
      const daemon = await startRsyslog()
      const target =
        protocol === 'unix' ? { protocol, path: daemon.path } : { protocol, host: 'localhost', port: daemon.port }
      const sink = syslogSink({ ...target, facility: 'local3', machine: 'gate-1' }, ways)
      for (const notice of NOTICES) {
        await sink.send(notice, AbortSignal.timeout(10_000))
        // datagrams that come faster than they are read are dropped
        if (protocol === 'udp') await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await until(() => daemon.got().length >= NOTICES.length)
      const got = daemon.got()
      expect(got).toHaveLength(NOTICES.length)
      for (const [i, message] of got.toSorted((a, b) => numberOf(a) - numberOf(b)).entries()) {
        expect(message).toMatchObject({
          ...{ hostname: 'gate-1', 'app-name': 'sallyport', msgid: 'call.denied' },
          ...{ 'syslogseverity-text': 'crit', 'syslogfacility-text': 'local3' },
        })
        expect(message['structured-data']).toContain(`notice="n${i}"`)
      }
    },
  )
})

const numberOf = (message: Record<string, string>): number =>
  Number(/notice="n(\d+)"/.exec(message['structured-data'] ?? '')?.[1])
