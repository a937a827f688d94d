import { describe, expect, test } from 'vitest'
import { parseTerms } from '../prose/rule.ts'
import { commentStyleOf } from './language.ts'
import { matchCode } from './match.ts'
import { readCode } from './read.ts'
import { CODE_RULES } from './rules.ts'
import { SIGNS } from './signs.ts'

const read = ([language, code]: readonly [string, string]) =>
  readCode(code, { language, comments: commentStyleOf(language) })
/** Signs that reading adds to those of the table. */
const COMPUTED = ['only-env', 'endless-busy']

describe('rules over code', () => {
  test('HB-104: every term of every rule is a sign', () => {
    const known = new Set([...SIGNS.map(({ id }) => id), ...COMPUTED])
    const terms = CODE_RULES.flatMap(({ when }) => when.flatMap(parseTerms))
    expect(terms.flatMap(({ first, second }) => [...first, ...second]).filter((id) => !known.has(id))).toEqual([])
  })

  for (const [index, rule] of CODE_RULES.entries())
    test(`HB-98 TM-PERSIST-001: ${rule.id} (${index}) finds what it is for and nothing near it`, () => {
      expect(rule.positive.filter((code) => matchCode([read(code)], [rule]).length === 0)).toEqual([])
      const graver = (code: readonly [string, string]) =>
        matchCode([read(code)]).filter(({ rule: { severity } }) => severity !== 'medium')
      expect(rule.negative.flatMap(graver).map(({ rule: { id } }) => id)).toEqual([])
    })

  test('TM-EXFIL-003: what is collected in one file and sent in another is seen together', () => {
    const collect = read([
      'python',
      'd = {k: v for k, v in os.environ.items() if any(p in k for p in ["KEY", "TOKEN"])}',
    ])
    const send = read(['python', 'requests.post(URL, json=d)'])
    expect(matchCode([collect]).map(({ rule }) => rule.id)).toEqual([])
    expect(matchCode([collect, send]).map(({ rule }) => rule.id)).toContain('exfiltration.environment-sent')
  })

  test('HB-98: comments and documentation strings are no code', () => {
    expect(
      matchCode([read(['python', '# eval(x) and exec(y) are avoided\n"""never call eval(x)"""\nprint(1)\n'])]),
    ).toEqual([])
    expect(matchCode([read(['javascript', '// eval(x)\n/* new Function(y) */\nconsole.log(1)\n'])])).toEqual([])
  })
})
