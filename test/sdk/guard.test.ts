import { chmod, link, mkdir, symlink, unlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCredentialFiles } from '../../packages/gateway/src/control/identity/credential-files.ts'
import type { CrossingResult } from '../../packages/gateway/src/boundary/ports.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import {
  ApprovalTimeoutError,
  connect,
  DeniedError,
  guard,
  WithheldError,
  type Sallyport,
} from '../../packages/sdk/src/index.ts'
import { ALLOWED, ScriptedBoundary, startKit, type Kit } from '../api/kit.ts'

let kit: Kit
let key: string
let sp: Sallyport
const standard = new ScriptedBoundary().script

beforeAll(async () => {
  kit = await startKit()
  key = (await kit.agent('coder')).key
  sp = connect({ socket: kit.agentSocket, agent: 'coder', key })
})
afterAll(async () => {
  await sp.close()
  await kit.close()
})
beforeEach(() => {
  kit.boundary.script = standard
  kit.boundary.crossed.length = 0
  kit.boundary.reports.length = 0
  kit.registered.length = 0
})

const answers = (...results: readonly CrossingResult[]): void => {
  let next = 0
  kit.boundary.script = () => Promise.resolve(results[Math.min(next++, results.length - 1)] as CrossingResult)
}
const denied: CrossingResult = { outcome: 'denied', auditId: 'event-9', code: 'SP_POLICY_DENIED', reason: 'Not there.' }

