import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const authorizationOf = (stateDir: string, agent: string): string => {
  const line = readFileSync(join(stateDir, 'agents', agent, 'credential'), 'utf8').trim()
  return line.slice(line.indexOf(':') + 1).trim()
}

/** The application tells what its user typed; its credential may vouch for that, the model never sees it. */
export async function tell(url: string, stateDir: string, agent: string, words: string): Promise<void> {
  const response = await fetch(new URL('/v1/session/words', url), {
    method: 'POST',
    headers: { authorization: authorizationOf(stateDir, agent), 'content-type': 'application/json' },
    body: JSON.stringify({ text: words }),
  })
  if (response.status !== 200) throw new Error(`The gateway answered ${response.status}: ${await response.text()}`)
}

/** A real MCP client, as an agent would use one, on the gateway's HTTP endpoint that joins all servers. */
export async function connect(url: string, stateDir: string, agent: string): Promise<Client> {
  const authorization = authorizationOf(stateDir, agent)
  const client = new Client({ name: 'demo-agent', version: '1.0.0' }, { capabilities: {} })
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers: { authorization } },
  })
  await client.connect(transport as Parameters<Client['connect']>[0])
  return client
}
