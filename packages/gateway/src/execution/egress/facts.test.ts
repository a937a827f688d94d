import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeBody } from './body.ts'
import { factsOf } from './facts.ts'

const LINE = { method: 'POST', path: '/graphql', search: '', contentType: 'application/json; charset=utf-8' }
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