describe('guard: three outcomes', () => {
  it('runs the function when the gateway allows, and reports how it ended', async () => {
    const read = guard(
      sp,
      { name: 'fs.read', effect: 'read', args: { path: 'selector' } },
      (args: { path: string }, ctx) => {
        expect(ctx.eventId).toBe('event-1')
        return Promise.resolve(`text of ${args.path}`)
      },
    )
    expect(await read({ path: '/etc/hosts' })).toBe('text of /etc/hosts')
    const { caller, call } = kit.boundary.crossed[0]!
    expect(caller.principal.id).toBe('coder')
    expect([call.server, call.tool, call.argsText, call.enforcement]).toEqual([
      'sdk-coder',
      'fs.read',
      '{"path":"/etc/hosts"}',
      'host',
    ])
    expect(kit.boundary.reports).toEqual([{ auditId: 'event-1', outcome: 'success', resultText: undefined }])
    expect(kit.registered[0]?.tools[0]?.claims).toMatchObject({ effect: 'read', args: { path: 'selector' } })
  })

  it('throws DeniedError with code, reason and event id, and does not run', async () => {
    answers(denied)
    const fn = vi.fn<() => unknown>()
    const send = guard(sp, { name: 'mail.send', effect: 'external' }, fn)
    const error = await send({ to: 'eve@evil.example' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DeniedError)
    expect(error).toMatchObject({ code: 'SP_POLICY_DENIED', reason: 'Not there.', eventId: 'event-9' })
    expect(fn).not.toHaveBeenCalled()
  })

  it('waits for a human, and runs once that one agreed', async () => {
    kit.boundary.script = async (_caller, call) => {
      call.onWaiting?.('approval-1', Date.now() + 60_000)
      await new Promise((resolve) => setTimeout(resolve, 300))
      return { outcome: 'delegated', auditId: 'event-2', decision: ALLOWED }
    }
    const fn = vi.fn<() => string>(() => 'sent')
    expect(await guard(sp, { name: 'mail.wait', effect: 'external' }, fn)({ to: 'bob@example.com' })).toBe('sent')
    expect(kit.boundary.crossed).toHaveLength(1)
    expect(fn).toHaveBeenCalledTimes(1)
  })

  it('throws ApprovalTimeoutError when nobody decides in the time this program waits', async () => {
    kit.boundary.script = (_caller, call) => {
      call.onWaiting?.('approval-2', Date.now() + 60_000)
      return new Promise(() => undefined)
    }
    const fn = vi.fn<() => unknown>()
    const slow = guard(sp, { name: 'mail.slow', effect: 'external', approvalTimeoutMs: 200 }, fn)
    const error = await slow({ to: 'bob@example.com' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApprovalTimeoutError)
    expect(error).toMatchObject({ code: 'SP_APPROVAL_REQUIRED', approvalId: 'approval-2' })
    expect(fn).not.toHaveBeenCalled()
  })

  it('throws ApprovalTimeoutError when the approval expired at the gateway, DeniedError when a human said no', async () => {
    answers({ outcome: 'denied', auditId: 'e', code: 'SP_APPROVAL_EXPIRED', reason: '' })
    const send = guard(sp, { name: 'mail.late', effect: 'external' }, () => 'ran')
    await expect(send({})).rejects.toBeInstanceOf(ApprovalTimeoutError)
    answers({ outcome: 'denied', auditId: 'e', code: 'SP_APPROVAL_DENIED', reason: '' })
    await expect(send({})).rejects.toMatchObject({ name: 'DeniedError', code: 'SP_APPROVAL_DENIED' })
  })

  it('an error of the function is the function’s error, and is reported as a failure', async () => {
    const broken = guard(sp, { name: 'fs.broken', effect: 'read' }, () => Promise.reject(new TypeError('disk on fire')))
    await expect(broken({})).rejects.toThrow(TypeError)
    expect(kit.boundary.reports).toEqual([{ auditId: 'event-1', outcome: 'failure', resultText: undefined }])
  })

  it('an answer that is neither yes nor no is a no', async () => {
    for (const [status, body] of [
      [200, '{}'],
      [200, '{"status":"maybe","eventId":"x"}'],
      [200, '{"status":"allowed"}'],
      [200, 'allowed'],
      [200, ''],
      [204, ''],
      [302, ''],
      [202, '{}'],
      [202, '{"location":"/v1/calls/../token"}'],
      [500, '<html>'],
    ] as const) {
      const { server, socket } = await fakeGateway(kit.directory, status, body)
      const odd = connect({ socket, agent: 'coder', key, approvalTimeoutMs: 300 })
      const fn = vi.fn<() => unknown>()
      await expect(guard(odd, { name: 'x', effect: 'read', onUnavailable: 'allow' }, fn)({})).rejects.toMatchObject({
        name: 'DeniedError',
      })
      expect(fn).not.toHaveBeenCalled()
      await odd.close()
      server.close()
    }
  })
})

describe('guard: what was decided is what runs', () => {
  it('T-028: later changes of the caller’s object have no effect, and the function cannot change its copy', async () => {
    const args = { to: 'bob@example.com', parts: [{ text: 'hello' }] }
    kit.boundary.script = (_caller, call) => {
      args.to = 'eve@evil.example'
      args.parts[0]!.text = 'all secrets'
      expect(call.argsText).toBe('{"to":"bob@example.com","parts":[{"text":"hello"}]}')
      return Promise.resolve({ outcome: 'delegated', auditId: 'event-1', decision: ALLOWED })
    }
    const send = guard(sp, { name: 'mail.copy', effect: 'external' }, (given: typeof args) => {
      expect(given).toEqual({ to: 'bob@example.com', parts: [{ text: 'hello' }] })
      expect(() => (given.to = 'x')).toThrow(TypeError)
      expect(() => given.parts.push({ text: 'x' })).toThrow(TypeError)
      expect(() => (given.parts[0]!.text = 'x')).toThrow(TypeError)
    })
    await send(args)
  })

  it.each([
    [
      'a getter',
      {
        get to() {
          return 'x'
        },
      },
    ],
    ['a function', { to: () => 'x' }],
    ['a date', { at: new Date(0) }],
    ['a map', { all: new Map() }],
    ['a bigint', { n: 1n }],
    ['an unsafe integer', { n: 2 ** 53 }],
    ['NaN', { n: Number.NaN }],
    ['a lone surrogate', { s: '\ud800' }],
    ['a symbol key', { [Symbol('x')]: 1 }],
    ['a key __proto__', JSON.parse('{"__proto__":{"a":1}}') as object],
    ['an array', [1]],
    ['a hole', { list: Array(2) }],
  ])('%s is refused before anybody is asked', async (_name, args) => {
    const fn = vi.fn<() => unknown>()
    await expect(guard(sp, { name: 'any', effect: 'read', onUnavailable: 'allow' }, fn)(args)).rejects.toMatchObject({
      name: 'DeniedError',
      code: 'SP_SDK_ARGUMENTS',
    })
    expect(fn).not.toHaveBeenCalled()
    expect(kit.boundary.crossed).toHaveLength(0)
  })

  it('a circle is refused, and toJSON is not asked', async () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    const any = guard(sp, { name: 'any', effect: 'read', onUnavailable: 'allow' }, (args: object) => args)
    await expect(any(circle)).rejects.toMatchObject({ code: 'SP_SDK_ARGUMENTS' })
    await expect(any({ toJSON: () => ({}) })).rejects.toMatchObject({ code: 'SP_SDK_ARGUMENTS' })
    expect(await any({ a: undefined, b: -0 })).toEqual({ b: 0 })
  })
})

describe('T-047: the gateway cannot be reached', () => {
  const nowhere = () => connect({ socket: join(kit.directory, 'none.sock'), agent: 'coder', key, timeoutMs: 300 })

  it('T-047: the call is denied and does not run', async () => {
    const fn = vi.fn<() => unknown>()
    await expect(guard(nowhere(), { name: 'r', effect: 'read' }, fn)({})).rejects.toMatchObject({
      name: 'DeniedError',
      code: 'SP_AUTHZ_UNAVAILABLE',
      eventId: undefined,
    })
    expect(fn).not.toHaveBeenCalled()
    await expect(nowhere().call('files.read', {})).rejects.toMatchObject({ code: 'SP_AUTHZ_UNAVAILABLE' })
  })

  it.each(['write', 'external', undefined] as const)(
    'T-047: onUnavailable "allow" is refused at once for effect %s',
    (effect) => {
      const make = () =>
        guard(sp, { name: 'w', onUnavailable: 'allow', ...(effect === undefined ? {} : { effect }) }, () => undefined)
      expect(make).toThrow(expect.objectContaining({ code: 'SP_SDK_UNSAFE' }) as Error)
    },
  )

  it('T-047: a gateway that accepts and never answers is not waited for', async () => {
    const silent = createTcpServer(() => undefined)
    const directory = join(kit.directory, 'silent')
    await mkdir(directory, { mode: 0o700 })
    await new Promise<void>((resolve) => silent.listen(join(directory, 's.sock'), resolve))
    const slow = connect({ socket: join(directory, 's.sock'), agent: 'coder', key, timeoutMs: 300 })
    const started = performance.now()
    await expect(guard(slow, { name: 'r', effect: 'read' }, () => 1)({})).rejects.toMatchObject({
      code: 'SP_AUTHZ_UNAVAILABLE',
    })
    expect(performance.now() - started).toBeLessThan(2000)
    await slow.close()
    silent.close()
  })

  it('T-047: a read that may run does, and is told to the log when the gateway is back', async () => {
    const path = join(kit.directory, 'late', 'agent.sock')
    const late = connect({ socket: path, agent: 'coder', key, timeoutMs: 1000 })
    const read = guard(
      late,
      { name: 'fs.late', effect: 'read', onUnavailable: 'allow' },
      (args: { path: string }, ctx) => {
        expect(ctx.eventId).toBe(args.path === '/a' ? undefined : 'event-1')
        return args.path
      },
    )
    expect(await read({ path: '/a' })).toBe('/a')
    await mkdir(join(kit.directory, 'late'), { mode: 0o700 })
    await symlink(kit.agentSocket, path)
    // A link where the socket should be is not the socket.
    await expect(late.tools()).rejects.toMatchObject({ code: 'SP_AUTHN_SERVER' })
    await unlink(path)
    await link(kit.agentSocket, path)
    expect(await read({ path: '/b' })).toBe('/b')
    await late.close()
    const told = kit.evidence.records.filter((record) => record['event'] === 'sdk.unmediated')
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ agentId: 'coder', toolName: 'sdk-coder.fs.late', level: 'warn', kind: 'alert' })
  })

  it('T-047: a gateway that asks a human and then goes away has not said yes', async () => {
    let asked = 0
    const { server, socket } = await fakeGateway(
      kit.directory,
      202,
      '{"status":"pending","location":"/v1/calls/a"}',
      () => {
        if (++asked === 1) setImmediate(() => server.closeAllConnections())
        return asked === 1
      },
    )
    const away = connect({ socket, agent: 'coder', key, timeoutMs: 300, approvalTimeoutMs: 1000 })
    const fn = vi.fn<() => unknown>()
    const error = await guard(
      away,
      { name: 'r', effect: 'read', onUnavailable: 'allow' },
      fn,
    )({}).catch((e: unknown) => e)
    expect(['DeniedError', 'ApprovalTimeoutError']).toContain((error as Error).name)
    expect(fn).not.toHaveBeenCalled()
    await away.close()
    server.close()
  })
})

