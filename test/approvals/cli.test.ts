import { createHash, generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callDigest } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, loadConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { approvalsCommands } from '../../packages/gateway/src/cli/approvals/commands.ts'
import { signChallenge } from '../../packages/gateway/src/control/presence/challenge.ts'
import type { ApprovalService } from '../../packages/gateway/src/control/approvals/approvals.ts'
import { asked, binding } from './setup.ts'
import { cliCommand, inTerminal, piped, type Step } from './terminal.ts'

const PIN = 'correct-horse-9'

describe('deciding at a terminal', () => {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-cli-'))
  const stateDir = join(home, 'state')
  let gateway: Gateway
  let approvals: ApprovalService
  let n = 0
  beforeAll(async () => {
    gateway = await createGateway(loadConfig(undefined, { env: {}, stateDir, now: Date.now() }), { stateDir })
    await gateway.listen()
    approvals = gateway.ports.approvals as ApprovalService
  }, 60_000)
  afterAll(async () => {
    await gateway.close()
    rmSync(home, { recursive: true })
  })

  const cli = (...args: string[]): readonly string[] => cliCommand([...args, '--state', stateDir])
  const hold = async (more: Parameters<typeof asked>[0] = {}): Promise<{ id: string; of: { instance: string } }> => {
    const of = { instance: `cli-${++n}` }
    const result = await approvals.request(asked(more, of), 0)
    if (result.state !== 'pending') throw new Error(JSON.stringify(result))
    return { id: result.approvalId, of }
  }
  const stateOf = async (id: string): Promise<string> => {
    const shown = await approvals.show(id)
    return shown.ok ? shown.value.approval.state : shown.code
  }
  const typePin = (pin = PIN): readonly Step[] => [{ waitFor: 'Ctrl-C to leave: ', type: `${pin}\r` }]
  const alerts = async (name: string): Promise<number> =>
    (await gateway.store.readLog({ kind: 'alert', limit: 1000 })).filter(({ body }) =>
      body.includes(`"name":"${name}"`),
    ).length

  it('T-007: claiming refuses pipes, script, setsid and every flag; the gateway stays unclaimed and prints no secret', async () => {
    const command = cli('init', '--claim', '--as', 'ann')
    for (const done of await Promise.all([
      piped(command, `${PIN}\n${PIN}\n`),
      piped(command, `${PIN}\n${PIN}\n`, true),
      piped([...command, '--json'], ''),
      piped([...command, '--no-input'], ''),
      piped(['script', '-qefc', command.map((word) => `'${word}'`).join(' '), '/dev/null'], `${PIN}\r${PIN}\r`),
    ])) {
      expect(done.code, done.out).toBe(4)
      expect(done.out).toContain('SP_CLI_NEEDS_TERMINAL')
    }
    expect(gateway.presence.claimed()).toBe(false)
  }, 60_000)

  it('T-007: an agent that owns the terminal cannot claim', async () => {
    const agent = join(home, 'claude')
    writeFileSync(agent, '#!/bin/sh\n"$@"\n', { mode: 0o755 })
    const played = await inTerminal(
      [agent, ...cli('init', '--claim', '--as', 'ann')],
      [{ waitFor: 'New PIN: ', type: `${PIN}\r` }],
    )
    expect(played.code).toBe(4)
    expect(played.screen).toContain('belongs to an agent')
    expect(gateway.presence.claimed()).toBe(false)
  }, 60_000)

  it('a human claims with a PIN typed twice; weak ones are refused; nothing typed is shown', async () => {
    const played = await inTerminal(cli('init', '--claim', '--as', 'ann'), [
      { waitFor: 'New PIN: ', type: '12345678\r' },
      { waitFor: 'more than digits', type: '' },
      { waitFor: 'New PIN: ', type: `${PIN}\r` },
      { waitFor: 'The same again: ', type: `${PIN}\r` },
    ])
    expect(played, played.screen).toMatchObject({ code: 0, unplayed: 0 })
    expect(played.screen).not.toContain(PIN)
    expect((await gateway.presence.status()).operators).toMatchObject([{ id: 'operator:ann', state: 'ready' }])
    const again = await inTerminal(cli('init', '--claim', '--as', 'eve'), [{ waitFor: 'New PIN: ', type: `${PIN}\r` }])
    expect(again.code).toBe(4)
  }, 90_000)

  it('ND-5.3.a: the CLI shows the call, takes the PIN and the executor accepts the proof', async () => {
    const { id, of } = await hold()
    const played = await inTerminal(cli('approvals', 'approve', id, '--reason', 'fine'), typePin())
    expect(played.code, played.screen).toBe(0)
    expect(played.screen).toContain('"bob@corp.com"')
    expect(played.screen).not.toContain(PIN)
    const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding(of)) } as const
    expect(await approvals.redeem(evidence, binding(of))).toMatchObject({ ok: true })
    const log = await gateway.store.readLog({ kind: 'approval.resolved', limit: 10 })
    expect(log.at(-1)?.body).toContain('"decidedBy":"operator:ann"')
  }, 60_000)

  it('T-001: stdin pipe, yes, setsid, script and every flag of --help: exit 4, still pending, one alert each', async () => {
    const { id } = await hold()
    const before = await alerts('presence.refused')
    const approve = cli('approvals', 'approve', id)
    const flags = (approvalsCommands.find(({ path }) => path === 'approvals approve')?.options ?? []).map(
      ([flag]) => flag,
    )
    const values: Record<string, string> = {
      '--scope <scope>': 'once',
      '--for <time>': '1h',
      '--reason <text>': PIN,
      '--as <operator>': 'ann',
    }
    const runs = await Promise.all([
      piped(approve, `${PIN}\n`),
      piped(approve, 'y\n'.repeat(1000)),
      piped(approve, `${PIN}\n`, true),
      piped(['script', '-qefc', approve.map((word) => `'${word}'`).join(' '), '/dev/null'], `${PIN}\r`),
      piped([...approve, '--json'], `${PIN}\n`),
      piped([...approve, '--no-input'], `${PIN}\n`),
      ...flags.map((flag) =>
        piped([...approve, flag.split(' ')[0] ?? '', ...(flag in values ? [values[flag] ?? ''] : [])], `${PIN}\n`),
      ),
    ])
    for (const done of runs) expect([2, 4], done.out).toContain(done.code)
    expect(runs.filter(({ code }) => code === 4).length).toBeGreaterThanOrEqual(runs.length - 1)
    for (const flag of ['--yes', '--pin', '--force', '-y', '--password', '--token'])
      expect((await piped([...approve, flag, PIN])).code).toBe(2)
    expect(await stateOf(id)).toBe('pending')
    expect((await alerts('presence.refused')) - before).toBe(runs.filter(({ code }) => code === 4).length)
  }, 120_000)

  it('a wrong PIN, Ctrl-C and Ctrl-D decide nothing', async () => {
    const { id } = await hold()
    const wrong = await inTerminal(cli('approvals', 'approve', id), typePin('wrong-horse-9'))
    expect(wrong.code).toBe(4)
    expect(wrong.screen).toContain('SP_AUTHN_PRESENCE')
    for (const key of ['\u0003', '\u0004']) {
      const left = await inTerminal(cli('approvals', 'approve', id), [{ waitFor: 'Ctrl-C to leave: ', type: key }])
      expect(left.code).not.toBe(0)
    }
    expect(await stateOf(id)).toBe('pending')
  }, 90_000)

  it('T-013: an id that was swapped on its way to the terminal shows the call it is of, and a proof for one is none for the other', async () => {
    const wanted = await hold({ args: { to: 'bob@corp.com', body: 'the minutes' } })
    const swapped = await hold({ args: { to: 'mallory@evil.example', body: 'the payroll' } })
    const pasted = await inTerminal(cli('approvals', 'approve', swapped.id), [
      { waitFor: 'Ctrl-C to leave: ', type: '\u0003' },
    ])
    expect(pasted.code).not.toBe(0)
    expect(pasted.screen).toContain('mallory@evil.example')
    expect(pasted.screen).not.toContain('the minutes')
    const asks = await Promise.all([wanted, swapped].map(({ id }) => approvals.challenge(id, 'ab'.repeat(32))))
    const [one, other] = asks.map((each) => (each.ok ? each.value : undefined))
    expect(one?.view).not.toBe(other?.view)
    const decision = {
      operator: 'operator:ann',
      nonce: one?.nonce ?? '',
      notAfter: one?.notAfter ?? 0,
      proof: 'a'.repeat(64),
    }
    for (const view of [one?.view ?? '', other?.view ?? '']) {
      const said = await approvals.approve(
        swapped.id,
        { ...decision, view, scope: { kind: 'once' }, reason: '' },
        'test',
      )
      expect(said.ok).toBe(false)
    }
    for (const { id } of [wanted, swapped]) expect(await stateOf(id)).toBe('pending')
  }, 60_000)

  it('T-035: a request with long values is approved only with --full, which shows every byte', async () => {
    const tail = 'https://evil.example/tail'
    const { id } = await hold({ args: { to: 'bob@corp.com', body: 'a'.repeat(3000) + tail } })
    const short = await inTerminal(cli('approvals', 'approve', id), typePin())
    expect(short.code).toBe(2)
    const full = await inTerminal(cli('approvals', 'approve', id, '--full'), typePin())
    expect(full.code, full.screen).toBe(0)
    expect(full.screen.replace(/\r\n\s+│ /g, '')).toContain(tail)
  }, 60_000)

  it('T-114: --scope tool --for makes a grant that is listed and revoked', async () => {
    const { id, of } = await hold()
    const played = await inTerminal(cli('approvals', 'approve', id, '--scope', 'tool', '--for', '2h'), typePin())
    expect(played.code, played.screen).toBe(0)
    expect(played.screen).toContain('exactly these destinations')
    const bound = binding({ ...of, argsDigest: 'f'.repeat(64) })
    const evidence = await approvals.findGrant(bound, asked().demand, bound.sinks)
    if (evidence?.kind !== 'grant') throw new Error('no grant')
    expect((await piped(cli('approvals', 'grants'))).out).toContain(evidence.grantId)
    expect((await piped(cli('approvals', 'grants', 'revoke', evidence.grantId))).code).toBe(0)
    expect(await approvals.findGrant(bound, asked().demand, bound.sinks)).toBeUndefined()
  }, 60_000)

  it('ls, show, deny and watch need no terminal; every cell is escaped; --json is one value', async () => {
    const { id } = await hold({
      args: { to: 'bob@corp.com', body: '\u001b[2J\u202eevil' },
      reason: 'x\u001b]0;t\u0007',
    })
    const listed = await piped(cli('approvals', 'ls'))
    expect(listed.code).toBe(0)
    expect(listed.out).toContain(id)
    expect(listed.out).not.toMatch(/[\u001b\u202e\u0007]/)
    const json = await piped(cli('approvals', 'ls', '--json'))
    expect((JSON.parse(json.out) as { items: { id: string }[] }).items.map((item) => item.id)).toContain(id)
    const shown = await piped(cli('approvals', 'show', id))
    expect(shown.out).toContain('\\u{1b}[2J\\u{202e}evil')
    expect(shown.out).not.toMatch(/[\u001b\u202e]/)
    expect((await piped(cli('approvals', 'show', id, '--json'))).out).not.toMatch(/[^\n -~]/)
    expect((await piped(cli('approvals', 'deny', id, '--reason', 'no'))).code).toBe(0)
    expect(await stateOf(id)).toBe('denied')
    expect((await piped(cli('approvals', 'deny', id))).code).toBe(5)
    expect((await piped(cli('approvals', 'show', 'nothing'))).code).toBe(2)
  }, 60_000)

  it('T-002: on the socket directly: a decision without proof, with claims of identity or with old bytes is refused', async () => {
    const { id } = await hold()
    const { request } = await import('node:http')
    const post = (
      path: string,
      body: object,
      headers: Record<string, string> = {},
    ): Promise<{ status: number; code: string }> =>
      new Promise((resolve, reject) => {
        const text = JSON.stringify(body)
        const sent = request(
          {
            socketPath: join(stateDir, 'run', 'operator.sock'),
            method: 'POST',
            path,
            headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
          },
          (answer) => {
            let got = ''
            answer.setEncoding('utf8').on('data', (chunk: string) => (got += chunk))
            answer.on('end', () =>
              resolve({
                status: answer.statusCode ?? 0,
                code: (JSON.parse(got || '{}') as { code?: string }).code ?? '',
              }),
            )
          },
        )
        sent.on('error', reject)
        sent.end(text)
      })
    const path = `/api/v1/approvals/${id}/approve`
    const shown = await approvals.show(id)
    const view = createHash('sha256').update('x').digest('hex')
    const notAfter = shown.ok ? shown.value.approval.request.expiresAt : 0
    const body = {
      operator: 'operator:ann',
      nonce: 'a'.repeat(64),
      notAfter,
      proof: 'b'.repeat(64),
      view,
      scope: { kind: 'once' },
    }
    const { approvalView, viewDigest } = await import('@sallyport/core')
    const right = shown.ok ? viewDigest(approvalView({ request: shown.value.approval.request })) : ''
    expect(await post(path, { ...body, view: right })).toEqual({ status: 403, code: 'SP_AUTHN_PRESENCE' })
    expect((await post(path, {})).status).toBe(422)
    for (const claim of ['approver', 'scopes', 'agent_id', 'role', 'verdict'])
      expect((await post(path, { ...body, view: right, [claim]: 'admin' })).status, claim).toBe(422)
    for (const header of ['x-user', 'x-approver', 'x-scopes', 'authorization'])
      expect((await post(path, { ...body, view: right }, { [header]: 'admin' })).status, header).toBeGreaterThanOrEqual(
        400,
      )
    expect(await stateOf(id)).toBe('pending')
  }, 60_000)

  it('T-015: another process at the socket, a swapped key or a loose directory: exit 4 and no PIN is asked for', async () => {
    const { id } = await hold()
    const fake = join(home, 'fake')
    mkdirSync(join(fake, 'run'), { recursive: true, mode: 0o700 })
    mkdirSync(join(fake, 'keys'), { mode: 0o700 })
    writeFileSync(join(fake, 'keys', 'identity.pub'), readFileSync(join(stateDir, 'keys', 'identity.pub')))
    const seen: string[] = []
    const { privateKey } = generateKeyPairSync('ed25519')
    const squatter: Server = createServer((incoming, answer) => {
      let got = ''
      incoming.on('data', (chunk: Buffer) => (got += chunk.toString()))
      const reply = async (): Promise<void> => {
        seen.push(`${incoming.url} ${got}`)
        const nonce = new URL(incoming.url ?? '', 'http://x').searchParams.get('nonce') ?? ''
        const real = await approvals.challenge(id, nonce)
        const { signature: _, ...challenge } = real.ok ? real.value : ({} as never)
        answer.setHeader('content-type', 'application/json')
        answer.end(JSON.stringify(signChallenge(challenge, nonce, privateKey)))
      }
      incoming.on('end', () => void reply())
    })
    await new Promise<void>((resolve) => squatter.listen(join(fake, 'run', 'operator.sock'), resolve))
    const played = await inTerminal(cliCommand(['approvals', 'approve', id, '--state', fake]), typePin())
    expect(played.code).toBe(4)
    expect(played.screen).toContain('SP_AUTHN_SERVER')
    expect(played.screen).not.toContain('PIN of')
    expect(seen.join('\n')).not.toContain('proof')
    squatter.close()

    const key = join(stateDir, 'keys', 'identity.pub')
    const away = join(home, 'identity.pub')
    renameSync(key, away)
    symlinkSync(away, key)
    expect((await inTerminal(cli('approvals', 'approve', id), typePin())).screen).toContain('is a link')
    rmSync(key)
    renameSync(away, key)
    chmodSync(key, 0o666)
    expect((await inTerminal(cli('approvals', 'approve', id), typePin())).screen).toContain('can be written by others')
    chmodSync(key, 0o600)
    expect(await stateOf(id)).toBe('pending')
  }, 90_000)

  it('T-027: keys pressed before the question count for nothing', async () => {
    const { id } = await hold()
    const early = await inTerminal(
      ['/bin/sh', '-c', 'sleep 0.2; exec "$@"', 'sh', ...cli('approvals', 'approve', id)],
      [
        { waitFor: '', type: `${PIN}\r${PIN}\r` },
        { waitFor: 'Ctrl-C to leave: ', type: '\u0003', afterMs: 1500 },
      ],
    )
    expect(early.code).not.toBe(0)
    expect(await stateOf(id)).toBe('pending')
  }, 60_000)
})
