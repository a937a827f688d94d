import { describe, expect, it } from 'vitest'
import { CODE_SIGNS } from './code-signs.ts'
import { COMMAND_EFFECTS } from './effects.ts'
import { EMBEDDED_SIGNS } from './embedded.ts'
import { LINE_SIGNS } from './line-signs.ts'
import { METACHARACTERS } from './metacharacters.ts'
import { PATH_RULES } from './path-rules.ts'
import { POWERSHELL_SIGNS } from './powershell.ts'
import { CONTAINER_PROGRAMS } from './programs/containers.ts'
import { DEVELOPMENT_PROGRAMS } from './programs/development.ts'
import { FILE_PROGRAMS } from './programs/files.ts'
import { LANGUAGE_PROGRAMS } from './programs/languages.ts'
import { NETWORK_PROGRAMS } from './programs/network.ts'
import { SYSTEM_PROGRAMS } from './programs/system.ts'
import { readSpecs } from './program-spec.ts'
import { describeProgram, knownProgramCount } from './programs.ts'
import { SPECIALS } from './special/index.ts'

const PATTERNS = [
  ...CODE_SIGNS.map((sign) => ({
    table: 'code',
    ...sign,
    pattern: { test: (code: string) => sign.pattern.test(sign.bare === true ? code.replace(/"[^"]*"/g, '""') : code) },
  })),
  ...EMBEDDED_SIGNS.map((sign) => ({ table: 'embedded', ...sign })),
  ...LINE_SIGNS.map((sign) => ({ table: 'line', ...sign })),
  ...METACHARACTERS.map((sign) => ({ table: 'metacharacter', ...sign })),
  ...POWERSHELL_SIGNS.map((sign) => ({ table: 'powershell', ...sign })),
  ...PATH_RULES.map((rule) => ({
    table: 'path',
    ...rule,
    pattern: { test: (path: string) => rule.pattern.test(path) && rule.except?.test(path) !== true },
  })),
]

describe('command tables', () => {
  it.each(PATTERNS.map((entry) => [`${entry.table} ${entry.id}`, entry] as const))(
    'SEC-3.3: %s fits its positive and not its negative examples',
    (_, { pattern, positive, negative }) => {
      expect(positive.length).toBeGreaterThan(0)
      expect(negative.length).toBeGreaterThan(0)
      expect(positive.filter((text) => !pattern.test(text))).toEqual([])
      expect(negative.filter((text) => pattern.test(text))).toEqual([])
    },
  )

  it('SEC-3.3: every line of the program tables can be read', () => {
    const lines = [
      ...CONTAINER_PROGRAMS,
      ...DEVELOPMENT_PROGRAMS,
      ...FILE_PROGRAMS,
      ...LANGUAGE_PROGRAMS,
      ...NETWORK_PROGRAMS,
      ...SYSTEM_PROGRAMS,
    ]
    for (const line of lines) {
      for (const { name } of readSpecs(line))
        expect([line.slice(0, 40), name]).toEqual([line.slice(0, 40), expect.stringMatching(/^[^\s:|!][^:|]*$|^[:[]$/)])
    }
    expect(knownProgramCount).toBeGreaterThan(2_000)
    expect(() => readSpecs('x : -a=nonsense')).toThrow(/no role/)
    expect(() => readSpecs('x : | read* ! no.effect')).toThrow(/no effect/)
  })

  it('SEC-3.3: every program with a special case is described', () => {
    expect([...SPECIALS.keys()].filter((name) => describeProgram(name, []).spec === undefined)).toEqual([])
  })

  it('SEC-3.3: an effect is never harmless by default, and its id names its category', () => {
    for (const [id, { verdict }] of Object.entries(COMMAND_EFFECTS)) {
      expect([id, verdict]).toEqual([
        expect.stringMatching(/^[a-z]+\.[a-z-]+$/),
        expect.stringMatching(/^(ask|block)$/),
      ])
    }
  })
})
