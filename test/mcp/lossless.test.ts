import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fixture, stdio, testGateway, type TestGateway } from './kit.ts'
import { initialize, lineClient, type Lines } from './lines.ts'

let gateway: TestGateway
let client: Lines
/** What a server answers with: unknown members, odd order, lexemes no serialiser would write. */
const RESULT =
  '{ "zeta" :1.0,"content":[ {"type":"text","text":"\\u0041\\/","n":1.50} ,{"type":"new-kind","x":[ ]}],"structuredContent":{"é":-0.10e1, "a":{}},"isError":false,"_meta":{"vendor/x":{"b":2.0,"a":1}} }'

beforeAll(async () => {
  gateway = await testGateway({
    servers: [
      stdio('mirror', fixture('echo-server.mjs')),
      stdio('fixed', fixture('echo-server.mjs'), { env: { RESULT } } as never),
    ],
  })
  client = await lineClient(gateway.socketPath, { alias: 'mirror' })
  await client.ask(initialize(0), 0)
})
afterAll(async () => {
  client.end()
  await gateway.close()
})

const space = fc.constantFrom('', ' ', '\t')
const scalar = fc.constantFrom(
  '1.0',
  '-0.10',
  '1e2',
  '9007199254740991',
  '"\\u0061\\/b"',
  '"\u2028é\u{1f512}"',
  'null',
  'true',
)
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }).chain((all) => space.map((s) => `[${s}${all.join(`,${s}`)}]`)),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom('b', 'a', 'ü', 'Name', 'x y', '_meta', '10'), tie('value')), {
        maxLength: 4,
        selector: ([key]) => key,
      })
      .chain((all) => space.map((s) => `{${all.map(([key, one]) => `${s}"${key}"${s}:${s}${one}`).join(',')}${s}}`)),
  ),
}))
const member = (names: string[]) =>
  fc.uniqueArray(fc.tuple(fc.constantFrom(...names), value), { maxLength: 3, selector: ([key]) => key })

it('T-075: arguments and unknown parameters reach the server byte for byte, in their order', async () => {
  let id = 0
  await fc.assert(
    fc.asyncProperty(
      member(['zz', 'task2', 'vendor.x']),
      value,
      member(['after', 'aa']),
      async (before, args, after) => {
        const parts = [
          ...before.map(([key, one]) => `"${key}": ${one}`),
          '"name" : "mirror"',
          `"arguments":{ "value" : ${args} }`,
          ...after.map(([key, one]) => `"${key}":${one}`),
        ]
        const params = `{${parts.join(' ,')}}`
        const answer = await client.ask(`{"params":${params},"method":"tools/call","id":${++id},"jsonrpc":"2.0"}`, id)
        const { line } = (JSON.parse(answer) as { result: { line: string } }).result
        expect(line).toContain(`"params":${params}}`)
      },
    ),
    { numRuns: 60 },
  )
})

it('T-075: a result reaches the client byte for byte', async () => {
  const other = await lineClient(gateway.socketPath, { alias: 'fixed' })
  await other.ask(initialize(0), 0)
  const answer = await other.ask(
    '{"jsonrpc":"2.0","id":"i","method":"tools/call","params":{"name":"mirror","arguments":{}}}',
    'i',
  )
  expect(answer).toBe(`{"jsonrpc":"2.0","id":"i","result":${RESULT}}`)
  other.end()
})

it('T-077: ids come back as they were written, "1" and 1 apart', async () => {
  const ask = async (lexeme: string, id: string | number) => {
    const line = await client.ask(`{"jsonrpc":"2.0","id":${lexeme},"method":"ping"}`, id)
    expect(line).toBe(`{"jsonrpc":"2.0","id":${lexeme},"result":{}}`)
  }
  await ask('"1000001"', '1000001')
  await ask('1000001', 1_000_001)
  await ask('"\\u00e9\\/"', 'é/')
  await ask('-7', -7)
  await ask('""', '')
})

it('T-083: definitions are listed byte for byte as the server wrote them', async () => {
  const line = await client.ask('{"jsonrpc":"2.0","id":2000000,"method":"tools/list"}', 2_000_000)
  expect(line).toContain(
    '[{"name":"mirror","description":"Shows what arrived","inputSchema":{"type":"object","additionalProperties":true}}]',
  )
})
