import { spawnSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type LookupFunction } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { tasks } from '../../scripts/bootstrap/tasks.mjs'
import { judge } from '../setup/loopback.ts'
import { ROOT } from './diagram.ts'

const answering =
  (address: string): LookupFunction =>
  (_host, { all }, answer) =>
    all === true ? answer(null, [{ address, family: 4 }]) : answer(null, address, 4)

const OUTSIDE: readonly (readonly [what: string, go: () => unknown, named: RegExp])[] = [
  ['an address', () => once(createConnection(80, '198.51.100.1'), 'connect'), /198\.51\.100\.1/],
  ['an address of version 6', () => once(createConnection({ port: 80, host: '2001:db8::1' }), 'connect'), /2001:db8/],
  ['TLS', () => once(connectTls({ port: 443, host: '198.51.100.2' }), 'secureConnect'), /198\.51\.100\.2/],
  ['fetch', () => fetch('https://198.51.100.3/'), /198\.51\.100\.3/],
  ['a name that is fetched', () => fetch('http://sallyport.invalid/'), /sallyport\.invalid/],
  ['a name that is looked up', () => lookup('sallyport.invalid'), /sallyport\.invalid/],
  [
    'a name that resolves to an address outside',
    () => once(createConnection({ port: 80, host: 'a.test', lookup: answering('198.51.100.4') }), 'connect'),
    /198\.51\.100\.4 \(a\.test\)/,
  ],
]

test.each(OUTSIDE)('AC-7.3.6: a test that dials out fails, and so does what it dials: %s', async (_what, go, named) => {
  await expect(Promise.resolve(go())).rejects.toThrow(/A test must not|fetch failed/)
  expect(judge).toThrow(named)
})

test('AC-7.3.6: what is on this machine is reached', async () => {
  const server = createServer((socket) => socket.end('here'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    for (const target of [
      { port },
      { port, host: '127.0.0.1' },
      { port, host: 'a.test', lookup: answering('127.0.0.1') },
    ])
      expect(String((await once(createConnection(target), 'data'))[0])).toBe('here')
    expect(judge).not.toThrow()
  } finally {
    server.close()
  }
})

const PROBE = `
const { createConnection, createServer } = require('node:net')
const tried = (port, host) => new Promise((done) => {
  const socket = createConnection({ port, host, timeout: 2000 })
  socket.on('connect', () => done('reached')).on('error', (error) => done(error.code)).on('timeout', () => done('silent'))
})
const server = createServer().listen(0, '127.0.0.1', async () => {
  console.log(JSON.stringify({ outside: await tried(443, '198.51.100.1'), inside: await tried(server.address().port, '127.0.0.1') }))
  process.exit()
})`

test('AC-7.3.6: `npm run test:offline` runs the suite, and all it starts, where there is nothing but a loopback', () => {
  const [program = '', ...words] = tasks['test:offline']?.command?.([]) ?? []
  const suite = tasks.test?.command?.([]) ?? []
  expect(words.slice(-suite.length)).toEqual(suite)
  const { stdout } = spawnSync(program, [...words.slice(0, -suite.length), process.execPath, '-e', PROBE], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect(JSON.parse(stdout)).toEqual({ outside: 'ENETUNREACH', inside: 'reached' })
})
