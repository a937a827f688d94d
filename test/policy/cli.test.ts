import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CliIo, CliOptions, GatewayClient } from '../../packages/gateway/src/cli/command.ts'
import { policyCommands } from '../../packages/gateway/src/cli/policy/commands.ts'
import { cliFrame } from '../cli/frame.ts'
import { folder } from './fixtures.ts'

const GOOD = '// version: 1.0\n@id("read") permit (principal, action in Action::"read", resource);\n'
const TESTS = 'name: t\ntests:\n  - { name: reads, toolCall: { name: read }, expected: { allowed: true } }\n'

async function cli(
  path: string,
  args: readonly string[],
  options: CliOptions = {},
  more: Partial<CliIo> = {},
): Promise<{ code: number; out: string; err: string }> {
  const command = policyCommands.find((spec) => spec.path === path)
  const { run } = (await command?.load?.()) ?? { run: async () => 99 }
  const { io, said } = cliFrame(more)
  return { code: await run(io, args, options), ...said }
}

describe('policy commands', () => {
  it('AC-5.5.2: check and test need no gateway and say with their exit code what they found', async () => {
    const cwd = folder({ 'team.cedar': GOOD, 'team.test.yaml': TESTS })
    const ok = await cli('policy check', [], {}, { cwd })
    expect(ok.code).toBe(0)
    expect(ok.out).toMatch(/stock engine +none/)
    expect(ok.out).toMatch(/tests +\d+ green, 0 red/)
    expect((await cli('policy test', [], { coverage: true }, { cwd })).code).toBe(0)
    expect((await cli('tools test-policy', [], {}, { cwd })).code).toBe(0)
    writeFileSync(join(cwd, 'team.test.yaml'), TESTS.replace('allowed: true', 'allowed: false'))
    const red = await cli('policy test', [], {}, { cwd })
    expect(red.code).toBe(1)
    expect(red.err).toMatch(/^team\.test\.yaml:3:5 reads: expected not allowed, got allow by read/)
    expect((await cli('policy check', [], {}, { cwd })).code).toBe(1)
    writeFileSync(join(cwd, 'team.cedar'), 'permit (principal, action, resource) when { context.labels.taintd };')
    const bad = await cli('policy check', [], {}, { cwd })
    expect(bad.code).toBe(2)
    expect(bad.err).toContain('team.cedar:1:45 ')
  })

  it('ND-5.5.a: coverage below 80 % of the rules, or an untested denial, is a failure', async () => {
    const cwd = folder({
      'team.cedar': `${GOOD}@id("no") forbid (principal, action == Action::"fs.rm", resource);`,
      'team.test.yaml': TESTS,
    })
    const thin = await cli('policy test', [], { coverage: true }, { cwd })
    expect(thin.code).toBe(1)
    expect(thin.out).toContain('denials 0 %')
  })

  it('SEC-5.1: check lists what stock Cedar answers, and --thorough asks 200 requests per bucket', async () => {
    const cwd = folder({
      'x.cedar': `${GOOD}@id("net") forbid (principal, action in Action::"group:nodes", resource) when { ip("::1").isLoopback() && context.facts.count > 3 };`,
    })
    const report = await cli('policy check', [], { thorough: true }, { cwd, json: true })
    const said = JSON.parse(report.out) as {
      stockEngine: object
      selfCheck: { requests: number; skipped: string[]; disagreements: string[] }
    }
    expect(said.stockEngine).toMatchObject({ net: expect.any(String) as string })
    expect(said.selfCheck.disagreements).toEqual([])
    expect(said.selfCheck.skipped).toEqual([])
    expect(said.selfCheck.requests).toBeGreaterThanOrEqual(200 * 10)
  }, 120_000)

  it('AC-5.4.1: diff shows rules and fields, says what widens, and exits 1 when something differs', async () => {
    const cwd = folder({ 'a.cedar': GOOD, 'b.cedar': `${GOOD}@id("all") permit (principal, action, resource);` })
    expect(await cli('policy diff', ['a.cedar', 'a.cedar'], {}, { cwd })).toMatchObject({
      code: 0,
      out: 'no difference\n',
    })
    const wider = await cli('policy diff', ['a.cedar', 'b.cedar'], {}, { cwd })
    expect(wider.code).toBe(1)
    expect(wider.out).toBe('+ all\nmay allow more:\n! all: a new permit\n')
    expect((await cli('policy diff', ['b.cedar', 'a.cedar'], {}, { cwd })).out).toBe('- all\nonly narrows\n')
  })

  it('ND-5.1.a: compile prints the Cedar text of a YAML policy, which loads again', async () => {
    const cwd = folder({
      'p.yaml': 'version: "1.0"\nenforcement: mandatory\nrules:\n  - name: no-exec\n    deny: [exec]\n',
    })
    const { code, out } = await cli('policy compile', ['p.yaml'], {}, { cwd })
    expect(code).toBe(0)
    expect(out).toContain('@id("no-exec.deny")')
    writeFileSync(join(cwd, 'again.cedar'), out)
    expect((await cli('policy check', ['again.cedar'], {}, { cwd })).code).toBe(0)
  })

  it('HB-61: explain says what decides a request, from files alone', async () => {
    const cwd = folder({ 'team.cedar': GOOD })
    const yes = await cli('policy explain', ['{"action": "sample.read"}'], { policy: ['team.cedar'] }, { cwd })
    expect(yes).toMatchObject({ code: 0 })
    expect(yes.out).toMatch(/outcome +allow/)
    const preset = await cli(
      'policy explain',
      ['{"action": "sample.exec", "context": {"facts": {"count": 3}}}'],
      { policy: ['preset:balanced'] },
      { cwd },
    )
    expect(preset.code).toBe(1)
    expect(preset.out).toMatch(/outcome +ask/)
    expect(preset.out).toMatch(/near miss +ask +balanced\.bulk/)
  })

  it('AC-5.4.3: history asks the gateway with its filters', async () => {
    const asked: string[] = []
    const gateway: GatewayClient = {
      request: async (_, path) => {
        asked.push(path)
        return { changes: [] }
      },
      stream: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) }),
      alive: async () => true,
    }
    expect((await cli('policy history', [], { actor: 'operator:ana', limit: '5' }, { gateway })).code).toBe(0)
    expect(asked).toEqual(['/api/v1/policy/history?actor=operator%3Aana&limit=5'])
  })
})
