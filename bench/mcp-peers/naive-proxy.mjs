// What one gets from the official SDK 1 in an afternoon: a Client to the real server and a Server to the real client.
// Stdio: `naive-proxy.mjs COMMAND…` · HTTP: `naive-proxy.mjs --http URL` (prints its own URL).
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'

const [first, ...rest] = process.argv.slice(2)
const http = first === '--http'

async function proxy() {
  const client = new Client({ name: 'naive', version: '1' })
  await client.connect(
    http ? new StreamableHTTPClientTransport(new URL(rest[0])) : new StdioClientTransport({ command: first, args: rest }),
  )
  const server = new Server({ name: 'naive', version: '1' }, { capabilities: { tools: {} } })
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => client.listTools(params))
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => client.callTool(params))
  return server
}

if (http) {
  const sessions = new Map()
  const listener = createServer(async (request, response) => {
    const known = sessions.get(request.headers['mcp-session-id'])
    if (known !== undefined) return known.handleRequest(request, response)
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      enableJsonResponse: true,
      onsessioninitialized: (id) => sessions.set(id, transport),
    })
    await (await proxy()).connect(transport)
    return transport.handleRequest(request, response)
  })
  listener.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${listener.address().port}/mcp`))
} else await (await proxy()).connect(new StdioServerTransport())
