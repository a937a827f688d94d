import { describe, expect, test } from 'vitest'
import { riskyVariables } from './variables.ts'

const names = (env: Record<string, string>): readonly string[] => riskyVariables(env).map(({ name }) => name)

describe('variables that change what programs load or trust', () => {
  test.each([
    { LD_PRELOAD: '/tmp/a.so' },
    { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    { NODE_OPTIONS: '--max-old-space-size=4096 --require ./a.cjs' },
    { NODE_OPTIONS: '--inspect=0.0.0.0' },
    { NODE_OPTIONS: '-r ./a.cjs' },
    { SSLKEYLOGFILE: '/tmp/keys' },
    { JAVA_TOOL_OPTIONS: '-javaagent:/tmp/a.jar' },
  ])('ND-7.1.b: %j is one', (env) => expect(names(env)).toEqual(Object.keys(env)))

  test.each([
    { NODE_OPTIONS: '--max-old-space-size=4096' },
    { NODE_TLS_REJECT_UNAUTHORIZED: '1' },
    { LD_PRELOAD: '' },
    { JAVA_TOOL_OPTIONS: '-Xmx1g' },
    { PATH: '/usr/bin', ld_preload: '/tmp/a.so' },
  ])('ND-7.1.b: %j is none', (env) => expect(names(env as Record<string, string>)).toEqual([]))

  test('HB-51: values are told of nobody', () => {
    expect(JSON.stringify(riskyVariables({ GIT_SSH_COMMAND: 'ssh -i /k s3cr3t' }))).not.toContain('s3cr3t')
  })
})
