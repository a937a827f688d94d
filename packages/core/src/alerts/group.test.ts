import { describe, expect, it } from 'vitest'
import type { Alert, AlertSeverity, Signal } from './alert.ts'
import { backoff } from './backoff.ts'
import { again, alertKey, delivered, merged, noted, noticed, opened, resolved, taken } from './group.ts'
import { isLive, isNotice, sinksFor, type SinkType } from './routing.ts'
import { plainSignal } from './signals.ts'
import { silenceOf, silences } from './silence.ts'

const signal = (severity: AlertSeverity = 'medium'): Signal => ({
  ...plainSignal('call.denied', severity, 'No.'),
  ...{ agent: 'coder', tool: 'fs.write', subject: 'fs.write' },
})
const alert = (severity: AlertSeverity = 'medium'): Alert => opened('id', 'key', signal(severity), 1_000)

describe('one alert for many signals', () => {
  it('T-157: counts, keeps first and last, and the worst severity', () => {
    let one = alert('low')
    for (const [severity, at] of [
      ['medium', 2_000],
      ['high', 3_000],
      ['low', 4_000],
    ] as const)
      one = again(one, signal(severity), at)
    expect(one).toMatchObject({ count: 4, first: 1_000, last: 4_000, severity: 'high' })
    expect(one.timeline.map(({ event }) => event)).toEqual(['opened', 'worse', 'worse'])
  })

  it('T-157: the timeline is bounded and keeps its beginning', () => {
    let one = alert()
    for (let i = 0; i < 500; i++) one = noted(one, { at: i, event: 'notified' })
    expect(one.timeline).toHaveLength(50)
    expect(one.timeline[0]?.event).toBe('opened')
    expect(one.timeline.at(-1)?.at).toBe(499)
  })

  it('keys differ by name, agent and subject, however they are written', () => {
    const of = (name: string, agent: string, subject: string): string => alertKey({ ...signal(), name, agent }, subject)
    expect(new Set([of('a', 'b', 'c'), of('a,b', '', 'c'), of('a', 'b,c', ''), of('a","b', '', 'c')]).size).toBe(4)
  })

  it('what people did elsewhere and what happened here both count', () => {
    const base = alert()
    const ours = again(base, signal(), 5_000)
    const theirs = taken(base, 'operator:ana', 2_000)
    expect(merged(ours, theirs, base)).toMatchObject({ count: 2, last: 5_000, state: 'taken', holder: 'operator:ana' })
    expect(resolved(ours, 'operator:ana', 'x', 1).timeline.at(-1)).toMatchObject({ event: 'resolved', text: 'x' })
  })

  it('what happened on two gateways counts once each, and the one that told it first has told it', () => {
    const base = alert()
    const theirs = noticed(again(again(base, signal('high'), 4_000), signal(), 6_000), ['hook'], 6_000, 'eu-2')
    const ours = noticed(again(base, signal(), 5_000), ['hook'], 5_000, 'eu-1')
    expect(merged(ours, theirs, base)).toMatchObject({
      ...{ count: 4, last: 6_000, severity: 'high', notices: 1, noticedBy: 'eu-2', noticedAs: 'high' },
      channels: { hook: { state: 'queued', at: 6_000 } },
    })
    const told = noticed(base, ['hook', 'mail'], 5_000, 'eu-1')
    const sent = { state: 'sent', notice: 1, at: 7_000, tries: 1 } as const
    const both = merged(delivered(told, 'hook', sent), delivered(told, 'mail', sent), told)
    expect(both.channels).toMatchObject({ hook: { state: 'sent' }, mail: { state: 'sent' } })
    expect(both.timeline.map(({ text }) => text)).toEqual([undefined, 'mail', 'hook'])
  })

  it('news of an older notice changes nothing', () => {
    const told = noticed(noticed(alert(), ['hook'], 1, ''), ['hook'], 2, '')
    const late = { state: 'dead', notice: 1, at: 3, tries: 9, error: 'answered 500' } as const
    expect(delivered(told, 'hook', late).channels['hook']).toMatchObject({ state: 'queued', notice: 2 })
    expect(delivered(told, 'hook', { ...late, notice: 2 }).channels['hook']).toMatchObject({ state: 'dead' })
  })
})

describe('who is told', () => {
  const all = new Map<string, SinkType>([
    ...([
      ['a', 'webhook'],
      ['b', 'slack'],
      ['c', 'email'],
      ['d', 'syslog'],
      ['e', 'ocsf'],
    ] as const),
  ])
  it.each([
    ['critical', ['a', 'b', 'c', 'd', 'e'], true],
    ['high', ['a', 'b', 'd', 'e'], true],
    ['medium', [], true],
    ['low', [], false],
  ] as const)('AC-5.2.2 E-57: %s goes to %j besides the log; live: %s', (severity, sinks, live) => {
    expect(sinksFor(severity, all, [])).toEqual(sinks)
    expect(isLive(severity)).toBe(live)
  })

  it('AC-5.2.2: routes replace the default for a severity, never for critical', () => {
    const routes = [
      { severity: 'high', sinks: ['c', 'gone'] },
      { severity: 'low', sinks: ['a'] },
    ] as const
    expect(sinksFor('high', all, routes)).toEqual(['c'])
    expect(sinksFor('low', all, routes)).toEqual(['a'])
    expect(sinksFor('critical', all, [...routes, { severity: 'critical', sinks: [] } as never])).toHaveLength(5)
  })

  it('T-161: told when new, when worse, and again only after a while', () => {
    const hour = 3_600_000
    const told = noticed(alert(), [], 1_000, '')
    expect(isNotice(alert(), 1_000, hour)).toBe(true)
    expect(isNotice(told, 2_000, hour)).toBe(false)
    expect(isNotice(again(told, signal('high'), 2_000), 2_000, hour)).toBe(true)
    expect(isNotice(again(told, signal(), 2_000), 2_000, hour)).toBe(false)
    expect(isNotice(again(told, signal(), 2_000), 1_000 + hour, hour)).toBe(true)
    expect(isNotice(told, 1_000 + hour, hour)).toBe(false)
    expect(isNotice({ ...alert(), silence: 's' }, 1_000, hour)).toBe(false)
  })
})

describe('silences', () => {
  const silence = (matcher: object) => ({ id: 's', matcher, from: 0, until: 10, reason: 'r', by: 'ana' })

  it('T-175: critical is never silenced, whatever fits', () => {
    expect(silences(silence({ name: 'call.denied' }), alert('high'))).toBe(true)
    expect(silences(silence({ name: 'call.denied' }), alert('critical'))).toBe(false)
  })

  it('all members have to fit, and one without any hides nothing', () => {
    expect(silences(silence({ name: 'call.denied', agent: 'coder', tool: 'fs.write' }), alert())).toBe(true)
    expect(silences(silence({ name: 'call.denied', agent: 'other' }), alert())).toBe(false)
    expect(silences(silence({}), alert())).toBe(false)
    expect(silences(silence({ name: undefined }), alert())).toBe(false)
  })

  it('ends by itself', () => {
    const all = [silence({ name: 'call.denied' })]
    expect(silenceOf(alert(), all, 9)?.id).toBe('s')
    expect(silenceOf(alert(), all, 10)).toBeUndefined()
  })
})

it('the wait doubles up to a quarter of an hour, and chance is half of it', () => {
  expect([1, 2, 3, 4].map((tries) => backoff(tries, 1))).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(backoff(3, 0)).toBe(2_000)
  expect(backoff(1_000, 1)).toBe(900_000)
})
