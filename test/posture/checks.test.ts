import { POSTURE_SEVERITIES } from '@sallyport/core'
import { describe, expect, test } from 'vitest'
import { findingsOf, judge } from '../../packages/gateway/src/assurance/posture/check.ts'
import { POSTURE_CHECKS } from '../../packages/gateway/src/assurance/posture/checks.ts'
import { notInstalled, unseen, type Facts } from '../../packages/gateway/src/assurance/posture/facts.ts'
import { facts, gateway, yaml } from './fixtures.ts'

const found = (machine: Facts): readonly string[] =>
  findingsOf(judge(POSTURE_CHECKS, machine)).map(({ id, severity }) => `${severity} ${id}`)

describe('a machine on which everything is as it should be', () => {
  test('E-76: passes every check, each of which says what it looked at', () => {
    const judged = judge(POSTURE_CHECKS, facts())
    expect(
      judged.filter(({ outcome }) => outcome.state !== 'fine').map(({ check, outcome }) => [check.id, outcome]),
    ).toEqual([])
    expect(judged.filter(({ outcome }) => outcome.state === 'fine' && outcome.proof === '')).toEqual([])
  })
})

describe('the table of checks', () => {
  test('HB-118: every row up to HB-139 has its check, with the id of the specification', () => {
    const rows = POSTURE_CHECKS.flatMap(({ requirements, id }) => requirements.map((one) => [one, id] as const))
    const wanted = Array.from({ length: 22 }, (_, at) => `HB-${118 + at}`)
    expect(wanted.filter((row) => !rows.some(([one]) => one === row))).toEqual([])
    expect(POSTURE_CHECKS.map(({ id }) => id)).toEqual(expect.arrayContaining(SPECIFIED))
  })

  test('ND-7.1.b: ids are unique, and severities are written worst first', () => {
    const ids = POSTURE_CHECKS.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, severities } of POSTURE_CHECKS) {
      expect(id).toMatch(/^[a-z]+\.[a-z0-9_]+$/)
      expect([...severities]).toEqual(POSTURE_SEVERITIES.filter((one) => severities.includes(one)))
    }
  })
})

describe('what cannot be looked at', () => {
  test('FV-1: is unknown, never clean, for every part of the machine and every check that needs it', () => {
    for (const part of ['config', 'files', 'policy', 'level', 'agents', 'gateway', 'deep'] as const) {
      const machine = { ...facts(), [part]: unseen('It cannot be read.') }
      const wrong = judge(POSTURE_CHECKS, machine).filter(
        ({ check, outcome }) => check.needs.includes(part) && outcome.state !== 'unknown',
      )
      expect(wrong.map(({ check }) => check.id)).toEqual([])
    }
  })

  test('FV-1: a check that throws is unknown', () => {
    const broken = { ...facts(), files: { state: 'known', value: null } } as unknown as Facts
    const states = judge(POSTURE_CHECKS, broken).filter(({ check }) => check.category === 'filesystem')
    expect(new Set(states.map(({ outcome }) => outcome.state))).toEqual(new Set(['unknown']))
  })

  test('HB-125: a feature that is not installed is said as info', () => {
    const machine = { ...facts(), memory: notInstalled('There is no memory.') }
    expect(
      findingsOf(judge(POSTURE_CHECKS, machine)).map(({ id, severity, detail }) => [id, severity, detail]),
    ).toEqual([
      ['data.memory_source', 'info', 'Not installed: There is no memory.'],
      ['data.gdpr_erasure', 'info', 'Not installed: There is no memory.'],
    ])
  })
})

describe('what was accepted', () => {
  test('E-71: is a finding all the same, and says who accepted it', () => {
    const machine = facts(
      yaml('mode: shadow\nacknowledgeInsecure: { mode: { reason: for a test, by: ana, expires: 2027-06-01 } }'),
    )
    const one = findingsOf(judge(POSTURE_CHECKS, machine)).find(({ id }) => id === 'config.insecure')
    expect(one?.detail).toContain('Accepted by ana until 2027-06-01')
    expect(one?.fix).toMatchObject({ kind: 'set', at: ['mode'], value: 'enforce' })
  })

  test('AC-2.3.2: without a gateway nothing was seen, and nothing is made up', () => {
    const machine = { ...facts(gateway({ forwardedSeen: true })), gateway: unseen('None runs.', false) }
    expect(found(machine)).not.toContain('medium gateway.proxy_no_trusted')
  })
})

const SPECIFIED = [
  ...['identity.charter', 'identity.skill_scope', 'identity.approval_gate', 'identity.surface_separation'],
  ...['identity.a2a_allowlist', 'data.secret_location', 'data.output_sanitizer', 'data.memory_source'],
  ...['data.gdpr_erasure', 'data.provider_terms', 'network.ssrf', 'network.egress_allowlist', 'network.a2a_tokens'],
  ...['network.tls', 'monitoring.tool_log', 'monitoring.skill_failures', 'monitoring.drift'],
  ...['monitoring.spend_budget', 'supply.skill_review', 'supply.skill_hash', 'supply.mcp_allowlist'],
  'supply.dependency_review',
]
