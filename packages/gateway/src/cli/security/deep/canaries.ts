import { readFileSync } from 'node:fs'
import { toSallyportError } from '@sallyport/core'
import type { Tried } from '../../../assurance/posture/facts.ts'
import { CLAUDE_CODE } from '../../../hosts/claude-code.ts'
import { readFrame } from '../../../hosts/frame.ts'
import { CANARY, whyNotDenied } from '../../doctor/canary.ts'
import { ask, type Answered, type Door } from './ask.ts'

/** A tool that no server has: nobody may call it, whatever policy says. */
const TOOL = 'sallyport-audit.canary'
const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** One way in: what is sent, and why the answer is not a refusal; undefined: it is one. */
interface Ingress {
  readonly name: string
  readonly send: (door: Door, headers: Readonly<Record<string, string>>) => Promise<Answered>
  readonly notRefused: (answer: Answered) => string | undefined
}

const post = (door: Door, path: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answered> =>
  ask(door, { method: 'POST', path, headers: { ...JSON_TYPE, ...headers }, body })

/** A refusal of ours has one of our codes; anything else may be an answer. */
const reasonMissing = ({ status, text }: Answered): string | undefined =>
  /"code":"SP_[A-Z_]+"/.test(text) && !/"result":/.test(text) ? undefined : `it answered ${status}`

const INGRESSES: readonly Ingress[] = [
  {
    name: 'agent API',
    send: (door, headers) =>
      post(door, '/v1/calls', { prefer: 'wait=5', ...headers }, JSON.stringify({ tool: TOOL, arguments: {} })),
    notRefused: reasonMissing,
  },
  {
    name: 'hooks',
    send: (door, headers) => post(door, `/v1/hooks/${CLAUDE_CODE.profile.id}`, headers, CANARY),
    notRefused: ({ status, text }) => {
      const frame = status === 200 ? readFrame(text) : undefined
      return frame === undefined ? 'it answered without a verdict' : whyNotDenied(frame)
    },
  },
  {
    name: 'MCP',
    async send(door, headers) {
      const version = '2025-06-18'
      const params = {
        protocolVersion: version,
        capabilities: {},
        clientInfo: { name: 'sallyport-audit', version: '1' },
      }
      const greeting = { jsonrpc: '2.0', id: 1, method: 'initialize', params }
      const opened = await post(door, '/mcp', headers, JSON.stringify(greeting))
      if (opened.status >= 400) return opened
      const session = opened.headers['mcp-session-id']
      const call = {
        jsonrpc: '2.0',
        id: 2,
        method: 'tools/call',
        params: { name: TOOL.replace('.', '__'), arguments: {} },
      }
      const more = {
        'mcp-protocol-version': version,
        ...(typeof session === 'string' ? { 'mcp-session-id': session } : {}),
      }
      const answer = await post(door, '/mcp', { ...headers, ...more }, JSON.stringify(call))
      await ask(door, { method: 'DELETE', path: '/mcp', headers: { ...headers, ...more } }).catch(() => undefined)
      return answer
    },
    notRefused: reasonMissing,
  },
]

/**
 * Sends a call that nobody may make through each way in: without a credential, and with that of an agent where there is one.
 * Each refusal with a credential is recorded like any other.
 */
export async function tryCanaries(door: Door, credential: string | undefined): Promise<readonly Tried[]> {
  const tried: Tried[] = []
  const line = credential === undefined ? undefined : readFileSync(credential, 'utf8').trim()
  const at = line?.indexOf(':') ?? 0
  const own = line === undefined ? undefined : { [line.slice(0, at)]: line.slice(at + 1).trim() }
  for (const { name, send, notRefused } of INGRESSES) {
    const stranger = await answerOf(send(door, {}))
    tried.push({
      what: `${name}, without a credential`,
      ok: 'status' in stranger && [401, 403, 429].includes(stranger.status),
      said: 'status' in stranger ? String(stranger.status) : stranger.why,
    })
    if (own === undefined) continue
    const answer = await answerOf(send(door, own))
    const why = 'status' in answer ? notRefused(answer) : answer.why
    tried.push({ what: name, ok: why === undefined, said: why ?? 'refused' })
  }
  return tried
}

async function answerOf(sent: Promise<Answered>): Promise<Answered | { readonly why: string }> {
  try {
    return await sent
  } catch (thrown) {
    return { why: toSallyportError(thrown).message }
  }
}
