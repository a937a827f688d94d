import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '@sallyport/core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openSite, type Site } from '../people/console.ts'
import { UNCONFINED } from '../unconfined.ts'
import { addAuthenticator, newContext, type Look, type Passkey } from './kit.ts'

const SERVER = fileURLToPath(new URL('./mail-server.mjs', import.meta.url))
const PROTOCOL = { 'mcp-protocol-version': '2025-06-18', accept: 'application/json, text/event-stream' }

/** A real gateway with a console, a mail server behind it, and one agent. */
export interface ConsoleSite extends Site {
  /** Mails that were really sent. */
  sent(): readonly JsonObject[]
  /** The agent's MCP call; resolves with the JSON-RPC answer when the gateway answers. */
  send(mail: JsonObject): Promise<JsonObject>
}

/** Cedar that asks before every mail. */
const ASKS = `// version: 1.0
@id("test.allow") permit (principal, action, resource);
@id("ifc.sink") @decision("approve") @severity("high") @advice("You did not give this recipient. Anyone could have sent it.")
forbid (principal, action, resource) when { context.tool.name == "send_email" } unless { context.approved };
`

/** `cedar` stands in the place of the policy that asks before every mail; `more` are lines of the configuration. */
export async function openConsole(cedar = ASKS, more = ''): Promise<ConsoleSite> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-console-'))
  const outbox = join(place, 'outbox')
  writeFileSync(outbox, '')
  writeFileSync(join(place, 'test.cedar'), cedar)
  const command = JSON.stringify([process.execPath, SERVER, outbox])
  const args = '{ "to[]": sink, subject: content, body: content }'
  const site = await openSite(
    `policies: [${JSON.stringify(join(place, 'test.cedar'))}]\n${UNCONFINED}\n${more}\nservers:\n  gmail:\n    command: ${command}\n    trust: trusted\n    tools: { send_email: { effect: external, args: ${args} } }\n`,
  )
  const { identity } = site.gateway
  await identity.agents.add({ name: 'support-triage', by: 'test' })
  const issued = identity.issueFor('support-triage')
  if (!issued.ok) throw new Error(issued.reason)
  const call = mcpClient(join(site.stateDir, 'run', 'agent.sock'), issued.value.credential)
  return {
    ...site,
    gateway: site.gateway,
    send: (mail) => call('tools/call', { name: 'send_email', arguments: mail }),
    sent: () =>
      readFileSync(outbox, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as JsonObject),
    async close() {
      await site.close()
      rmSync(place, { recursive: true, force: true })
    },
  }
}

/** An agent's MCP client over the agent socket. */
function mcpClient(socketPath: string, credential: string) {
  let session: Promise<string> | undefined
  const post = (message: JsonObject, headers: Record<string, string> = {}) =>
    new Promise<{ readonly session: string; readonly body: string }>((resolve, reject) => {
      const text = JSON.stringify({ jsonrpc: '2.0', ...message })
      const sent = request(
        {
          socketPath,
          method: 'POST',
          path: '/mcp/gmail',
          headers: {
            ...PROTOCOL,
            ...headers,
            authorization: `Bearer ${credential}`,
            'content-type': 'application/json',
          },
        },
        (answer) => {
          let body = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
          answer.on('end', () => resolve({ session: String(answer.headers['mcp-session-id'] ?? ''), body }))
          answer.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end(text)
    })
  const open = async (): Promise<string> => {
    const clientInfo = { name: 'test', version: '1' }
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }
    return (await post({ id: 1, method: 'initialize', params })).session
  }
  let next = 1
  return async (method: string, params: JsonObject): Promise<JsonObject> => {
    session ??= open()
    const id = await session
    const { body } = await post({ id: ++next, method, params }, id === '' ? {} : { 'mcp-session-id': id })
    // an answer, or a stream of events of which the last is the answer
    const line = body
      .split('\n')
      .filter((each) => each.startsWith('data: ') && each.includes('"id"'))
      .at(-1)
    return JSON.parse(line === undefined ? body : line.slice(6)) as JsonObject
  }
}

export interface SignedIn extends Passkey {
  readonly context: BrowserContext
  readonly page: Page
}

/**
 * A person with a passkey: set up by a one-time link, as the first person of the gateway is. `strict` looks at the step that shows how
 * strict the gateway is.
 */
export async function claim(
  site: Site,
  browser: Browser,
  name = 'jonas',
  look: Look = {},
  strict?: (page: Page) => Promise<void>,
): Promise<SignedIn> {
  const made = await site.socket('POST', '/api/v1/setup/link', {})
  const context = await newContext(browser, look)
  const page = await context.newPage()
  const passkey = await addAuthenticator(page)
  await page.goto(String(made.body.url))
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Create a passkey' }).click()
  const codes = page.locator('ol code')
  await codes.first().waitFor()
  await page.getByLabel('Type one of them').fill((await codes.first().textContent()) ?? '')
  await page.getByRole('button', { name: 'I have them' }).click()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('heading', { name: 'How strict' }).waitFor()
  await strict?.(page)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('button', { name: 'Open Sallyport' }).click()
  await page.waitForURL('**/approvals')
  return { context, page, ...passkey }
}
