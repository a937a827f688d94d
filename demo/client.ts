import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

/** A real MCP client, as an agent would use one, on the gateway's HTTP endpoint that joins all servers. */
export async function connect(url: string, stateDir: string, agent: string): Promise<Client> {
  const line = readFileSync(join(stateDir, 'agents', agent, 'credential'), 'utf8').trim()
  const authorization = line.slice(line.indexOf(':') + 1).trim()
  const client = new Client({ name: 'demo-agent', version: '1.0.0' }, { capabilities: {} })
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers: { authorization } },
  })
  await client.connect(transport as Parameters<Client['connect']>[0])
  return client
}
