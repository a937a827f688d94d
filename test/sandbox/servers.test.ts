import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import type { Sallyport } from '../../packages/sdk/src/index.ts'
import { confinedGateway, confinedGround, type Ground } from './confined.ts'
import { hasSandbox, processesWith } from './machine.ts'
import { UNCONFINED } from '../unconfined.ts'

const FIXTURE = new URL('fixtures/curious-server.mjs', import.meta.url).pathname
const NOTES = ['read', 'write', 'environment', 'reach']
  .map((name) => `${name}: { effect: ${name === 'write' ? 'write' : 'read'}, groups: [group:fs], args: { of: param } }`)
  .join(', ')

/** Text of a result, whatever stands around it. */
const said = (result: unknown): string => JSON.stringify(result)

describe.skipIf(!hasSandbox)('a stdio server with a sandbox', () => {
  let folder: Ground
  let gateway: Gateway
  let sp: Sallyport
  let work: string
  const listener = createServer((socket) => socket.end())

  beforeAll(async () => {
    folder = await confinedGround()
    work = folder.work
    const tools = join(folder.path, 'tools')
    mkdirSync(tools)
    const server = join(tools, 'curious-server.mjs')
    copyFileSync(FIXTURE, server)
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const command = JSON.stringify([process.execPath, server])
    const profile = (members: string): string => `{ readable: [${JSON.stringify(tools)}], ${members} }`
    const servers = `
  silent: { command: ${command}, cwd: ${work}, tools: { ${NOTES} } }
  walled: { command: ${command}, cwd: ${work}, env: { GIVEN: given }, tools: { ${NOTES} }, sandbox: ${profile('workspace: rw')} }
  reader: { command: ${command}, cwd: ${work}, tools: { ${NOTES} }, sandbox: ${profile('workspace: ro, network: none')} }
  wrong: { command: ${command}, cwd: /etc, tools: { ${NOTES} }, sandbox: ${profile('workspace: rw')} }
`
    ;({ gateway, sp } = await confinedGateway(folder, servers))
  }, 60_000)
  afterAll(async () => {
    await sp.close()
    await gateway.close()
    listener.close()
    await folder.remove()
  })

  test('INV-4, E-60, T-053, TM-IMPACT-001: reads what its workspace holds and nothing of the host', async () => {
    writeFileSync(join(work, 'inside'), 'text of the workspace')
    for (const server of ['walled', 'silent']) {
      expect(said(await sp.call(`${server}.read`, { of: join(work, 'inside') }))).toContain('text of the workspace')
      for (const of of [folder.outside, '/root', '/var/log']) {
        expect(said(await sp.call(`${server}.read`, { of })), of).toContain('ENOENT')
      }
    }
  })

  test('AC-6.4.2: writes only where its profile lets it', async () => {
    expect(said(await sp.call('walled.write', { of: join(work, 'made') }))).toContain('written')
    expect(readFileSync(join(work, 'made'), 'utf8')).toBe('written')
    expect(said(await sp.call('silent.write', { of: join(work, 'made-in-silence') }))).toContain('EROFS')
    expect(said(await sp.call('reader.write', { of: join(work, 'made-by-reader') }))).toContain('EROFS')
    expect(said(await sp.call('walled.write', { of: '/usr/made' }))).toMatch(/EROFS|EACCES/)
  })

  test('AC-6.5.1: reaches nothing that listens on this machine', async () => {
    const of = String((listener.address() as AddressInfo).port)
    expect(said(await sp.call('silent.reach', { of }))).toContain('closed')
    expect(said(await sp.call('walled.reach', { of }))).toContain('closed')
    expect(said(await sp.call('reader.reach', { of }))).toContain('closed')
  })

  test('T-086: has the variables that it was given and no others', async () => {
    const env = said(await sp.call('walled.environment', { of: '' }))
    expect(env).toContain('GIVEN')
    expect(env).toContain('/home/sandbox')
    expect(env).not.toContain(process.env['HOME'] === '/home/sandbox' ? '\0' : `${process.env['HOME'] ?? '\0'}\\`)
  })

  test('SEC-6.3: the log says how each call was confined', async () => {
    await sp.call('walled.read', { of: join(work, 'inside') })
    const records = await gateway.store.readLog({ limit: 500 })
    const confinements = new Set(records.map(({ body }) => (JSON.parse(body) as { confinement?: string }).confinement))
    expect(confinements).toContain('bubblewrap: sandbox')
    expect(confinements).not.toContain('unsandboxed')
  })

  test('INV-10, E-70, T-142: what cannot be confined as it should be does not run at all', async () => {
    await expect(sp.call('wrong.read', { of: '/etc/hostname' })).rejects.toMatchObject({ code: 'SP_MCP_UNKNOWN_TOOL' })
    expect(gateway.notices.join(' ')).toMatch(/wrong.*cannot be a workspace/)
    expect(processesWith('curious-server.mjs').filter((line) => line.includes('/etc'))).toEqual([])
  })

  test('HB-141: closing the gateway leaves none of them behind', async () => {
    expect(processesWith(join(folder.path, 'tools')).length).toBeGreaterThan(0)
    await gateway.close()
    expect(processesWith(join(folder.path, 'tools'))).toEqual([])
  })
})

