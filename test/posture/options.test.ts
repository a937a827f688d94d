import { describe, expect, test } from 'vitest'
import { findingsOf, judge } from '../../packages/gateway/src/assurance/posture/check.ts'
import { POSTURE_CHECKS } from '../../packages/gateway/src/assurance/posture/checks.ts'
import { SECURITY_OPTIONS } from '../../packages/gateway/src/config/security-options.ts'
import { weakenings } from '../../packages/gateway/src/config/weakenings.ts'
import { configured, facts } from './fixtures.ts'

const accept = (paths: readonly string[]): string =>
  `acknowledgeInsecure: ${JSON.stringify(
    Object.fromEntries(paths.map((path) => [path, { reason: 'for a test', by: 'ana', expires: '2027-06-01' }])),
  )}`
/** What may be weakened by an example without being the setting that it is for. */
const ACKNOWLEDGED = SECURITY_OPTIONS.flatMap(({ path, answer }) => (answer === 'acknowledge' ? [path] : []))
/** What the examples of maps name. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  'content.gate.NAME': ['content.gate.group:runtime'],
  'content.code.NAME': ['content.code.group:fs'],
}

describe('settings that are weaker than by default', () => {
  test.each(SECURITY_OPTIONS.map((option) => [`${option.path} (${option.answer})`, option] as const))(
    'E-71 AC-7.2.2: %s stays a finding, and is one once',
    (_name, option) => {
      const known = ACKNOWLEDGED.filter((path) => !path.includes('NAME')).concat(
        option.answer === 'acknowledge' ? (NAMED[option.path] ?? []) : [],
      )
      const machine = facts({ config: configured(`${option.example}\n${accept(known)}`) })
      const config = machine.config.state === 'known' ? machine.config.value.config : undefined
      const paths = config === undefined ? [] : weakenings(config).filter(({ option: one }) => one === option)
      expect(paths.length).toBeGreaterThan(0)
      const told = findingsOf(judge(POSTURE_CHECKS, machine)).filter(({ id }) => id !== 'config.acknowledgement')
      for (const { path } of paths) {
        const about = told.filter(({ subject, detail }) => subject.includes(path) || detail.includes(path))
        const listener = /^(gateway|console)\.(bind|requireTls)$/.test(path)
        const found = listener ? told.filter(({ id }) => /^gateway\.(public_bind|control_ui)/.test(id)) : about
        expect([path, found.length > 0]).toEqual([path, true])
        expect(new Set(about.map(({ id, subject }) => `${id} ${subject}`)).size).toBe(about.length)
      }
    },
  )
})
