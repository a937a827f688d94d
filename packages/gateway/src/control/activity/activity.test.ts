import type { LogRecord } from '@sallyport/core'
import { expect, it } from 'vitest'
import type { LiveEvent } from '../../boundary/ports-live.ts'
import { Activity } from './activity.ts'

const START = Date.parse('2026-11-20T14:32:00.000Z')

function setup() {
  const state = { now: START }
  const events: LiveEvent[] = []
  const activity = new Activity({ now: () => state.now, publish: (event) => void events.push(event) })
  let n = 0
  const call = (policyDecision: string, more: object = {}): string => {
    const auditId = `c${n++}`
    activity.note({
      ...{ kind: 'decision', auditId, timestamp: new Date(state.now).toISOString(), level: 'info', policyDecision },
      ...{
        toolName: 'drive.read',
        toolCategory: 'group:fs',
        agentId: 'support-triage',
        sessionId: 's-1',
        effect: 'read',
        policyRule: ['base'],
      },
      ...{ labels: { integrity: 1, confidentiality: 2 }, parameters: { path: 'customers-q3.csv' }, ...more },
    } as LogRecord)
    return auditId
  }
  const end = (auditId: string): void =>
    activity.note({ kind: 'outcome', auditId, timestamp: '', level: 'info', agentId: 'support-triage' } as LogRecord)
  return { activity, call, end, events, state }
}

it('counts five minutes in 60 points, says who does what now, and forgets', () => {
  const { activity, call, end, state } = setup()
  call('denied')
  state.now += 60_000
  end(call('allowed'))
  const running = call('allowed', { toolName: 'crm.get' })
  call('approval_required')
  expect(activity.show()).toMatchObject({ callsPerMinute: 0.8, asked: 1, denied: 1, agents: 1 })
  const { points, work } = activity.show() as { points: { calls: number }[]; work: object[] }
  expect(points).toHaveLength(60)
  expect(points.map(({ calls }) => calls).filter((calls) => calls > 0)).toEqual([1, 3])
  expect(work).toMatchObject([{ agent: 'support-triage', now: { tool: 'crm.get' }, labels: { integrity: 1 } }])
  end(running)
  expect(activity.show()).toMatchObject({ work: [{ now: null }] })
  state.now += 301_000
  expect(activity.show()).toMatchObject({ callsPerMinute: 0, asked: 0, denied: 0, agents: 0, work: [] })
})

it('tells each call as it happens, and beyond 50 in a second how many of which tool', () => {
  const { call, events, state } = setup()
  for (let i = 0; i < 80; i++) call('allowed')
  expect(events).toHaveLength(50)
  expect(events[0]).toMatchObject({
    topic: 'activity',
    body: { object: 'customers-q3.csv', decision: 'allowed', group: 'group:fs' },
  })
  state.now += 1_000
  call('allowed')
  expect(events.slice(50)).toMatchObject([
    { id: 'counts', body: { n: 30, told: 50, tools: { 'drive.read': 30 } } },
    { body: { decision: 'allowed' } },
  ])
})

it('T-169: names that agents make up take no more room than there is', () => {
  const { activity, call, state } = setup()
  for (let i = 0; i < 1_200; i++) call('denied', { agentId: `made-up-${i}` })
  expect((activity.show() as { work: object[] }).work).toHaveLength(1_000)
  state.now += 400_000
  call('allowed')
  expect((activity.show() as { work: object[] }).work).toHaveLength(1)
})
