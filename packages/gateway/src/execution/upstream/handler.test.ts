import { expect, it } from 'vitest'
import { createBoundary } from '../../boundary/boundary.ts'
import { ControlContext, type ControlState } from '../../boundary/contexts.ts'
import { bench, call, caller } from '../../boundary/fixtures/ports.ts'
import type { RawResult } from '../../boundary/ports.ts'
import { createUpstreamHandler } from './handler.ts'

/** What a call that the boundary released is made of. */
async function released(): Promise<ControlState> {
  let state: ControlState | undefined
  const execute = async (control: ControlContext): Promise<RawResult> => {
    state = ControlContext.open(control)
    return { outcome: 'success', resultText: '{}', confinement: 'none' }
  }
  await createBoundary({ ...bench().ports, executor: { execute } }).cross(caller(), call({ path: '/a' }))
  if (state === undefined) throw new Error('nothing was released')
  return state
}

/** What reaches the servers when it is changed so. */
async function ran(change: (state: ControlState) => Partial<ControlState>, mayUse = true) {
  const state = await released()
  const sent: unknown[] = []
  const handler = createUpstreamHandler(
    {
      call: async (...words) => {
        sent.push(words)
        return { outcome: 'success', resultText: '{}', confinement: 'none' }
      },
    },
    () => mayUse,
  )
  const result = await handler
    .run(new ControlContext({ ...state, ...change(state) }))
    .catch((thrown: unknown) => thrown)
  return { sent, result, state }
}

it('HB-54: a server of another agent is not there, and nothing is sent', async () => {
  const { sent, result } = await ran(() => ({}), false)
  expect(result).toMatchObject({ code: 'SP_MCP_UNKNOWN_SERVER' })
  expect(sent).toEqual([])
})

it.each([
  ['mcp-http', 'own'],
  ['mcp-stdio', 'own'],
  ['api', 's-1'],
] as const)('SYS-14: a caller by %s has the connection %s to the server', async (ingress, connection) => {
  const { sent } = await ran(({ caller: who }) => ({ caller: { ...who, ingress, connection: 'own' } }))
  expect(sent).toMatchObject([
    ['files', connection, 'tools/call', '{"name":"read_file","arguments":{"path":"/a"}}', {}],
  ])
})

it('whoever waits can give up and hears of progress, where he said so', async () => {
  const { signal } = new AbortController()
  const onProgress = (): void => undefined
  const bare = await ran(
    ({ signal: _s, onProgress: _p, ...rest }) => ({ ...rest, signal: undefined, onProgress: undefined }) as never,
  )
  expect(Object.keys((bare.sent[0] as readonly object[])[4] ?? {})).toEqual(['decideWritten'])
  const { sent } = await ran(() => ({ signal, onProgress }))
  expect((sent[0] as readonly unknown[])[4]).toMatchObject({ signal, onProgress })
})
