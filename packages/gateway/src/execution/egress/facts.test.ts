import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeBody } from './body.ts'
import { factsOf } from './facts.ts'

const LINE = { method: 'POST', path: '/graphql', search: '', contentType: 'application/json; charset=utf-8' }
const FORM = 'application/x-www-form-urlencoded'
const read = async (body: unknown, line: Partial<typeof LINE> = {}) =>
  factsOf({ ...LINE, ...line }, typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body)))
const operations = async (body: unknown, line: Partial<typeof LINE> = {}) => (await read(body, line)).graphql

describe('GraphQL operations of a request', () => {
  it('are all of a document, by what they really ask for', async () => {
    const query = `
      query A { harmless: deleteRepository { id } ...F ... on Query { viewer { login } } }
      mutation B { addStar { id } }
      fragment F on Query { repository(owner: "a", name: "b") { id } }`
    expect(await operations({ query, operationName: 'A' })).toEqual([
      { kind: 'query', fields: ['deleteRepository', 'repository', 'viewer'] },
      { kind: 'mutation', fields: ['addStar'] },
    ])
  })
  it('stand in batches, in the query of a GET, and in bodies of their own type', async () => {
    const a = '{ a }'
    expect(await operations([{ query: a }, { query: 'mutation { b }' }])).toHaveLength(2)
    expect(await operations(a, { contentType: 'application/graphql' })).toEqual([{ kind: 'query', fields: ['a'] }])
    expect((await factsOf({ ...LINE, method: 'GET', search: '?query=%7Ba%7D' }, undefined)).graphql).toHaveLength(1)
    const both = await operations({ query: a }, { search: '?query=mutation%7Bb%7D' })
    expect(both?.map(({ kind }) => kind)).toEqual(['mutation', 'query'])
  })
  it.each([
    ['a hash of a query', { extensions: { persistedQuery: { version: 1, sha256Hash: 'ab' } } }],
    ['a hash in a batch', [{ query: '{ a }' }, { id: 'x' }]],
    ['a member that is there twice', '{"query":"{ a }","query":"mutation { b }"}'],
    ['what is no document', { query: 'mutation {' }],
    ['a fragment that holds itself', { query: '{ ...F } fragment F on Q { ...F }' }],
    ['a fragment that is not there', { query: '{ ...F }' }],
    ['a document without operations', { query: 'fragment F on Q { a }' }],
    ['fields without end', { query: `{ ${'a '.repeat(30_000)} }` }],
    ['no JSON', 'query=mutation{b}'],
    ['an empty batch', []],
  ])('%s is not read', async (_what, body) => expect(await operations(body)).toBeUndefined())

  it('T-116: a body of a GET counts, too', async () => {
    const line = { method: 'GET', search: '?query=%7Ba%7D' }
    expect((await operations({ query: 'mutation { b }' }, line))?.map(({ kind }) => kind)).toEqual([
      'query',
      'mutation',
    ])
    expect(await operations('query=mutation{b}', { ...line, contentType: FORM })).toBeUndefined()
  })
  it('T-116: members of the query as any server may read them', async () => {
    const kinds = async (search: string) => (await operations({ query: '{ a }' }, { search }))?.map(({ kind }) => kind)
    expect(await kinds('?x=1;query=mutation{b}')).toEqual(['mutation', 'query'])
    expect(await kinds('?Query=mutation{b}')).toEqual(['mutation', 'query'])
    expect(await kinds('?query[]=mutation{b}')).toEqual(['mutation', 'query'])
  })
  it.each([
    ['a form that is JSON, too', '{"query":"{ a }","x":"&query=mutation{b}&"}', FORM],
    ['a body of no type', '{"query":"{ a }"}', ''],
    [
      'UTF-7',
      '{"query":"{ a }","variables":"+ACI-,+ACI-query+ACI-:+ACI-mutation{b}"}',
      'application/json; charset=utf-7',
    ],
    ['another encoding in a second parameter', '{"query":"{ a }"}', 'application/json; a=b; charset=utf-16le'],
    ['two encodings', '{"query":"{ a }"}', 'application/json; charset=utf-8; charset=utf-7'],
    ['a document in another encoding', '{ a }', 'application/graphql; charset=utf-7'],
  ])('T-116: %s is not read', async (_what, body, contentType) =>
    expect(await operations(body, { contentType })).toBeUndefined(),
  )
  it.each([
    ['in another case', { query: '{ a }', Query: 'mutation { b }' }],
    ['for what the server knows', { query: '{ a }', documentId: 'b' }],
  ])('T-116: a body with a member %s is not read', async (_what, body) =>
    expect(await operations(body)).toBeUndefined(),
  )
  it.each([
    'application/json',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
    'application/x+json',
  ])('%s is read', async (contentType) => expect(await operations({ query: '{ a }' }, { contentType })).toHaveLength(1))
  it('fields without end are not read: neither in one operation, nor in many, nor in a batch', async () => {
    const fragment = `fragment F on Q { ${Array.from({ length: 4_000 }, (_, n) => `a${n}`).join(' ')} }`
    const spread = { query: `{ ${'...F '.repeat(7_000)} } ${fragment}` }
    const many = { query: `${Array.from({ length: 2_500 }, (_, n) => `query Q${n} { ...F }`).join(' ')} ${fragment}` }
    const few = { query: `{ ...F ...F } ${fragment}` }
    for (const body of [spread, many, Array.from({ length: 20 }, () => few)])
      expect(await operations(body)).toBeUndefined()
    expect(await operations(few)).toHaveLength(1)
  })

  it('fragments that double at each step are read once each', async () => {
    const steps = Array.from({ length: 40 }, (_, n) => `fragment F${n} on Q { ...F${n + 1} ...F${n + 1} }`).join(' ')
    const query = `{ ...F0 } ${steps} fragment F40 on Q { a }`
    expect(await operations({ query })).toEqual([{ kind: 'query', fields: ['a'] }])
  })
})