describe.skipIf(!hasSandbox)('a stdio server that is a script of a project', () => {
  test('SEC-6.4: sees its package and the modules that Node looks for above it, and nothing beside them', async () => {
    const folder = await confinedGround()
    const project = join(folder.path, 'project')
    const at = (path: string, text: string): string => {
      mkdirSync(join(project, path, '..'), { recursive: true })
      writeFileSync(join(project, path), text)
      return join(project, path)
    }
    at('node_modules/dep/package.json', '{"name":"dep","type":"module","exports":"./index.js"}')
    at('node_modules/dep/index.js', 'export default "from-a-module"\n')
    at('tools/package.json', '{"type":"module"}')
    const secret = at('.env', 'canary-of-the-project')
    copyFileSync(FIXTURE, at('tools/server.mjs', ''))
    const own = readFileSync(FIXTURE, 'utf8').replace(
      /^/,
      'import dep from "dep"; if (dep !== "from-a-module") process.exit(1)\n',
    )
    writeFileSync(join(project, 'tools/server.mjs'), own)
    const command = JSON.stringify([process.execPath, join(project, 'tools/server.mjs')])
    const { gateway, sp } = await confinedGateway(folder, `  scripted: { command: ${command}, tools: { ${NOTES} } }\n`)
    try {
      expect(said(await sp.call('scripted.read', { of: secret }))).toContain('ENOENT')
    } finally {
      await sp.close()
      await gateway.close()
      await folder.remove()
    }
  })
})

describe('a stdio server where somebody answers for `sandbox.mode: off`', () => {
  test('E-71: reads and reaches what the account does, which the log and the notices say', async () => {
    const folder = await confinedGround()
    const command = JSON.stringify([process.execPath, FIXTURE])
    const servers = `  bare: { command: ${command}, tools: { ${NOTES} } }\n`
    const { gateway, sp } = await confinedGateway(folder, servers, UNCONFINED)
    const listener = createServer((socket) => socket.end())
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    try {
      const of = String((listener.address() as AddressInfo).port)
      expect(said(await sp.call('bare.read', { of: folder.outside }))).toContain('canary-of-the-host')
      expect(said(await sp.call('bare.reach', { of }))).toContain('reached')
      const records = await gateway.store.readLog({ limit: 500 })
      expect(records.map(({ body }) => (JSON.parse(body) as { confinement?: string }).confinement)).toContain(
        'unsandboxed',
      )
      expect(gateway.notices.join(' ')).toContain('sandbox.mode is weaker than its default')
    } finally {
      listener.close()
      await sp.close()
      await gateway.close()
      await folder.remove()
    }
  })
})

describe.skipIf(!hasSandbox)('a server of an agent’s own configuration, with `sandbox.wrapped`', () => {
  test('T-053, T-086: runs confined too, and nothing of the host is there', async () => {
    const folder = await confinedGround()
    const { gateway, sp } = await confinedGateway(folder, '  {}\n', 'sandbox: { wrapped: { workspace: ro } }')
    try {
      const command = [process.execPath, FIXTURE]
      await gateway.catalogue.addServer('own', { transport: 'stdio', command, env: [] }, folder.work)
      const ask = await wrapped(join(folder.path, 'state'), { alias: 'own', command, cwd: folder.work, env: {} })
      await ask(0, 'initialize', {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 't', version: '1' },
      })
      await ask(1, 'tools/list', {})
      expect(await ask(2, 'tools/call', { name: 'read', arguments: { of: folder.outside } })).toContain('ENOENT')
      const records = await gateway.store.readLog({ limit: 500 })
      const confinements = records.map(({ body }) => (JSON.parse(body) as { confinement?: string }).confinement)
      expect(confinements).toContain('bubblewrap: sandbox')
    } finally {
      await sp.close()
      await gateway.close()
      await folder.remove()
    }
  })
})

/** What `mcp wrap` does: a stream of one server under the agent's credential. @returns asks it and waits for the answer */
async function wrapped(stateDir: string, launch: object) {
  const line = readFileSync(join(stateDir, 'agents/a/credential'), 'utf8').trim()
  const sent = request({
    socketPath: join(stateDir, 'run/agent.sock'),
    path: '/v1/mcp/stdio',
    headers: {
      ...{ host: 'localhost', connection: 'Upgrade', upgrade: 'sallyport-mcp' },
      authorization: line.slice(line.indexOf(':') + 1).trim(),
      'sallyport-launch': Buffer.from(JSON.stringify(launch)).toString('base64url'),
    },
  })
  sent.end()
  const [, socket, head] = (await once(sent, 'upgrade')) as [unknown, Duplex, Buffer]
  let said = head.toString()
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return async (id: number, method: string, params: object): Promise<string> => {
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    const answer = (): string | undefined =>
      said.split('\n').find((row) => row.includes(`"id":${id},`) || row.endsWith(`"id":${id}}`))
    await expect.poll(answer, { timeout: 10_000 }).toBeDefined()
    return answer() ?? ''
  }
}
