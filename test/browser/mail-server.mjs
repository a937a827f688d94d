// MCP server over stdio that writes every mail it is told to send to a file, one JSON line each.  node mail-server.mjs FILE
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const file = process.argv[2]
const text = { type: 'string' }
const tools = [
  {
    name: 'send_email',
    inputSchema: {
      type: 'object',
      properties: { to: { type: 'array', items: text }, subject: text, body: text },
      required: ['to'],
      additionalProperties: false,
    },
  },
]
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'gmail', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools }),
  'tools/call': ({ arguments: mail }) => {
    appendFileSync(file, `${JSON.stringify(mail)}\n`)
    return { content: [{ type: 'text', text: 'sent' }] }
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