describe('MCP messages of a request', () => {
  it('are its method and its tool', async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'search', arguments: {} } }
    expect((await read(call)).mcp).toEqual([{ method: 'tools/call', tool: 'search' }])
    expect((await read([call, { jsonrpc: '2.0', id: 2, result: {} }])).mcp).toEqual([
      { method: 'tools/call', tool: 'search' },
      { method: '' },
    ])
  })
  it.each([
    ['another protocol', { method: 'tools/call' }],
    ['a method that is none', { jsonrpc: '2.0', method: 7 }],
    ['neither a call nor an answer', { jsonrpc: '2.0', id: 1 }],
    ['a method in another case', { jsonrpc: '2.0', method: 'tools/list', Method: 'tools/call' }],
    ['parameters in other letters', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'a' }, 'param\u017f': {} }],
    ['a tool in another case', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'a', Name: 'b' } }],
    ['one bad one in a batch', [{ jsonrpc: '2.0', method: 'a' }, 7]],
  ])('%s is not read', async (_what, body) => expect((await read(body)).mcp).toBeUndefined())
})

describe('encoded bodies', () => {
  const plain = Buffer.from('a body '.repeat(100))
  it.each([
    ['gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['br', brotliCompressSync(plain)],
    [undefined, plain],
  ])('%s is decoded', async (encoding, body) => expect(await decodeBody(body, encoding, 10_000)).toEqual(plain))
  it.each([
    ['a bomb', 'gzip', gzipSync(Buffer.alloc(1 << 24))],
    ['one that is broken', 'gzip', gzipSync(plain).subarray(0, 20)],
    ['one within another', 'gzip, gzip', gzipSync(gzipSync(plain))],
    ['an unknown one', 'zstd', plain],
  ])('%s is not', async (_what, encoding, body) => expect(await decodeBody(body, encoding, 10_000)).toBeUndefined())
})

describe('T-116: the type of a body', () => {
  it('is none that a rule could name when the client does not say', async () => {
    expect((await factsOf({ ...LINE, contentType: undefined }, Buffer.from('x'))).type).toBe('')
    expect((await factsOf({ ...LINE, contentType: undefined }, undefined)).type).toBeUndefined()
  })
})

describe('T-116: methods that a request says it is of', () => {
  const part = (name: string): string => `--x\r\ncontent-disposition: form-data; ${name}\r\n\r\nDELETE\r\n--x--\r\n`
  it.each([
    ['a form', 'a=b&_method=delete', FORM, '?'],
    ['a form that names nothing else', '_method', FORM, '?'],
    ['a name that becomes it', '+.Method[0]=x', FORM, '?'],
    ['an encoded name', '%5Fm%65tho%44=PUT', FORM, '?'],
    ['another separator', 'a=b;_method=PUT', FORM, '?'],
    ['blanks before it', 'a=b&+%20\t%0a_method=PUT', FORM, '?'],
    ['a blank in place of its first sign', 'a=b&+%20method=PUT', FORM, '?'],
    ['megabytes of blanks before it', `${'+%20'.repeat(1 << 20)}%5fm%45thod`, FORM, '?'],
    ['JSON', '{"_method":"PUT"}', 'application/json', 'PUT'],
    ['escaped JSON', '{"\\u005fmethod":"PUT"}', 'application/json', 'PUT'],
    ['JSON that is not read', '{"a":1,"a":2,"_method":"PUT"}', 'application/json', 'PUT'],
    ['a part', part('name="_method"'), 'multipart/form-data; boundary=x', '?'],
    ['a part without quotation marks', part('name=_method'), 'multipart/form-data; boundary=x', '?'],
  ])('in %s', async (_what, body, contentType, method) =>
    expect((await factsOf({ ...LINE, contentType }, Buffer.from(body))).overrides).toEqual([method]),
  )
  it('in the query, of any method', async () => {
    const line = { ...LINE, method: 'GET', search: '?_METHOD=DELETE' }
    expect((await factsOf(line, undefined)).overrides).toEqual(['DELETE'])
    expect((await factsOf({ ...line, method: 'POST' }, undefined)).overrides).toEqual(['DELETE'])
  })
  it('in time for what is made to take long', async () => {
    for (const [unit, contentType] of [
      ['name=', 'multipart/form-data'],
      ['name        ', 'multipart/form-data'],
      ['+', FORM],
      ['&+%20', FORM],
      ['+method=', FORM],
    ] as const) {
      const started = process.cpuUsage()
      await factsOf({ ...LINE, contentType }, Buffer.from(unit.repeat((4 << 20) / unit.length)))
      expect(process.cpuUsage(started).user / 1_000).toBeLessThan(3_000)
    }
  }, 30_000)
  it('not where a value only looks like it', async () => {
    expect(await read({ note: '_method=DELETE' })).not.toHaveProperty('overrides')
    expect(await read('a=_method&_methodology=x', { contentType: FORM })).not.toHaveProperty('overrides')
    expect(await read('a=b+%20_method=x', { contentType: FORM })).not.toHaveProperty('overrides')
    expect(await read('_method=x', { contentType: 'application/x-www-form-urlencoded-not' })).not.toHaveProperty(
      'overrides',
    )
  })
})
