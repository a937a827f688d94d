import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toProblem } from '../../packages/core/src/index.ts'
import { hasSandbox } from '../sandbox/machine.ts'
import { CanaryScan } from './canary.ts'
import { openClients, type Clients } from './kit.ts'

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const KEY = 'canary/rotated+away/9876543210=old'

/** What a program in a sandbox can find without rights: variables and arguments of all processes, and every file that it may read. */
const LOOK = `env; cat /proc/*/environ /proc/*/cmdline | tr "\\0" "\\n"
tar -cf "left-$RANDOM.tar" --one-file-system /tmp "$HOME" /etc /run /dev/shm /var/tmp 2>/dev/null; :`

describe.skipIf(!hasSandbox)('what a run with credentials leaves behind', () => {
  let clients: Clients
  const outputs: string[] = []

  beforeAll(async () => {
    clients = await openClients({
      any: {
        yaml: 'category: write, methods: [GET, POST], paths: ["/ok/**"], env: { ANY_TOKEN: lease, ANY_URL: base }',
      },
      github: { yaml: 'preset: github, category: read' },
      gone: { yaml: 'category: read, secret: "env:NOWHERE"' },
    })
  }, 60_000)
  afterAll(async () => clients.close())

  const cli = async (...args: readonly string[]): Promise<string> => {
    const state = ['--state', join(clients.ground.path, 'state')]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM, ...args, ...state]).catch(
      (thrown: unknown) => thrown as { readonly stdout: string; readonly stderr: string },
    )
    outputs.push(stdout, stderr)
    return stdout
  }

  it('HB-90: echoes, errors, refusals, rotation and an end come back without it', async () => {
    const { run, apis, gateway, values } = clients
    const vault = await gateway.credentials.vault()
    await vault.set('any', Buffer.from(KEY), { type: 'api_key' }, 'test')
    const before = await run(
      `curl -sS "$ANY_URL/ok/a"; curl -sS "$ANY_URL/no"; curl -sS "$ANY_URL/ok/a?api_key=x"; ${LOOK}`,
    )
    expect(before.stdout).toContain('"url":"/ok/a"')
    expect(apis.take('any').map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`])
    await vault.set('any', Buffer.from(values['any'] ?? ''), { type: 'api_key' }, 'test')
    const after = await run(`node github.mjs "$GITHUB_API_URL"; curl -sS "https://any.localhost:$PORT/ok/b"
curl -sS https://gone.localhost:$PORT/; curl -sSv https://github.localhost:$PORT/repos/acme/shop
node -e 'fetch("https://any.localhost:" + process.env.PORT + "/ok/c").then(async (r) => { throw new Error(await r.text()) })'
${LOOK}`)
    expect(after.stdout).toMatch(/\*{8}/)
    expect(apis.take('any').at(-1)?.headers.authorization).toBe(`Bearer ${values['any'] ?? ''}`)
    await vault.revoke('any', 'test', 'leaked')
    const ended = await run('curl -sS "$ANY_URL/ok/a"')
    expect(ended.stdout).toContain('credential_revoked')
    await vault.set('any', Buffer.from(values['any'] ?? ''), { type: 'api_key' }, 'test')
  }, 120_000)

  it('HB-85: a crash leaves no core, whatever a program asks for', async () => {
    const { stdout } = await clients.run(`ulimit -c unlimited 2>&1; ulimit -c
node -e 'fetch(process.env.ANY_URL + "/ok/d").then((r) => r.text()).then(() => process.abort())'; echo "ended $?"; ls /tmp . | grep -i core; ${LOOK}`)
    expect(stdout).toMatch(/^0$/m)
    expect(stdout).toContain('ended 134')
    expect(readdirSync(clients.ground.work).filter((name) => name.startsWith('core'))).toEqual([])
    expect(existsSync('core')).toBe(false)
  }, 60_000)

  it('HB-54: nor does an agent of `sallyport run`', async () => {
    const { ground } = clients
    const script = `curl -sS "$ANY_URL/ok/r"; curl -sS "https://github.localhost:${clients.apis.port}/repos/acme/shop"; ${LOOK}`
    const child = spawn(
      process.execPath,
      [
        ...[PROGRAM, 'run', '--state', join(ground.path, 'state'), '--agent', 'a', '--workspace', ground.work],
        ...['--', 'bash', '-c', script],
      ],
      { env: { PATH: process.env['PATH'] ?? '', HOME: ground.path }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => outputs.push(chunk.toString('latin1')))
    expect(((await once(child, 'close')) as [number])[0]).toBe(0)
    expect(outputs.join('')).toContain('GITHUB_TOKEN=sallyport-lease-github')
    expect(outputs.join('')).toContain('acme/shop')
  }, 60_000)

  it('AC-4.5.2, T-131: what is told to operators names it and does not say it', async () => {
    expect(await cli('vault', 'ls', '--json')).toContain('"any"')
    expect(await cli('vault', 'show', 'any', '--json')).toContain('api_key')
    expect(await cli('credentials', 'usage', '--json')).toContain('server:tool')
    await cli('credentials', 'leases', '--json')
    await cli('credentials', 'stale', '--json')
    expect(await cli('egress', 'log', '--json')).toContain('any.localhost')
    for (const format of ['ndjson', 'ocsf']) {
      const exported = await cli('log', 'export', '--format', format)
      expect(exported.split('\n').some((line) => line.includes('any.localhost'))).toBe(true)
    }
    const vault = await clients.gateway.credentials.vault()
    const long = Buffer.concat([Buffer.from(KEY), Buffer.alloc(2 ** 21, 97)])
    const said = await vault
      .set('any', long, { type: 'gateway', ttl: 10 ** 9 }, 'test')
      .catch((thrown: unknown) => thrown)
    outputs.push(String(said), JSON.stringify(said), said instanceof Error ? (said.stack ?? '') : '')
    outputs.push(JSON.stringify(toProblem(said as Parameters<typeof toProblem>[0])))
  }, 60_000)

  it('T-131, HB-79, HB-85, HB-90: 0 hits in outputs, errors, files, store, log, exports and heaps', async () => {
    const { ground, gateway, answers, said, values } = clients
    const scan = new CanaryScan({ ...values, rotated: KEY })
    // the same search where they have to be
    expect(new CanaryScan({ ...values, rotated: KEY }).look('APIs', clients.apis.got).hits.length).toBeGreaterThan(2)
    answers.forEach((answer, at) => scan.look(`answer ${at}`, answer))
    outputs.forEach((text, at) => scan.look(`output ${at}`, text))
    scan.look('what the gateway says', said())
    scan.look('records', await gateway.store.readLog({ limit: 5_000 }))
    scan.look('environment of the gateway', readFileSync('/proc/self/environ'))
    scan.look('its command line', readFileSync('/proc/self/cmdline'))
    scan.directory(ground.path)
    expect(
      readdirSync(ground.work).filter((name) => /\.tar$|\.heapsnapshot$|\.memory$/.test(name)).length,
    ).toBeGreaterThan(4)
    expect(scan.files).toBeGreaterThan(40)
    process.stderr.write(
      `canary scan: ${scan.hits.length} hits in ${scan.files} files, ${(scan.bytes / 2 ** 20).toFixed(0)} MiB\n`,
    )
    expect(scan.hits).toEqual([])
  }, 120_000)
})