describe('T-039: nothing around the program changes where it talks to', () => {
  const names = [
    'SALLYPORT_URL',
    'SALLYPORT_SOCKET',
    'SALLYPORT_KEY',
    'SALLYPORT_STATE',
    'SALLYPORT_CONFIG',
    'HTTP_PROXY',
    'http_proxy',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'NODE_USE_ENV_PROXY',
    'XDG_DATA_HOME',
    'XDG_CONFIG_HOME',
    'HOME',
  ]

  it('T-039: environment variables that name endpoints and proxies are not looked at', async () => {
    const before = Object.fromEntries(names.map((name) => [name, process.env[name]]))
    const trap = createServer((_request, response) => response.end('{"status":"allowed","eventId":"trap"}'))
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const address = trap.address() as { port: number }
    let trapped = 0
    trap.on('connection', () => trapped++)
    try {
      for (const name of names) process.env[name] = `http://127.0.0.1:${address.port}`
      answers(denied)
      for (const where of [{ socket: kit.agentSocket }, { url: kit.url }]) {
        const one = connect({ ...where, agent: 'coder', key })
        await expect(guard(one, { name: 'env', effect: 'read' }, () => 1)({})).rejects.toMatchObject({
          code: 'SP_POLICY_DENIED',
        })
        await one.close()
      }
      expect(trapped).toBe(0)
    } finally {
      for (const name of names) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
      trap.close()
    }
  })

  it.each([
    [{ url: 'http://gateway.example:7443' }, 'SP_CONFIG_INSECURE'],
    [{ url: 'http://127.0.0.1.evil.example' }, 'SP_CONFIG_INSECURE'],
    [{ url: 'https://user:pass@gateway.example' }, 'SP_CONFIG_INVALID'],
    [{ url: 'https://gateway.example/path' }, 'SP_CONFIG_INVALID'],
    [{ url: 'https://gateway.example', socket: '/x' }, 'SP_CONFIG_INVALID'],
    [{}, 'SP_CONFIG_INVALID'],
  ])('T-039: connect(%j) is refused', (where, code) => {
    expect(() => connect({ ...where, agent: 'coder', key })).toThrow(expect.objectContaining({ code }) as Error)
  })

  it('T-039: a socket in a place where others can write is not trusted, nor is a credential others can read', async () => {
    const directory = join(kit.directory, 'shared')
    await mkdir(directory)
    const { server, socket } = await fakeGateway(directory, 200, '{"status":"allowed","eventId":"squatter"}')
    await chmod(join(socket, '..'), 0o777)
    const squatted = connect({ socket, agent: 'coder', key })
    const fn = vi.fn<() => unknown>()
    await expect(guard(squatted, { name: 'r', effect: 'read', onUnavailable: 'allow' }, fn)({})).rejects.toMatchObject({
      code: 'SP_AUTHN_SERVER',
    })
    expect(fn).not.toHaveBeenCalled()
    await squatted.close()
    server.close()
    const credentialFile = join(directory, 'credential')
    await writeFile(credentialFile, 'authorization: Bearer a.b.c\n', { mode: 0o644 })
    const open = connect({ socket: kit.agentSocket, agent: 'coder', credentialFile })
    await expect(open.tools()).rejects.toMatchObject({ code: 'SP_AUTHN_INVALID' })
    await open.close()
  })
})

