import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type ts from 'typescript'
import { compile, ROOT, textOf } from './program.ts'
import { PLANTED } from './planted.ts'
import { RULES, type Finding } from './rules.ts'

const at = ({ rule, file, line }: Finding): string => `${file}:${line} ${rule}`
const findings = (program: ts.Program): readonly Finding[] => RULES.flatMap((rule) => rule.find(program))

describe('the one way through', () => {
  let clean: readonly string[]
  let red: readonly Finding[]
  beforeAll(() => {
    const program = compile()
    clean = findings(program).map(at)
    const edits = PLANTED.map(
      ({ file, edit }) => [file, edit(existsSync(`${ROOT}/${file}`) ? textOf(file) : '')] as const,
    )
    red = findings(compile(Object.fromEntries(edits), program))
  }, 180_000)

  test('SC1 O1 AC-1.1.1 AC-1.4.3 INV-5 E-16: nothing but the crossing reaches an executor, a token or a server', () => {
    expect(clean).toEqual([])
  })

  test.each(PLANTED)('AC-1.3.3 AC-1.4.3 ND-1.3.a: found when planted: $what', ({ file, rule }) => {
    const fresh = red.filter((finding) => finding.file === file && !clean.includes(at(finding)))
    expect(fresh.map((finding) => finding.rule)).toContain(rule)
  })

  test('AC-1.4.3: every rule has a planted bypass', () => {
    expect(RULES.map((rule) => rule.name).filter((name) => !PLANTED.some(({ rule }) => rule === name))).toEqual([])
  })
})
