import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import type { Sallyport } from '../../packages/sdk/src/index.ts'
import { operatorOf, type TestOperator } from '../approvals/operator.ts'
import { confinedGateway, confinedGround, type Ground } from './confined.ts'
import { hasSandbox } from './machine.ts'

const ASKS = `@id("elevated") @decision("approve") @severity("high")
forbid (principal, action, resource in Server::"elevated") unless { context.approved };
`

describe.skipIf(!hasSandbox)('what runs a command line', () => {
  let ground: Ground
  let gateway: Gateway
  let sp: Sallyport
  let ana: TestOperator

  beforeAll(async () => {
    ground = await confinedGround()
    const servers = `
  plain: { trust: trusted, commands: { line: {} }, cwd: ${ground.work} }
  elevated: { trust: trusted, commands: { line: {} }, cwd: ${ground.work}, sandbox: { workspace: rw } }
`
    ;({ gateway, sp } = await confinedGateway(ground, servers, '', ASKS))
    ana = operatorOf(gateway)
    await ana.claim()
  }, 60_000)
  afterAll(async () => {
    await sp.close()
    await gateway.close()
    await ground.remove()
  })

  const outcomeOf = async (tool: string): Promise<Record<string, unknown> | undefined> =>
    (await gateway.store.readLog({ kind: 'outcome', limit: 500 }))
      .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
      .findLast(({ toolName }) => toolName === tool)
  const stdoutOf = (result: unknown): string =>
    (result as { readonly structuredContent: { readonly stdout: string } }).structuredContent.stdout

  /** What a command says that waits for Ana, who agrees. */
  async function agreed(tool: string, command: string): Promise<string> {
    const answer = sp.call(tool, { command }).then((result) => JSON.stringify(result))
    await expect.poll(() => ana.waiting(), { timeout: 20_000 }).toHaveLength(1)
    for (const { id } of await ana.waiting()) await ana.approve(id)
    return answer
  }

  test('INV-10 AC-6.1.1: where nothing is said of a sandbox it is one all the same: system calls filtered, no privilege, bounded', async () => {
    const status = stdoutOf(await sp.call('plain.line', { command: 'cat /proc/self/status /proc/self/limits' }))
    expect(status).toMatch(/^Seccomp:\t2$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) expect(status).toMatch(new RegExp(`^Cap${set}:\t0+$`, 'm'))
    expect(await outcomeOf('plain.line')).toMatchObject({ confinement: 'bubblewrap: tool' })
    const fork =
      'for (1 .. 300) { my $p = fork; if (!defined $p) { print "no $_"; last } if (!$p) { close STDOUT; sleep 5; exit } }'
    expect(await agreed('plain.line', `perl -e '${fork}'`)).toMatch(/"no \d{1,3}"/)
  })

  test('ND-7.3.a E-60 INV-4 INV-10: what a human agreed to runs inside like anything else: an approval opens the call, not the sandbox', async () => {
    const command = `cat ${ground.outside}; echo seen >&2; touch ${ground.path}/made-outside`
    const said = await agreed('elevated.line', command)
    expect(said).toContain('seen')
    expect(said).not.toContain('canary-of-the-host')
    expect(existsSync(join(ground.path, 'made-outside'))).toBe(false)
    expect(await outcomeOf('elevated.line')).toMatchObject({ confinement: 'bubblewrap: sandbox' })
  }, 60_000)
})
