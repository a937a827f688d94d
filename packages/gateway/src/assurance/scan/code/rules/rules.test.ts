import { describe, expect, it } from 'vitest'
import { createReadSource } from '../read/read-source.ts'
import { CATEGORIES, categoryOf, type RuleLanguage } from '../rule.ts'
import { ALL_RULES, createCodeScanner } from '../scan-code.ts'

const scan = createCodeScanner(await createReadSource({ now: () => performance.now() }))

describe.each(ALL_RULES.map((rule) => [rule.id, rule] as const))('HB-97 … HB-103: %s', (id, rule) => {
  for (const [language, { bad, good }] of Object.entries(rule.examples)) {
    it.each(bad)(`finds in ${language}: %s`, (text) => {
      expect(scan(text, language as RuleLanguage).findings.map((finding) => finding.rule)).toContain(id)
    })
    it.each(good)(`leaves in ${language}: %s`, (text) => {
      const categories = scan(text, language as RuleLanguage).findings.map(({ category }) => category)
      expect(categories).not.toContain(categoryOf(id))
    })
  }
})

describe('the rules', () => {
  it('HB-97 … HB-103: every category has rules, every rule a remedy, and no id is used twice', () => {
    expect(new Set(ALL_RULES.map(({ id }) => categoryOf(id)))).toEqual(new Set(CATEGORIES))
    expect(new Set(ALL_RULES.map(({ id }) => id)).size).toBe(ALL_RULES.length)
    for (const { id, fix, cwe, title } of ALL_RULES) {
      expect(id).toMatch(/^code\.[a-z_]+\.[a-z_]+$/)
      expect(fix.length).toBeGreaterThan(20)
      expect(title.length).toBeGreaterThan(20)
      expect(cwe).toBeGreaterThan(0)
    }
  })

  it('ids are API', () => {
    expect(ALL_RULES.map(({ id }) => id)).toEqual([
      'code.dangerous_execution.shell',
      'code.dangerous_execution.program',
      'code.dangerous_execution.module',
      'code.dangerous_execution.code',
      'code.dangerous_execution.template',
      'code.outbound_network.host',
      'code.deserialization.objects',
      'code.sql_injection.statement',
      'code.sql_injection.clause',
      'code.weak_crypto.digest',
      'code.weak_crypto.cipher',
      'code.weak_crypto.random',
      'code.weak_crypto.strength',
      'code.weak_crypto.verification',
      'code.path_traversal.file',
      'code.path_traversal.archive',
      'code.hardcoded_credentials.secret',
    ])
  })
})
