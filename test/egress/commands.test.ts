import { randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { TestGateway } from '../e2e/gateway.ts'

const POLICIES = `
network_policies:
  shop:
    binaries: [{ path: /usr/bin/curl }]
    endpoints:
      - { host: api.corp.example, port: 443, protocol: rest, enforcement: enforce, access: read-only }
      - { host: rpc.corp.example, port: 443, protocol: grpc, access: full }
`

describe('egress on the command line', () => {
  const gateway = new TestGateway()
  const file = join(gateway.place, 'policies.yaml')
  beforeAll(async () => {
    writeFileSync(file, POLICIES)
    writeFileSync(join(gateway.place, 'imported.yaml'), gateway.cli('egress', 'import', file).out)
    appendFileSync(
      gateway.config,
      `egress:
  files: [./imported.yaml]
  blocked: ["bad.corp.example:*"]
  rules:
    npm: { preset: npm, agents: [tester] }
`,
    )
    await gateway.start()
  }, 60_000)
  afterAll(() => gateway.close())

  const judged = (...args: string[]) => {
    const { code, out, err } = gateway.cli('egress', 'test', ...args, '--json')
    return { code, said: out === '' ? err : (JSON.parse(out) as Record<string, unknown>) }
  }

  it('imports network policies: what it writes is a file of rules, what it left out is said above them', () => {
    const { code, out } = gateway.cli('egress', 'import', file)
    expect(code).toBe(0)
    expect(out).toMatch(/^# .*names programs.*\n# shop-2: not taken over: .*grpc.*\nversion: 1\n/)
    expect(parse(out)).toMatchObject({ version: 1, rules: { 'shop-1': { hosts: ['api.corp.example:443'] } } })
    const other = gateway.cli('egress', 'import', gateway.config)
    expect(other.code).toBe(2)
    expect(other.err).toContain('network_policies')
    expect(gateway.cli('egress', 'import', join(gateway.place, 'none.yaml')).code).not.toBe(0)
  })

  it('lists rules with where they are said', () => {
    const { code, out } = gateway.cli('egress', 'rules')
    expect(code).toBe(0)
    expect(out).toMatch(/shop-1 .*api\.corp\.example/)
    expect(out).toMatch(/npm .*tester.*registry\.npmjs\.org/)
  })

  it.each([
    [['https://api.corp.example/orders', '--agent', 'tester'], { verdict: 'allowed', rule: 'shop-1' }],
    [['https://api.corp.example/orders', '--agent', 'tester', '--method', 'post'], { reason: 'request_methods' }],
    [['https://api.corp.example:8443/', '--agent', 'tester'], { reason: 'not_allowlisted' }],
    [['https://registry.npmjs.org/left-pad', '--agent', 'tester'], { verdict: 'allowed', rule: 'npm' }],
    [['https://registry.npmjs.org/left-pad', '--agent', 'server:counter'], { reason: 'not_allowlisted' }],
    [['https://bad.corp.example/', '--agent', 'tester'], { reason: 'blocked' }],
    [['https://127.0.0.1/', '--agent', 'tester'], { verdict: 'refused' }],
    [['not a url', '--agent', 'tester'], { reason: 'malformed' }],
  ])('HB-45: says beforehand what would become of %j', (args, wanted) => {
    const { code, said } = judged(...args)
    expect(said).toMatchObject(wanted)
    expect(code).toBe('verdict' in wanted && wanted.verdict === 'allowed' ? 0 : 1)
  })

  it('T-001: to allow a host takes a person; nothing else in the call is enough', async () => {
    const { code, err } = gateway.cli('egress', 'allow', 'new.corp.example', '--for', '5m')
    expect(code).not.toBe(0)
    expect(err).toMatch(/SP_[A-Z_]+/)
    const forged = { nonce: randomBytes(16).toString('hex'), notAfter: Date.now() + 60_000, proof: 'ab'.repeat(32) }
    const direct = await gateway.post('/api/v1/egress/allow', {
      ...{ host: 'new.corp.example', seconds: 300 },
      ...{ proof: { operator: 'operator:ana', ...forged } },
    })
    expect(direct.status).toBeGreaterThanOrEqual(400)
    expect(judged('https://new.corp.example/', '--agent', 'tester').said).toMatchObject({ reason: 'not_allowlisted' })
    expect(gateway.cli('egress', 'allow', 'new.corp.example', '--for', 'ever').err).toContain('30m, 8h or 7d')
  })

  it('says when there is nothing to withdraw or to draft from', () => {
    expect(gateway.cli('egress', 'withdraw', 'new.corp.example')).toMatchObject({ code: 1 })
    expect(gateway.cli('egress', 'draft').code).toBe(1)
  })

  it('a file that was changed by hand into nonsense stops a start, with the rule that is wrong', async () => {
    const imported = join(gateway.place, 'imported.yaml')
    const text = readFileSync(imported, 'utf8')
    await gateway.kill('SIGTERM')
    writeFileSync(imported, text.replace('methods:', 'method:'))
    await expect(gateway.start()).rejects.toThrow(/SP_CONFIG_INVALID[^]*imported\.yaml|imported\.yaml/)
    writeFileSync(imported, text)
  })
})
