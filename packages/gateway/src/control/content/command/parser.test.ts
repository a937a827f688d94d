import { beforeAll, describe, expect, it } from 'vitest'
import { analyseCommand, type ParseShell } from '@sallyport/core'
import { SHELL_GRAMMAR, readPinned } from '../../../grammars.ts'
import { createShellParser } from './parser.ts'

let parse: ParseShell
beforeAll(async () => {
  parse = await createShellParser({ now: () => 0 })
})

describe('shell parser', () => {
  it.each([
    ['a | b && c; d &', ['a', 'b', 'c', 'd']],
    ['if a; then b; else c; fi', ['a', 'b', 'c']],
    ['x=$(a) b "$(c `d`)" <(e)', ['a', 'b', 'c', 'd', 'e']],
    ['for i in 1 2; do a; done; while b; do c; done', ['a', 'b', 'c']],
    ['cat <<E\n$(a)\nE', ['a', 'cat']],
    ["cat <<'E'\n$(a)\nE", ['cat']],
    ['f() { a; }; f', ['a']],
  ])('T-150: %j: every command is found', (source, programs) => {
    expect(analyseCommand(source, { parse }).facts.programs).toEqual(programs)
  })

  it('T-160: nesting, length and other shapes made to be slow end as opaque, never as clean', () => {
    const shapes = [
      '$('.repeat(20_000),
      `${'$('.repeat(3_000)}id${')'.repeat(3_000)}`,
      '('.repeat(30_000),
      '{ '.repeat(20_000),
      '`'.repeat(9_999),
      '"'.repeat(9_999),
      `echo ${'{a,b}'.repeat(2_000)}`.padEnd(70_000, 'x'),
      'if '.repeat(10_000),
      '<<E '.repeat(5_000),
      'a'.repeat(70_000),
      '${x:-'.repeat(5_000),
      '[[ '.repeat(10_000),
      'sudo '.repeat(10_000),
      'env '.repeat(10_000),
      'watch '.repeat(5_000),
    ]
    for (const source of shapes) {
      const { verdict, facts } = analyseCommand(source, { parse })
      expect([source.slice(0, 20), verdict, facts.opaque.length]).toEqual([source.slice(0, 20), 'ask', 1])
    }
  })

  it('T-160: wide lines below the limit are read', () => {
    expect(analyseCommand(`echo ${'{a,b}'.repeat(12)}`, { parse }).verdict).toBe('clean')
    expect(analyseCommand('echo a; '.repeat(1_000), { parse }).verdict).toBe('clean')
  })

  it('T-160: a parse over its budget is opaque', async () => {
    let calls = 0
    const slow = await createShellParser({ now: () => calls++ * 200 })
    expect(slow('echo a')).toEqual({ opaque: 'over-budget' })
  })

  it('T-150: a command that only one parser sees is opaque', () => {
    for (const source of ['a ${', 'case $x in a) b', 'f( { a; }', '$(']) expect(parse(source)).toHaveProperty('opaque')
  })

  it('T-150: what the first parser reads and the second does not is opaque', () => {
    expect(parse('echo @(a|b)')).toEqual({ opaque: 'syntax-error' })
    expect(parse('cat <<A <<B\n1\nA\n2\nB')).toEqual({ opaque: 'parsers-disagree' })
  })

  it('T-150: the grammar is the file that was reviewed', () => {
    expect(readPinned(SHELL_GRAMMAR).length).toBeGreaterThan(1_000_000)
    expect(() => readPinned({ ...SHELL_GRAMMAR, sha256: '0'.repeat(64) })).toThrow(/not the file/)
    expect(() => readPinned({ file: 'none.wasm', module: 'none/none.wasm', sha256: '' })).toThrow(/missing/)
  })
})
