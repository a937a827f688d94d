// Calls counter.count over streamable HTTP with the MCP SDK:  node mcp-over-tls.mjs URL CREDENTIAL
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const [url, credential] = process.argv.slice(2)
const client = new Client({ name: 'remote', version: '1.0.0' })
const requestInit = { headers: { authorization: `Bearer ${credential}` } }
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }))
const { tools } = await client.listTools()
const { name } = tools.find((tool) => tool.name.endsWith('count'))
const { content } = await client.callTool({ name, arguments: { id: 'over-tls' } })
process.stdout.write(
  JSON.stringify({ count: content.map(({ text }) => text).find((text) => text === 'over-tls') ?? content }),
)
await client.close()
