import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { bindArgument, quoteForShell, type ParseShell } from '@sallyport/core'
import { shellParser } from './shell-parser.ts'

const SHELLS = ['/bin/sh', '/bin/bash'].filter((shell) => existsSync(shell))

let place: string
let parse: ParseShell
beforeAll(async () => {
  parse = await shellParser()
  place = mkdtempSync(join(tmpdir(), 'sallyport-canary-'))
  writeFileSync(join(place, 'canary'), `#!/bin/sh\n: > "${place}/sung"\n`)
  chmodSync(join(place, 'canary'), 0o755)
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const sung = (): boolean => existsSync(join(place, 'sung'))

const SEPARATORS = [
  ';',
  '&&',
  '||',
  '|',
  '&',
  '\n',
  '$(',
  '`',
  '>',
  '<',
  '<<',
  "'",
  '"',
  '\\',
  '${IFS}',
  '$',
  '*',
  '?',
  '[',
  '{',
  '}',
  '~',
  '!',
  '#',
  ')',
  '\r',
  '\t',
  ' ',
  '-',
  '--',
  '=',
  "$'",
  '<(',
  '%',
  'a',
  'é',
]
const payload = (): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...SEPARATORS, 'CANARY', 'CANARY'), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join('').replaceAll('CANARY', join(place, 'canary')))

describe.runIf(SHELLS.length > 0)('arguments against real programs', () => {
  it('ND-3.3.a E-35: no payload runs the canary, and every argument arrives as it was', () => {
    fc.assert(
      fc.property(payload(), (argument) => {
        const { argv } = bindArgument('printf %s {arg}', argument, { parse })
        if (argv === undefined) return
        const [program = '', ...rest] = argv
        expect(
          execFileSync(program, rest, {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'inherit'],
            env: { PATH: '/usr/bin:/bin' },
          }),
        ).toBe(argument)
        expect(sung()).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  it('AC-3.3.1 E-35: single quotes bring any argument through real shells unchanged', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SHELLS), payload(), (shell, argument) => {
        const line = `printf %s ${quoteForShell(argument)}`
        expect(
          execFileSync(shell, ['-c', line], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'inherit'],
            env: { PATH: '/usr/bin:/bin' },
          }),
        ).toBe(argument)
        expect(sung()).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  it('E-35: the canary does sing when a shell reads it, so silence means something', () => {
    execFileSync(SHELLS[0] ?? '', ['-c', `true; ${join(place, 'canary')}`])
    expect(sung()).toBe(true)
    rmSync(join(place, 'sung'))
  })
})
