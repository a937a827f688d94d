import { createServer, type Server } from 'node:https'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import type { Sallyport } from '../../packages/sdk/src/index.ts'
import { ask } from '../api/kit.ts'
import { confinedGateway, confinedGround, type Ground } from '../sandbox/confined.ts'
import { hasSandbox } from '../sandbox/machine.ts'
import { certificateFor } from './lent-kit.ts'

const VALUE = 'sk-value+of/the=vault-0123456789'

describe.skipIf(!hasSandbox)('taking credentials back', () => {
  let ground: Ground
  let gateway: Gateway
  let sp: Sallyport
  let api: Server
  /** Requests that have begun, and when their connections closed. */
  const begun: string[] = []
  const closed: number[] = []

  beforeAll(async () => {
    ground = await confinedGround()
    const certificate = certificateFor('localhost')
    const cert = join(ground.path, 'cert.pem')
    writeFileSync(cert, certificate.cert)
    api = createServer({ ...certificate }, (request, response) => {
      begun.push(request.url ?? '')
      const isSlow = request.url?.includes('/slow') === true
      if (isSlow) {
        request.socket.once('close', () => closed.push(performance.now()))
        response.writeHead(200).write('begun\n')
      } else response.end('ok')
    })
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
    const sandbox = '{ extends: tool, network: allowlist, seccomp: network }'
    const line = (name: string): string =>
      `  ${name}: { trust: trusted, commands: { line: {} }, cwd: ${ground.work}, sandbox: ${sandbox} }\n`
    ;({ gateway, sp } = await confinedGateway(
      ground,
      line('one') + line('two') + line('three'),
      `egress: { authorities: [${cert}] }
credentials:
  api: { category: read, agents: ["server:one", "server:two"], base: "https://localhost:${(api.address() as AddressInfo).port}" }
`,
    ))
    await (await gateway.credentials.vault()).set('api', Buffer.from(VALUE), { type: 'api_key' }, 'test')
  }, 60_000)
  afterAll(async () => {
    await sp.close()
    await gateway.close()
    api.closeAllConnections()
    api.close()
    await ground.remove()
  })
  let scripts = 0
  const run = async (command: string, server = 'one'): Promise<string> => {
    const name = `do${(scripts += 1)}.sh`
    writeFileSync(join(ground.work, name), command)
    const { structuredContent } = (await sp.call(`${server}.line`, { command: `bash ${name}` })) as unknown as {
      readonly structuredContent: { readonly stdout: string }
    }
    return structuredContent.stdout
  }
  const get = async (server: string): Promise<string> =>
    run('curl -sS http://127.0.0.1:3128/sallyport/api/x | tr -d "\\n"', server)
  const operator = async (path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> => {
    const answer = await ask(
      { socketPath: join(ground.path, 'state', 'run', 'operator.sock') },
      { method: 'POST', path: `/api/v1/leases/${path}`, body },
    )
    return { status: answer.status, body: answer.body as Record<string, unknown> }
  }

  it('HB-57, T-128: revoke-all holds within a second: what is on its way is cut, open tunnels are closed, nobody gets a new lease', async () => {
    const { port } = api.address() as AddressInfo
    const slow = run('curl -sS -N --max-time 25 http://127.0.0.1:3128/sallyport/api/slow/a; date +ended-%s%3N')
    const tunnelled = run(`curl -sS -N --max-time 25 https://localhost:${port}/slow/b; date +ended-%s%3N`, 'two')
    // a tunnel in which nothing is asked: it was good for one answer, and waits for the next request
    const idle = run(`python3 -c '
import http.client, ssl, time
c = http.client.HTTPSConnection("127.0.0.1", 3128, context=ssl.create_default_context())
c.set_tunnel("localhost", ${port})
c.request("GET", "/idle")
print(c.getresponse().read().decode(), flush=True)
c.sock.settimeout(9)
try:
  print("end", len(c.sock.recv(1)))
except TimeoutError:
  print("late")
except OSError as e:
  print("end", e)
print("ended-%d" % (time.time() * 1000))'`)
    await expect.poll(() => begun.toSorted(), { timeout: 15_000 }).toEqual(['/idle', '/slow/a', '/slow/b'])
    await expect.poll(() => gateway.credentials.broker.leases().length).toBe(2)
    const [since, wall] = [performance.now(), Date.now()]
    const answer = await operator('revoke', { all: true, reason: 'a drill' })
    const answered = performance.now() - since
    expect(answer).toMatchObject({ status: 200, body: { ended: 2 } })
    await expect.poll(() => closed.length).toBe(2)
    expect(Math.max(...closed) - since).toBeLessThan(1_000)
    expect(answered).toBeLessThan(1_000)
    const outputs = await Promise.all([slow, tunnelled, idle])
    expect(outputs[2]).not.toContain('late')
    for (const output of outputs) {
      const [, ended = ''] = /ended-(\d+)/.exec(output) ?? []
      expect(Number(ended) - wall, output).toBeLessThan(1_000)
    }
    const before = begun.length
    for (const server of ['one', 'two']) expect(await get(server)).toContain('"reason":"credential_revoked"')
    expect(begun).toHaveLength(before)
  }, 60_000)

  it('HB-57: what was taken back is given again, one credential, one holder, or all', async () => {
    expect(await operator('grant', { credential: 'nobody' })).toMatchObject({ status: 404 })
    expect(await operator('grant', { credential: 'api' })).toMatchObject({ status: 200 })
    expect(await get('one')).toBe('ok')
    await operator('revoke', { holder: 'server:one' })
    expect(await get('one')).toContain('credential_revoked')
    expect(await get('two')).toBe('ok')
    // which is not what was taken back
    await operator('grant', { credential: 'api' })
    expect(await get('one')).toContain('credential_revoked')
    await operator('grant', { all: true })
    expect(await get('one')).toBe('ok')
    await operator('revoke', { credential: 'api' })
    expect(await get('two')).toContain('credential_revoked')
  }, 60_000)

  it('HB-86, HB-88: a lease by hand goes to one holder, so often, and no further than the credential itself', async () => {
    expect(await get('three')).toContain('credential_scope')
    const given = await operator('grant', { credential: 'api', holder: 'server:three', seconds: 60, uses: 2 })
    expect(given).toMatchObject({ status: 201, body: { credential: 'api', holder: 'server:three', most: 2, uses: 0 } })
    expect(await get('three')).toBe('ok')
    const post = await run('curl -sS -X POST http://127.0.0.1:3128/sallyport/api/x', 'three')
    expect(post).toContain('credential_scope')
    expect(await get('three')).toBe('ok')
    expect(await get('three')).toContain('credential_scope')
    // still taken back for all others
    expect(await get('two')).toContain('credential_revoked')
    const [log] = (await gateway.store.readLog({ kind: 'credential', newest: true, limit: 200 }))
      .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
      .filter(({ operation, of }) => operation === 'create' && of === 'lease')
    expect(log).toMatchObject({ credential: 'api', holder: 'server:three', requestingIdentity: 'unclaimed' })
    await operator('grant', { all: true })
  }, 60_000)
})
