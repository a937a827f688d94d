import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readOpening } from './client-hello.ts'

/** The first flight of a real client. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ...options })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [import('node:net').Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  socket.destroy()
  server.close()
  return bytes
}
/** The same handshake in records of so many bytes. */
function cut(hello: Buffer, size: number): Buffer {
  const handshake = hello.subarray(5)
  const records: Buffer[] = []
  for (let at = 0; at < handshake.length; at += size) {
    const part = handshake.subarray(at, at + size)
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part)
  }
  return Buffer.concat(records)
}

describe('the first bytes of a tunnel', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('T-118: %s: the name that a client asks for', async (version) => {
    const hello = await helloOf({ servername: 'API.example.com', minVersion: version, maxVersion: version })
    expect(readOpening(hello)).toEqual({ kind: 'hello', serverName: 'api.example.com' })
    for (const size of [1, 7, 100])
      expect(readOpening(cut(hello, size))).toMatchObject({ serverName: 'api.example.com' })
  })

  test('a client that names nobody', async () => {
    expect(readOpening(await helloOf({}))).toEqual({ kind: 'hello', serverName: undefined })
  })

  test('T-118: every beginning of a hello is incomplete, and none gives a name', async () => {
    const hello = await helloOf({ servername: 'api.example.com' })
    for (let length = 0; length < hello.length; length++)
      expect(readOpening(hello.subarray(0, length)).kind, String(length)).toBe('incomplete')
  })

  test.each(['SSH-2.0-x\r\n', 'GET / HTTP/1.1\r\n', '\u0013BitTorrent protocol', '\u0000\u0000\u0000\u0000'])(
    'T-118: %j is no TLS',
    (text) => {
      expect(readOpening(Buffer.from(text))).toEqual({ kind: 'not-tls' })
    },
  )

  test('T-116: two names, or one with a part behind it, are none', async () => {
    const hello = await helloOf({ servername: 'api.example.com' })
    const at = hello.indexOf('api.example.com')
    const longer = Buffer.from(hello)
    // the length of the name says less than the list holds
    longer[at - 1] = 3
    expect(readOpening(longer).kind).toBe('not-tls')
    const zero = Buffer.from(hello)
    zero[at + 3] = 0
    expect(readOpening(zero).kind).toBe('not-tls')
  })

  test('any bytes at all: an answer, and never an error', async () => {
    const hello = await helloOf({ servername: 'api.example.com' })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = Buffer.from(hello)
        for (const [at, byte] of changes) bytes[at] = byte
        expect(['incomplete', 'not-tls', 'hello']).toContain(readOpening(bytes).kind)
      }),
      { numRuns: 2_000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readOpening(bytes)
      }),
    )
  })
})
