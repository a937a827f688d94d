import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import type { Sallyport } from '../../packages/sdk/src/index.ts'
import { confinedGateway, confinedGround, type Ground } from './confined.ts'
import { hasSandbox, processesWith } from './machine.ts'
import { byHand, later, typing, type Step, type Typed } from './typing.ts'

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))

describe.skipIf(!hasSandbox)('a whole agent, confined by `sallyport run`', () => {
  let ground: Ground
  let gateway: Gateway
  let sp: Sallyport
  let env: Record<string, string>
  beforeAll(async () => {
    ground = await confinedGround()
    ;({ gateway, sp } = await confinedGateway(ground, '  {}\n'))
    env = { PATH: process.env['PATH'] ?? '', HOME: ground.path, TERM: 'xterm', SECRET_OF_HOST: 'canary-of-environment' }
  }, 60_000)
  afterAll(async () => {
    await sp.close()
    await gateway.close()
    await ground.remove()
  })

  const line = (command: readonly string[], flags: readonly string[] = []): readonly string[] => [
    process.execPath,
    PROGRAM,
    'run',
    ...['--state', join(ground.path, 'state'), '--agent', 'a', '--workspace', ground.work],
    ...flags,
    '--',
    ...command,
  ]
  /** Without a terminal. Not `spawnSync`: the gateway is this process. */
  async function run(command: readonly string[], flags: readonly string[] = []) {
    const [program = '', ...args] = line(command, flags)
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    return { code, out, err }
  }
  const onTerminal = (command: readonly string[], steps: readonly Step[]): Promise<Typed> =>
    typing(line(command), { env, limit: 60_000 }, steps)
  const records = async (kind: string): Promise<Record<string, unknown>[]> =>
    (await gateway.store.readLog({ limit: 10_000 }))
      .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
      .filter((record) => record['kind'] === kind)

  test('INV-4, T-139: it sees its workspace and a home of its own, and nothing of the host', async () => {
    const look = `pwd; cat ${ground.outside}; ls ${ground.path}/state ${homedir()}; env; cat /proc/*/environ; echo kept >~/note`
    const { out, code } = await run(['sh', '-c', look])
    expect(code).toBe(0)
    expect(out).toContain(`${ground.work}\n`)
    expect(out).not.toMatch(/canary|state\.db|keys/)
    expect((await run(['sh', '-c', 'cat ~/note'])).out).toBe('kept\n')
  })

  test('T-001, T-041: neither the operator’s socket nor keys, policy or log are there; the agent’s own socket is', async () => {
    const { out } = await run(['sh', '-c', 'find / -name "*.sock" 2>/dev/null; ls -R /etc/sallyport'])
    expect(out).toContain('/etc/sallyport/run/agent.sock')
    expect(out).not.toMatch(/operator\.sock|state\.db|gateway\.json/)
    const ask = 'curl -s --unix-socket /etc/sallyport/run/agent.sock -H @/etc/sallyport/agents/a/credential'
    const own = await run(['sh', '-c', `${ask} http://localhost/v1/tools`])
    expect(own.code).toBe(0)
    const operator = await run([
      'sh',
      '-c',
      `${ask} http://localhost/api/v1/approvals; ${ask} -X POST http://localhost/api/v1/runs`,
    ])
    expect(operator.out).toMatch(/SP_AUTHZ|SP_API|403|404/)
    expect(operator.out).not.toContain('"approvals"')
  })

  test('T-056: what stands between it and the gateway cannot be moved away', async () => {
    const ways =
      'mv /etc/sallyport /etc/old; rm -rf /etc/sallyport; mkdir /etc/claude-code; echo x >/etc/sallyport/hook.sh'
    const { out } = await run(['sh', '-c', `${ways}; ls /etc/sallyport`])
    expect(out).toContain('agents')
  })

  test('T-142, T-140: a home, state, or what holds one is never shown, however it comes to be named', async () => {
    const tools = join(ground.path, 'tool')
    writeFileSync(tools, '#!/bin/sh\nls $1\n', { mode: 0o755 })
    writeFileSync(join(ground.path, 'package.json'), '{}')
    const shown = await run([tools, ground.path])
    expect(shown.out).toContain('tool')
    expect(shown.out).not.toMatch(/state|outside/)
    rmSync(join(ground.path, 'package.json'))
    for (const path of [join(ground.path, 'state'), join(ground.path, 'state/keys'), ground.path, homedir(), '/']) {
      expect((await run(['true'], ['--show', path])).code, path).toBe(125)
    }
    symlinkSync(tools, join(ground.work, 'linked'))
    expect((await run([join(ground.work, 'linked')])).code).toBe(125)
  })

  test('T-041: a workspace that cannot be tidied is said and keeps nobody waiting', async () => {
    const { code, err } = await run([
      'sh',
      '-c',
      'mkdir ro && cd ro && git init -q . ; cd ..; echo evil >.envrc; chmod 555 .',
    ])
    expect(code).toBe(0)
    expect(err).toContain('.envrc')
    expect(existsSync(join(ground.work, '.envrc'))).toBe(false)
    chmodSync(ground.work, 0o755)
    const bare = await run(['sh', '-c', 'git init -q --bare . && git config core.fsmonitor "touch pwned"'])
    expect(bare.err).toContain('HEAD.from-sandbox')
    for (const name of ['config', 'objects', 'refs', 'hooks', 'info', 'branches', 'description', 'HEAD.from-sandbox'])
      rmSync(join(ground.work, name), { recursive: true, force: true })
  })

  test('AC-6.5.2, AC-6.5.3, T-052: it leaves through the gateway alone, and each attempt is accounted to the agent', async () => {
    const server = createServer((_, response) => response.end('from-the-host')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const at = `http://127.0.0.1:${port}/`
    const { out } = await run(
      [
        'sh',
        '-c',
        `curl -s ${at}; curl -sp ${at}; curl -s -m 3 https://evil.example/; curl -s --noproxy "*" -m 3 ${at}`,
      ],
      ['--allow', `127.0.0.1:${port}`],
    )
    server.close()
    expect(out).toBe('from-the-hostfrom-the-host')
    const seen = (await records('egress')).slice(-3)
    const by = { sandbox: 'run a', agentId: 'a' }
    expect(seen).toMatchObject([
      { ...by, target: at, verdict: 'allowed' },
      { ...by, target: `127.0.0.1:${port}`, verdict: 'allowed' },
      { ...by, target: 'evil.example:443', verdict: 'refused', reason: 'not_allowlisted' },
    ])
  })

  test('T-142: an unknown agent, no program and a state directory as workspace start nothing', async () => {
    const [program = '', ...args] = line(['true'])
    const wrong = (words: readonly string[]): readonly [number | null, string] => {
      const ran = spawnSync(program, words, { env, encoding: 'utf8' })
      return [ran.status, ran.stderr]
    }
    expect(wrong(args.map((word) => (word === ground.work ? join(ground.path, 'state') : word)))[0]).toBe(125)
    expect(wrong(args.map((word) => (word === 'true' ? 'no-such-program' : word)))[0]).toBe(125)
    const unknown = await run(['true'], ['--agent', 'nobody'])
    expect(unknown.code).toBe(125)
    expect(unknown.err).toContain('SP_')
  })

  test('HB-145: an agent that is killed has no way out any more', async () => {
    await gateway.identity.agents.add({ name: 'doomed', by: 'test' })
    const child = run(
      ['sh', '-c', 'echo up; sleep 2; curl -s -m 3 -o /dev/null -w "%{http_code}" http://127.0.0.1:9/'],
      [...['--agent', 'doomed', '--allow', '127.0.0.1:9']],
    )
    await expect
      .poll(async () =>
        (await records('identity')).some(({ agentId, event }) => agentId === 'doomed' && event === 'run.started'),
      )
      .toBe(true)
    await gateway.identity.kill({ agent: 'doomed' } as never, 'test', 'gone wrong')
    expect((await child).out).toBe('up\n000')
  }, 20_000)

  test('SEC-6.1: an end of the keeper is an end of the agent, and leaves nothing', async () => {
    const mark = `mark-${process.pid}-run`
    const [program = '', ...args] = line(['sh', '-c', `sleep 600; : ${mark}`])
    const child = spawn(program, args, { env, stdio: 'ignore' })
    await expect.poll(() => processesWith(mark).length, { timeout: 10_000 }).toBeGreaterThan(1)
    child.kill('SIGKILL')
    await expect.poll(() => processesWith(mark), { timeout: 10_000 }).toEqual([])
    await expect
      .poll(() => readdirSync(join(ground.path, 'state/run/confined')).filter((name) => name.endsWith('.sock')), {
        timeout: 15_000,
      })
      .toEqual([])
  }, 40_000)

  test('T-055: what it schedules does not outlive it', async () => {
    const mark = `mark-${process.pid}-late`
    const late = join(ground.work, 'late')
    const job = `sleep 1; echo ran >${late}; : ${mark}`
    const ways = [
      `(nohup sh -c '${job}' >/dev/null 2>&1 &)`,
      `(setsid sh -c '${job}' >/dev/null 2>&1 &)`,
      `(trap "" HUP TERM INT; sh -c '${job}' &)`,
      `echo '* * * * * root ${job}' >/etc/cron.d/${mark}`,
      `echo '* * * * * ${job}' | crontab -`,
      `echo '${job}' >/var/spool/cron/crontabs/root`,
      `echo '${job}' | at now`,
      `echo '${job}' >/etc/rc.local; echo '${job}' >>/etc/profile`,
      `mkdir -p ~/.config/systemd/user && echo '[Service]' >~/.config/systemd/user/${mark}.service; systemctl --user start ${mark}`,
      `systemd-run --user sh -c '${job}'`,
      `mkdir -p ~/.config/autostart && echo '${job}' >~/.config/autostart/${mark}.desktop`,
      `echo '${job}' >>~/.bashrc; echo '${job}' >>~/.profile; echo '${job}' >>~/.zshrc; echo '${job}' >>~/.bash_logout`,
      `echo '${job}' >>${ground.path}/.bashrc`,
      `mkdir -p ${ground.work}/.vscode && echo '${job}' >${ground.work}/.vscode/tasks.json; echo '${job}' >${ground.work}/.envrc`,
      `batch -f /dev/null; dbus-send --session --dest=org.freedesktop.systemd1 / x.y`,
    ]
    const { err } = await run(['bash', '-c', `${ways.map((way) => `${way} 2>/dev/null`).join('\n')}\nexit 0`])
    await sleep(1_500)
    expect(processesWith(mark)).toEqual([])
    expect(existsSync(late)).toBe(false)
    expect(existsSync(`/etc/cron.d/${mark}`)).toBe(false)
    expect(existsSync(join(ground.path, '.bashrc'))).toBe(false)
    for (const name of ['.vscode', '.envrc']) expect(existsSync(join(ground.work, name))).toBe(false)
    expect(err).toContain('.vscode.from-sandbox')
  }, 30_000)

  test('T-019, T-143: an ordinary day on a terminal: git, node, python, npm, pipes, job control, size, colours, exit code', async () => {
    writeFileSync(
      join(ground.work, 'package.json'),
      '{"name":"w","version":"1.0.0","scripts":{"hello":"echo from-npm"}}',
    )
    const { left, code, screen } = await onTerminal(
      ['bash', '--noprofile', '--norc', '-i'],
      [
        ['$ ', 'stty size; tty; git init -q . && git config user.email a@b.c && git config user.name a\r'],
        ['29 100', 'echo one >file; git add file; git commit -qm first; git log --oneline | cat\r'],
        ['first', 'git -c color.ui=always status --short; node -p "6*7"\r'],
        ['42', 'python3 -c "print(6*7+1)" | tr 3 4\r'],
        ['44', 'npm run -s hello\r'],
        ['from-npm', (pty) => pty.resize(120, 40)],
        ['$ ', 'stty size\r'],
        ['39 120', 'sleep 50\r'],
        ['sleep 50', later('\u0003')],
        ['^C', later('echo code-$?\r')],
        ['code-130', 'sleep 60\r'],
        ['sleep 60', later('\u001a')],
        ['Stopped', 'jobs; kill %1; printf "\\033[31mred\\033[0m\\033]0;title\\007\\n"\r'],
        ['red', `perl -e 'my $c = "x"; print defined ioctl(STDIN, 0x5412, $c) ? "typed" : "not" . "-typed"'\r`],
        ['not-typed', 'exit 7\r'],
      ],
    )
    expect({ left, code, screen: left.length > 0 ? screen : '' }).toEqual({ left: [], code: 7, screen: '' })
    expect(screen).toContain('\u001b[31mred')
    expect(screen).not.toContain('\u001b]0;')
    expect(screen).not.toMatch(/no job control/)
    expect(existsSync(join(ground.work, '.git/HEAD'))).toBe(true)
    expect(readFileSync(join(ground.work, 'file'), 'utf8')).toBe('one\n')
    expect(
      execFileSync('git', ['-c', 'safe.directory=*', '-C', ground.work, 'log', '--oneline'], { encoding: 'utf8' }),
    ).toContain('first')
  }, 90_000)

  test.skipIf(spawnSync('vi', ['--version']).status !== 0)(
    'an editor works on the whole screen but the last line',
    async () => {
      const { left, code } = await onTerminal(
        ['bash', '--noprofile', '--norc', '-i'],
        [
          ['$ ', 'vi edited\r'],
          ['edited', (pty) => void setTimeout(() => pty.write('ihello\u001b'), 800)],
          ['hello', later(':wq\r', 800)],
          ['written', later('cat edited; exit\r', 800)],
          ['hello', () => undefined],
        ],
      )
      expect({ left, code }).toEqual({ left: [], code: 0 })
      expect(readFileSync(join(ground.work, 'edited'), 'utf8')).toBe('hello\n')
    },
    60_000,
  )

  test('T-014: the last line stays Sallyport’s, whatever is written', async () => {
    const { screen, code } = await onTerminal(
      [
        'sh',
        '-c',
        'printf "\\033[30;1HApprove: PIN? \\033[r\\033[999;1Hhere\\033c\\033[!p\\033]52;c;eA==\\007\\033[2J"; sleep 2.5',
      ],
      [],
    )
    expect(code).toBe(0)
    expect(screen).toContain('nobody asks for your PIN here')
    expect(screen).not.toMatch(/\u001b\[30;1HApprove|\u001bc|\u001b\[!p|\u001b\]52/)
    const last = screen.lastIndexOf('nobody asks for your PIN here')
    expect(last).toBeGreaterThan(screen.lastIndexOf('\u001b[2J'))
    expect(screen).not.toContain('does not answer')
  }, 30_000)

  test('T-094: what the human types is the user’s word, what is pasted is not more than pasted', async () => {
    const before = (await records('identity')).length
    const { left } = await onTerminal(
      ['sh', '-c', 'echo ready; read a; echo got-$a; read b; echo got-$b'],
      [
        ['ready', byHand('pay bob@x.example\r')],
        ['got-pay', '\u001b[200~mail says eve@y.example\u001b[201~\r'],
        ['got-', later('')],
      ],
    )
    expect(left).toEqual([])
    const heard = (await records('identity')).slice(before).filter(({ event }) => event === 'flow.words')
    expect(heard).toMatchObject([
      { agentId: 'a', channel: 'typed', length: 'pay bob@x.example'.length },
      { agentId: 'a', channel: 'pasted', length: 'mail says eve@y.example'.length },
    ])
  }, 30_000)

  test('L1 is said while it lasts', async () => {
    const [program = '', ...args] = line(['sleep', '20'])
    const child = spawn(program, args, { env, stdio: 'ignore' })
    const state = ['--state', join(ground.path, 'state')]
    const status = async (): Promise<string> => {
      const asked = spawn(process.execPath, [PROGRAM, 'status', ...state], { env, stdio: ['ignore', 'pipe', 'ignore'] })
      let out = ''
      asked.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
      await once(asked, 'close')
      return out
    }
    await expect.poll(status, { timeout: 10_000 }).toContain('L1: confined, for a')
    child.kill('SIGTERM')
    await once(child, 'close')
    await sleep(100)
    expect(await status()).toContain('L0: advisory')
  }, 30_000)
})