describe('credentials of the SDK', () => {
  it('HB-65: a credential that ended is renewed without a failed call', async () => {
    const one = connect({ socket: kit.agentSocket, agent: 'coder', key })
    const read = guard(one, { name: 'renew', effect: 'read' }, () => 1)
    await read({})
    // The gateway refuses what it gave before: as after a rotation of its own key.
    const verify = vi.spyOn(kit.identity.agents, 'usable')
    verify.mockImplementationOnce(() => ({ ok: false, code: 'SP_AUTHN_INVALID', reason: 'expired' }))
    expect(await read({})).toBe(1)
    verify.mockRestore()
    await one.close()
  })

  it('the credential file of a running gateway works, and one of another agent does not', async () => {
    const files = createCredentialFiles({
      identity: kit.identity,
      random: systemRandom,
      directory: join(kit.directory, 'agents'),
    })
    await files.start()
    const credentialFile = files.path('coder')
    const one = connect({ socket: kit.agentSocket, agent: 'coder', credentialFile })
    expect(await guard(one, { name: 'file', effect: 'read' }, () => 1)({})).toBe(1)
    const other = connect({ socket: kit.agentSocket, agent: 'other', credentialFile })
    await expect(other.tools()).rejects.toMatchObject({ code: 'SP_AUTHN_INVALID' })
    await files.stop()
    await expect(one.tools()).rejects.toMatchObject({ code: 'SP_AUTHZ_UNAVAILABLE' })
    await Promise.all([one.close(), other.close()])
  })

  it('a key of another agent is told, and a wrong one is refused', async () => {
    const wrong = connect({ socket: kit.agentSocket, agent: 'writer', key })
    await expect(wrong.tools()).rejects.toMatchObject({
      code: 'SP_AUTHN_INVALID',
      reason: expect.stringMatching(/writer/) as string,
    })
    const bad = connect({ socket: kit.agentSocket, agent: 'coder', key: `spk_${'A'.repeat(43)}` })
    await expect(bad.tools()).rejects.toMatchObject({ code: 'SP_AUTHN_INVALID' })
    expect(() => connect({ socket: kit.agentSocket, agent: 'coder', key: 'hello' })).toThrow(/agent key/)
    await Promise.all([wrong.close(), bad.close()])
  })
})

