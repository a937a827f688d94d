import { request } from 'node:http'
import type { Duplex } from 'node:stream'
import { createInterface } from 'node:readline'

export interface Lines {
  send(text: string): void
  /** Sends a request and gives the whole line that answers it. */
  ask(text: string, id: number | string | null): Promise<string>
  /** The next line that `pick` accepts, also among those that came before. */
  next(pick: (message: Record<string, never>) => boolean, ms?: number): Promise<string>
  readonly seen: string[]
  end(): void
}

/** A raw client of the stdio relay: every byte it sends is the test's own. */
export async function lineClient(socketPath: string, launch: object, token = 'tester'): Promise<Lines> {
  const stream = await new Promise<Duplex>((resolve, reject) => {
    const sent = request({
      socketPath,
      path: '/v1/mcp/stdio',
      headers: {
        host: 'localhost',
        connection: 'Upgrade',
        upgrade: 'sallyport-mcp',
        authorization: `Bearer ${token}`,
        'sallyport-launch': Buffer.from(JSON.stringify({ cwd: '/', env: {}, command: [], ...launch })).toString(
          'base64url',
        ),
      },
    })
    sent.once('upgrade', (_response, socket) => resolve(socket))
    sent.once('response', (response) => reject(new Error(`HTTP ${response.statusCode}`)))
    sent.once('error', reject)
    sent.end()
  })
  const seen: string[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: stream }).on('line', (line) => {
    seen.push(line)
    for (const wake of waiting) wake()
  })
  const next: Lines['next'] = (pick, ms = 10_000) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look)
        reject(new Error(`Nothing fitting among ${seen.length} lines: ${seen.slice(-3).join(' | ').slice(0, 400)}`))
      }, ms)
      const look = (): void => {
        const found = seen.find((line) => pick(JSON.parse(line) as Record<string, never>))
        if (found === undefined) return
        clearTimeout(timer)
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  return {
    send: (text) => void stream.write(`${text}\n`),
    ask(text, id) {
      stream.write(`${text}\n`)
      return next((message) => message['method'] === undefined && message['id'] === id)
    },
    next,
    seen,
    end: () => void stream.end(),
  }
}

export const initialize = (id: number, version = '2025-11-25', capabilities: object = {}) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'initialize',
    params: { protocolVersion: version, capabilities, clientInfo: { name: 'test', version: '1' } },
  })

export const callTool = (id: number | string, name: string, args: object = {}, more: object = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args, ...more } })
