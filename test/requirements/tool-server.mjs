// MCP server over stdio with the tools of a JSON file; appends what it executed to a file, one JSON line each.
//   node tool-server.mjs TOOLS.json EXECUTED
import { appendFileSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [toolsFile, executed] = process.argv.slice(2)
const tools = JSON.parse(readFileSync(toolsFile, 'utf8'))
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'tools', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools }),
  'tools/call': ({ name, arguments: args }) => {
    appendFileSync(executed, `${JSON.stringify({ name, args })}\n`)
    return { content: [{ type: 'text', text: `ran ${name}` }] }
  },
  ping: () => ({}),
}
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) continue
  const answer = answers[method]
  const reply =
    answer === undefined ? { error: { code: -32601, message: 'no such method' } } : { result: answer(params ?? {}) }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...reply })}\n`)
}
