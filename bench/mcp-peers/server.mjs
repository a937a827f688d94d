// The measured server, on the official SDK 1: one echo tool. Stdio, or HTTP with --http (prints its URL).
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { z } from 'zod'

const build = () => {
  const server = new McpServer({ name: 'bench', version: '1' })
  server.registerTool('echo', { description: 'Says it again', inputSchema: { message: z.string() } }, ({ message }) => ({
    content: [{ type: 'text', text: message }],
  }))
  return server
}

if (process.argv.includes('--http')) {
  const sessions = new Map()
  const listener = createServer(async (request, response) => {
    const known = sessions.get(request.headers['mcp-session-id'])
    if (known !== undefined) return known.handleRequest(request, response)
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      enableJsonResponse: true,
      onsessioninitialized: (id) => sessions.set(id, transport),
    })
    await build().connect(transport)
    return transport.handleRequest(request, response)
  })
  listener.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${listener.address().port}/mcp`))
} else await build().connect(new StdioServerTransport())
