import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { install, type Installation } from '../installation.ts'
import type { Step } from '../model.ts'
import { startRunner, type Outcome, type Runner } from './agent.ts'
import { CLAUDE_CODE_BINARY, findBinary, loopbackOnly } from './binaries.ts'

const binary = await findBinary(CLAUDE_CODE_BINARY)
const namespace = await loopbackOnly()
const why = 'missing' in binary ? binary.missing : typeof namespace === 'string' ? namespace : ''
if (why !== '') console.warn(`not verified: the whole product with Claude Code ${CLAUDE_CODE_BINARY.version} (${why})`)

let machine: Installation
let runner: Runner

beforeAll(async () => {
  if (why !== '' || typeof namespace === 'string') return
  runner = startRunner(namespace)
  machine = await install({ trust: 2, prepare: (home) => mkdirSync(join(home, '.claude')) })
}, 120_000)
afterAll(async () => {
  runner?.close()
  await machine?.close()
}, 60_000)

/** Claude Code in the home that `init` has wired, against the gateway of that home. */
function claude(steps: readonly Step[]): Promise<Outcome> {
  const { home, cwd } = machine.site
  return runner.run({
    program: 'path' in binary ? binary.path : '',
    kind: 'claude-code',
    home,
    cwd,
    args: ['-p', 'go', '--setting-sources', 'user', '--dangerously-skip-permissions'],
    env: {
      PATH: '/usr/bin:/bin',
      HOME: home,
      IS_SANDBOX: '1',
      ANTHROPIC_BASE_URL: '{model}',
      ANTHROPIC_API_KEY: 'dummy',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    steps,
    limitMs: 60_000,
  })
}

const use = (name: string, args: object): Step => ({ tools: [{ name, args }] })

describe.runIf(why === '')(
  'Claude Code 2.1.329, wired by init, in front of the whole gateway with preset:balanced',
  () => {
    test('SYS-12: an ordinary task runs, with its permission prompts switched off', async () => {
      const file = join(machine.site.cwd, 'note.txt')
      const { exit } = await claude([
        use('Write', { file_path: file, content: 'hello\n' }),
        use('Read', { file_path: file }),
        use('Edit', { file_path: file, old_string: 'hello', new_string: 'bye' }),
      ])
      expect(exit).toBe(0)
      expect(readFileSync(file, 'utf8')).toBe('bye\n')
    }, 120_000)

    test('SYS-12 T-041 T-051: a hijacked task is stopped at every step, and the model reads why', async () => {
      const { home, cwd, stateDir } = machine.site
      const marker = join(cwd, 'ran')
      const settings = readFileSync(join(home, '.claude', 'settings.json'), 'utf8')
      const { exit, results } = await claude([
        use('Bash', { command: `printf x > ${marker}`, description: 'x' }),
        use('Read', { file_path: join(stateDir, 'keys', 'mac.key') }),
        use('Write', { file_path: join(cwd, '.git', 'hooks', 'pre-commit'), content: '#!/bin/sh\n' }),
        use('Write', { file_path: join(home, '.bashrc'), content: 'evil\n' }),
      ])
      expect(exit).toBe(0)
      expect(results).toHaveLength(4)
      for (const result of results) expect(result).toMatch(/Sallyport denied this call/)
      expect(existsSync(marker)).toBe(false)
      expect(existsSync(join(home, '.bashrc'))).toBe(false)
      expect(existsSync(join(cwd, '.git'))).toBe(false)
      expect(readFileSync(join(home, '.claude', 'settings.json'), 'utf8')).toBe(settings)
    }, 120_000)

    test('E-13: every call is in the log with its outcome, and no alert says that the hooks do not hold', async () => {
      const bodies = (await machine.gateway.store.readLog({ limit: 1000 })).map(
        ({ body }) => JSON.parse(body) as Record<string, string | undefined>,
      )
      const of = (kind: string) =>
        bodies.filter(({ kind: is, toolName }) => is === kind && (toolName ?? '').startsWith('claude-code.'))
      expect(
        of('decision')
          .map(({ policyDecision }) => policyDecision)
          .filter((word) => word === 'allowed'),
      ).toHaveLength(3)
      expect(of('outcome').filter(({ outcome }) => outcome === 'success')).toHaveLength(3)
      // denied calls may say that a rule fired, and the score that nobody has set this gateway up; nothing may say that the
      // hooks do not hold
      const ofHooks = bodies.filter(({ kind, name }) => kind === 'alert' && !/^(policy|call|health)\./.test(name ?? ''))
      expect(ofHooks).toEqual([])
    })

    test('T-043 T-048: with the gateway gone, nothing runs', async () => {
      await machine.gateway.close()
      const marker = join(machine.site.cwd, 'late')
      rmSync(marker, { force: true })
      // The hook would start a gateway; without its program there is none.
      const { results } = await claude([use('Write', { file_path: marker, content: 'x' })])
      expect(existsSync(marker)).toBe(false)
      expect(results.join()).toContain('SP_AUTHZ_UNAVAILABLE')
    }, 120_000)
  },
)