describe('time, aborts and results', () => {
  it('a function that takes too long fails and is reported so, whether it listens to its signal or not', async () => {
    const slow = guard(sp, { name: 'slow', effect: 'read', timeoutMs: 50 }, () => new Promise<never>(() => undefined))
    await expect(slow({})).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(kit.boundary.reports.at(-1)).toMatchObject({ outcome: 'timeout' })
  })

  it('an abort before the answer denies, and the function does not run', async () => {
    const stop = new AbortController()
    kit.boundary.script = (_caller, call) => {
      call.onWaiting?.('approval', Date.now() + 60_000)
      setTimeout(() => stop.abort(), 50)
      return new Promise(() => undefined)
    }
    const fn = vi.fn<() => unknown>()
    await expect(guard(sp, { name: 'stop', effect: 'write' }, fn)({}, { signal: stop.signal })).rejects.toMatchObject({
      name: 'DeniedError',
      code: 'SP_SDK_ABORTED',
    })
    expect(fn).not.toHaveBeenCalled()
  })

  it('an abort while it runs reaches the function, and is reported', async () => {
    const stop = new AbortController()
    const running = guard(sp, { name: 'stop2', effect: 'write' }, (_args: object, { signal }) => {
      setTimeout(() => stop.abort(new Error('enough')), 20)
      return new Promise<never>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      )
    })
    await expect(running({}, { signal: stop.signal })).rejects.toThrow('enough')
    expect(kit.boundary.reports.at(-1)).toMatchObject({ outcome: 'aborted' })
  })

  it('inspect: secrets in a result are redacted before it is returned, and what cannot be inspected is withheld', async () => {
    const read = guard(sp, { name: 'secret', effect: 'read', inspect: true }, () => ({ password: 'hunter2', n: 1 }))
    expect(await read({})).toEqual({ password: '[redacted]', n: 1 })
    const report = kit.boundary.report
    kit.boundary.report = () => Promise.resolve({ ok: false, code: 'SP_AUDIT_UNKNOWN', reason: '' })
    await expect(read({})).rejects.toBeInstanceOf(WithheldError)
    kit.boundary.report = report
  })

  it('a call is decided once with its idempotency key, also over a restart of the gateway’s memory', async () => {
    const read = guard(sp, { name: 'once', effect: 'read' }, () => 1)
    await read({ a: 1 }, { idempotencyKey: 'k1' })
    await read({ a: 1 }, { idempotencyKey: 'k1' })
    expect(kit.boundary.crossed).toHaveLength(1)
    await expect(read({ a: 2 }, { idempotencyKey: 'k1' })).rejects.toMatchObject({ code: 'SP_API_CONFLICT' })
  })

  it('tools are registered again when the gateway has forgotten them', async () => {
    const read = guard(sp, { name: 'again', effect: 'read' }, () => 1)
    await read({})
    kit.registered.length = 0
    answers(
      { outcome: 'denied', auditId: 'e', code: 'SP_MCP_UNKNOWN_TOOL', reason: '' },
      {
        outcome: 'delegated',
        auditId: 'event-3',
        decision: ALLOWED,
      },
    )
    expect(await read({})).toBe(1)
    expect(kit.registered[0]?.tools.map(({ definition }) => definition.name)).toContain('again')
  })

  it('two different tools of one name are refused when they are made', () => {
    guard(sp, { name: 'twin', effect: 'read' }, () => 1)
    expect(() => guard(sp, { name: 'twin', effect: 'write' }, () => 1)).toThrow(/Two different tools/)
    expect(() => guard(sp, { name: 'twin', effect: 'read' }, () => 2)).not.toThrow()
    expect(() => guard(sp, { name: 'а', effect: 'read' }, () => 2)).toThrow(/tool name/)
  })
})

