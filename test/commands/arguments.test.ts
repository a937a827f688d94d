import { beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { bindArgument, type ParseShell } from '@sallyport/core'
import { ARGUMENT_CASES } from './arguments.ts'
import { shellParser } from './shell-parser.ts'

let parse: ParseShell
beforeAll(async () => {
  parse = await shellParser()
})

const bind = (template: string, argument: string): ReturnType<typeof bindArgument> =>
  bindArgument(template, argument, { parse })

/** The element that holds the argument, byte for byte. */
const whole = (template: string, argument: string): string =>
  (template.split(' ').find((word) => word.includes('{arg}')) ?? '').replace('{arg}', () => argument)

describe('data in a command', () => {
  it('AC-3.3.1: options, code and forbidden places are refused, whatever the quoting', () => {
    const passed = ARGUMENT_CASES.flatMap(({ template, refused }) =>
      refused
        .filter((argument) => bind(template, argument).verdict === 'clean')
        .map((argument) => [template, argument]),
    )
    expect(passed).toEqual([])
  })

  it('AC-3.3.1: shell syntax is one element or refused', () => {
    for (const { template, harmless } of ARGUMENT_CASES) {
      for (const argument of harmless) {
        const { verdict, argv } = bind(template, argument)
        if (verdict === 'clean') expect(argv).toContain(whole(template, argument))
      }
    }
  })

  it('AC-3.3.1: ordinary arguments arrive byte for byte', () => {
    const changed = ARGUMENT_CASES.flatMap(({ template, ordinary }) =>
      ordinary
        .map((argument) => ({ argument, ...bind(template, argument) }))
        .filter(
          ({ argument, verdict, argv }) => verdict !== 'clean' || argv?.includes(whole(template, argument)) !== true,
        )
        .map(({ argument, reasons }) => [template, argument, reasons]),
    )
    expect(changed).toEqual([])
  })

  it('AC-3.3.1: argument vector out equals in, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (argument) => {
        const { argv } = bind('git commit -m {arg} --no-verify', argument)
        if (argument.includes('\0')) return argv === undefined
        return argv === undefined || (argv.length === 5 && argv[3] === argument && argv[4] === '--no-verify')
      }),
    )
  })

  it('E-35: templates that need a shell are refused', () => {
    for (const template of [
      'cat {arg} | sh',
      'echo $X {arg}',
      'a > {arg}',
      '{arg} x',
      'echo {arg} {arg}',
      'echo',
      "echo '{arg}",
    ]) {
      expect([template, bind(template, 'x')]).toMatchObject([template, { verdict: 'block' }])
    }
  })

  it('E-35: a placeholder inside quotes or inside a word is still one element', () => {
    expect(bind('git log "--author={arg}"', 'a" $(id) b').argv).toEqual(['git', 'log', '--author=a" $(id) b'])
    expect(bind("echo 'x {arg} y'", "'; id; '").argv).toEqual(['echo', "x '; id; ' y"])
  })

  it('E-35: part of a program or of an address stays that part', () => {
    const refused: readonly (readonly [string, string])[] = [
      ['sed s/x/{arg}/ f', 'a/e;s/b'],
      ['psql -c "SELECT * FROM t WHERE id = {arg}" dev', "1' OR '1'='1"],
      ['curl https://api.test/u/{arg}', '../admin'],
      ['curl https://{arg}.api.test/u', 'evil.test/'],
      ['ssh host ls {arg}', 'a; id'],
      ['ssh host {arg}', 'reboot'],
    ]
    for (const [template, argument] of refused)
      expect([template, bind(template, argument).verdict]).not.toEqual([template, 'clean'])
    expect(bind('sed s/x/{arg}/ f', 'new value').argv).toEqual(['sed', 's/x/new value/', 'f'])
    expect(bind('curl https://api.test/u/{arg}', 'mia%20k?x=1').verdict).toBe('clean')
  })

  it('ND-3.3.a: a null byte cannot be passed', () => {
    expect(bind('echo {arg}', 'a\0b')).toMatchObject({ verdict: 'block', argv: undefined })
  })
})
