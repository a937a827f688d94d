import { describe, expect, test } from 'vitest'
import { postureFingerprint, type PostureBaseline, type PostureFinding } from '@sallyport/core'
import { auditPosture } from '../../packages/gateway/src/assurance/posture/audit.ts'
import { unseen } from '../../packages/gateway/src/assurance/posture/facts.ts'
import { junit } from '../../packages/gateway/src/assurance/posture/report/junit.ts'
import { markdown } from '../../packages/gateway/src/assurance/posture/report/markdown.ts'
import { sarif } from '../../packages/gateway/src/assurance/posture/report/sarif.ts'
import { table } from '../../packages/gateway/src/assurance/posture/report/table.ts'
import { sarifErrors } from '../setup/official-schemas.ts'
import { facts, yaml } from './fixtures.ts'

const HOSTILE = 'x"><script>alert(1)</script> | ``` @everyone [a](javascript:b) \u202e\u001b[31m\u0000'
const hostile: PostureFinding = {
  ...{ id: 'host.mcp_bypass', severity: 'high', subject: HOSTILE, detail: HOSTILE, remediation: `Fix ${HOSTILE}` },
  ...{ why: HOSTILE, file: '/home/ana/odd name/ä#?.json', line: 3 },
}
const accepted: PostureFinding = {
  ...{ id: 'host.other', severity: 'high', subject: 's', detail: 'It is so.', remediation: 'Do this, then that.' },
}
const baseline: PostureBaseline = {
  version: 1,
  findings: [
    {
      ...{ fingerprint: postureFingerprint(accepted), id: accepted.id, subject: 's', severity: 'high' },
      ...{ reason: 'It is a test machine.', by: 'ana', expires: '2027-01-31' },
    },
    {
      ...{ fingerprint: 'f'.repeat(64), id: 'gone.finding', subject: 's', severity: 'low' },
      ...{ reason: 'It was there once.', by: 'ana', expires: '2027-01-31' },
    },
  ],
}
const machine = { ...facts(yaml('audit: { retention: 7d }')), policy: unseen('It cannot be read.') }
const report = auditPosture(machine, { baseline, more: [hostile, accepted] })
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/

interface Sarif {
  readonly version: string
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly level: string
      readonly message: { readonly text: string }
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string }
          readonly region: { readonly startLine: number }
        }
      }[]
      readonly partialFingerprints: Readonly<Record<string, string>>
      readonly suppressions?: readonly { readonly status: string; readonly justification: string }[]
    }[]
  }[]
}

describe('a report', () => {
  test('ND-7.1.a: SARIF has each finding with its rule, place and fingerprint; what was accepted is suppressed with a name', () => {
    const log = JSON.parse(JSON.stringify(sarif(report, '1.0.0', '/home/ana'))) as Sarif
    expect(sarifErrors(log)).toEqual([])
    const [run] = log.runs
    const results = run?.results ?? []
    expect([log.version, results.length]).toEqual(['2.1.0', report.findings.length + 1])
    for (const { ruleId, ruleIndex, partialFingerprints, locations } of results) {
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
      expect(partialFingerprints['sallyport/posture/1']).toMatch(/^[0-9a-f]{64}$/)
      expect(locations[0]?.physicalLocation.region.startLine).toBeGreaterThan(0)
    }
    const uris = results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri)
    expect(uris).toContain('odd%20name/%C3%A4%23%3F.json')
    expect(uris).toContain('file:///etc/sallyport/sallyport.yaml')
    expect(results.find(({ ruleId }) => ruleId === 'host.other')?.suppressions?.[0]).toMatchObject({
      status: 'accepted',
      justification: 'ana: It is a test machine.',
    })
    expect(JSON.stringify(log)).not.toMatch(/\\u202e|\\u001b|\\u0000/)
  })

  test('T-147: no form lets text of a file draw, link, mention or end an element', () => {
    const forms = [table(report, false).join('\n'), junit(report, 'high'), markdown(report)]
    for (const form of forms) expect(form).not.toMatch(CONTROL)
    expect(forms[1]).not.toContain('<script')
    expect(forms[2]).not.toMatch(/(?<!`.*)<script>(?!.*`)/)
    expect(forms[2]).not.toMatch(/(?:^|\s)@everyone(?!.*`)/m)
  })

  test('ND-7.1.a: JUnit fails from the threshold on; what could not be seen is an error, what passed passes', () => {
    const high = junit(report, 'high')
    expect(high).toContain('<failure type="high"')
    expect(high).not.toContain('<failure type="medium"')
    expect(junit(report, 'medium')).toContain('<failure type="medium"')
    const [, tests, failures, errors] = /tests="(\d+)" failures="(\d+)" errors="(\d+)"/.exec(high) ?? []
    expect([Number(failures), Number(errors)]).toEqual([1, report.unknown.length])
    expect(high.match(/<testcase /g)?.length).toBe(Number(tests))
    expect(high.match(/<testcase [^>]*[^/]>/g)?.length).toBe(high.match(/<\/testcase>/g)?.length ?? 0)
  })

  test('E-72: Markdown and the table name who accepted what, which entries do nothing, and that the audit is not complete', () => {
    for (const form of [markdown(report), table(report, false).join('\n')]) {
      expect(form).toContain('ana until 2027-01-31')
      expect(form).toContain('There is no such finding any more.')
      expect(form).toMatch(/not complete/i)
      expect(form).toContain('monitoring.tool_log')
    }
    expect(report.complete).toBe(false)
  })

  test('without findings each form says so', () => {
    const clean = auditPosture(facts())
    expect([clean.findings, clean.complete, clean.score]).toEqual([[], true, 100])
    expect(markdown(clean)).toContain('Nothing above info was found.')
    expect(table(clean, true)[0]).toContain('Nothing above info was found.')
    expect(junit(clean, 'critical')).toContain('failures="0" errors="0"')
  })
})
