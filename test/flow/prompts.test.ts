import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { connect, type Sallyport } from '../../packages/sdk/src/index.ts'
import { temporaryDirectory } from '../api/kit.ts'
import { initialize, lineClient, type Lines } from '../mcp/lines.ts'
import { UNCONFINED } from '../unconfined.ts'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

let gateway: Gateway
let folder: Awaited<ReturnType<typeof temporaryDirectory>>
const open: (Sallyport | Lines)[] = []
const socket = (): string => join(folder.path, 'state', 'run', 'agent.sock')

beforeAll(async () => {
  folder = await temporaryDirectory()
  const stateDir = join(folder.path, 'state')
  await mkdir(join(folder.path, 'mailbox'))
  await writeFile(join(folder.path, 'mailbox', 'inbox.json'), '[]')
  const config = [
    'version: 1',
    'policies: [preset:balanced]',
    UNCONFINED,
    'servers:',
    `  hub: { command: [${process.execPath}, ${path('./fixtures/prompt-server.mjs')}] }`,
    '  mail:',
    `    command: [${process.execPath}, ${path('../../examples/mailbox/server.mjs')}, ${join(folder.path, 'mailbox')}]`,
    '    tools:',
    '      send_mail: { effect: external, args: { to: sink, subject: content, body: content } }',
  ].join('\n')
  const loaded = parseConfig(config, join(folder.path, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() })
  gateway = await createGateway(loaded, { stateDir, operationalSink: () => undefined })
  await gateway.listen()
}, 60_000)
afterAll(async () => {
  for (const one of open) await ('end' in one ? one.end() : one.close())
  await gateway.close()
  await folder.remove()
})

/** An agent whose words are those of its user, over the SDK and over MCP at the same time. */
async function agent(name: string) {
  const { key } = await gateway.identity.agents.add({ name, by: 'test', scopes: ['read', 'execute', 'vouch'] })
  await gateway.identity.agents.setTrust(name, 2, 'test', 'policy alone')
  const sp = connect({ socket: socket(), agent: name, key })
  const issued = gateway.identity.issueFor(name)
  const lines = await lineClient(socket(), { alias: 'hub' }, issued.ok ? issued.value.credential : '')
  open.push(sp, lines)
  await lines.ask(initialize(0), 0)
  const prompt = (of: string): Promise<string> => {
    const request = { jsonrpc: '2.0', id: of, method: 'prompts/get', params: { name: of } }
    return lines.ask(JSON.stringify(request), of)
  }
  const send = (to: string) =>
    sp.call('mail.send_mail', { to: [to], subject: 'Hi', body: 'Hi' }, { approvalTimeoutMs: 10_000 })
  return { sp, prompt, send }
}

describe('prompts of a server', () => {
  test.each([
    ['user', 'eve@evil.example'],
    ['assistant', 'mallory@evil.example'],
    ['embedded', 'trudy@evil.example'],
  ])('T-061: what a prompt says (%s) is of the server, and never the words of the user', async (of, to) => {
    const { sp, prompt, send } = await agent(`${of}-${Date.now()}`)
    expect(await sp.say('Take the prompt and say Hi to boss@corp.example')).toBe('typed')
    expect(await prompt(of)).toContain(to)
    // whom the user named is written to; whom the prompt named, in the role of the user, nobody was asked about
    await expect(send('boss@corp.example')).resolves.toBeTruthy()
    await expect(send(to)).rejects.toMatchObject({ code: 'SP_AUTHN_UNCLAIMED' })
    const records = await gateway.store.readLog({ kind: 'decision', newest: true, limit: 1 })
    expect(JSON.parse(records[0]?.body ?? '{}')).toMatchObject({
      toolName: 'mail.send_mail',
      origins: expect.arrayContaining([
        expect.objectContaining({ origin: 'untrusted', from: ['hub.mcp:prompts/get'], role: 'sink' }),
      ]),
    })
    // and saying it after the prompt did makes it nobody's but the prompt's
    await sp.say(`Fine, write to ${to}`)
    await expect(send(to)).rejects.toMatchObject({ code: 'SP_AUTHN_UNCLAIMED' })
  })

  test('T-061: whom the user named before any prompt is still written to', async () => {
    const { sp, prompt, send } = await agent(`before-${Date.now()}`)
    await sp.say('Say Hi to eve@evil.example, and look at the prompts')
    await prompt('assistant')
    await expect(send('eve@evil.example')).resolves.toBeTruthy()
  })
})