describe('tools behind the gateway', () => {
  it('call() returns the exact result, and throws like guard()', async () => {
    answers({
      outcome: 'executed',
      auditId: 'event-5',
      resultText: '{"content":[{"type":"text","text":"hi"}]}',
      decision: ALLOWED,
    })
    expect(await sp.call('files.read_file', { path: '/a' })).toEqual({ content: [{ type: 'text', text: 'hi' }] })
    expect(kit.boundary.crossed[0]?.call).toMatchObject({ server: 'files', tool: 'read_file', enforcement: 'gateway' })
    answers(denied)
    await expect(sp.call('files.read_file', { path: '/b' })).rejects.toMatchObject({
      code: 'SP_POLICY_DENIED',
      eventId: 'event-9',
    })
    answers({ outcome: 'failed', auditId: 'event-6', code: 'SP_MCP_UPSTREAM_TIMEOUT', reason: '' })
    await expect(sp.call('files.read_file', { path: '/c' })).rejects.toMatchObject({ code: 'SP_MCP_UPSTREAM_TIMEOUT' })
  })
})

/** A server that answers every decision alike: what a broken gateway, or somebody else, might say. */
let fakes = 0
async function fakeGateway(
  directory: string,
  status: number,
  body: string,
  goOn: () => boolean = () => true,
): Promise<{ readonly server: Server; readonly socket: string }> {
  const home = join(directory, `fake-${fakes++}`)
  await mkdir(home, { mode: 0o700 })
  const socket = join(home, 's.sock')
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/v1/token') {
      return void response.end(
        JSON.stringify({
          credential: 'a.b.c',
          agent: 'coder',
          expiresAt: new Date(Date.now() + 900_000).toISOString(),
        }),
      )
    }
    if (path === '/v1/tools') return void response.end('{"server":"sdk-coder","tools":[]}')
    if (!goOn()) return void response.destroy()
    response.statusCode = status
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return { server, socket }
}
