import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { namedIn } from '../../scripts/coverage/named.mjs'
import { read, ROOT } from './diagram.ts'

const ids = (text: string): readonly string[] => namedIn('x.test.ts', text).map(({ id }) => id)

describe('the list of IDs', () => {
  const known = JSON.parse(read('docs/coverage/ids.json')) as readonly { id: string; kind: string; title: string }[]

  test('E-01: has every ID once: 34 stories, 147 criteria, and all the rest', () => {
    expect(new Set(known.map(({ id }) => id)).size).toBe(known.length)
    const counts = Object.fromEntries(known.map(({ kind }) => [kind, known.filter((one) => one.kind === kind).length]))
    expect(counts).toMatchObject({ SC: 7, O: 7, SEC: 34, AC: 147, INV: 11, FV: 8, HB: 148, SYS: 16, E: 91, T: 165 })
    expect(known.filter(({ title }) => title.length === 0 || title.length > 90)).toEqual([])
  })
})

describe('which IDs a test names', () => {
  const call = (name: string, rest = '() => 0'): string => `test(${name}, ${rest})`
  test.each([
    ['at the start', call("'AC-1.1.4 AC-1.3.3 T-074: x'"), ['AC-1.1.4', 'AC-1.3.3', 'T-074']],
    ['anywhere', call("'refuses (HB-58) what TM-DISC-001 does'"), ['HB-58', 'TM-DISC-001']],
    ['in templates', call('`E-20 ${what} ND-1.1.b`'), ['E-20', 'ND-1.1.b']],
    ['of describe and it.each', "describe('SC1', () => { it.each([1])('O1 %d', () => 0) })", ['SC1', 'O1']],
    ['in the table that names rows', "const rows = [['T-001 a', 1]]\ntest.each(rows)('%s', () => 0)", ['T-001']],
    ['of tests that run here and there', call("'T-002'").replace('test(', 'test.runIf(true)('), ['T-002']],
    ['not in a skipped test', call("'T-003'").replace('test(', 'test.skip('), []],
    [
      'not in comments, bodies and other calls',
      `// T-004\n${call("'x'", "() => note('T-005')")}\nnote('T-006', 1)`,
      [],
    ],
    ['not as a part of something else', call("'AT-074 T-0745 HB-5x E-1'"), []],
  ])('ND-1.3.a: %s', (_what, text, wanted) => {
    expect(ids(text)).toEqual(wanted)
  })

  test('the command prints every kind and fails below a wanted share', () => {
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, ['scripts/coverage-requirements.mjs', ...args], { cwd: ROOT, encoding: 'utf8' })
    const { status, stdout } = run('--json', '--issue', '1')
    const report = JSON.parse(stdout) as {
      of: number
      unknown: readonly string[]
      rows: readonly { id: string; covered: boolean }[]
    }
    expect(status).toBe(0)
    expect(report.of).toBe(107)
    expect(report.unknown).toEqual([])
    expect(report.rows.find(({ id }) => id === 'AC-1.4.3')).toMatchObject({ covered: true })
    expect(run('--fail-under', '101').status).toBe(1)
    expect(run('--nonsense').status).toBe(2)
  })
})
