import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { parseHostRule } from '@sallyport/core'
import { afterEach, describe, expect, it } from 'vitest'
import { serveEgress, type EgressAttempt, type EgressDeps } from './proxy.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serving(more: Partial<EgressDeps> = {}) {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const attempts: EgressAttempt[] = []
  const report = (attempt: EgressAttempt): void => void attempts.push(attempt)
  closing.push(serveEgress(listener, { rules: { allowed: [], blocked: [] }, report, ...more }))
  const { port } = listener.address() as AddressInfo
  const open = (): Socket => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    closing.push(() => socket.destroy())
    return socket
  }
  return { attempts, open }
}

describe('T-144: what comes through one way out', () => {
  it('a flood is cut, which is said once, and what comes later is answered', async () => {
    const { attempts, open } = await serving()
    const sockets = Array.from({ length: 2_000 }, open)
    await expect
      .poll(() => sockets.filter(({ destroyed }) => destroyed).length, { timeout: 15_000 })
      .toBeGreaterThan(100)
    const said = attempts.filter(({ reason }) => reason === 'too_many').length
    expect(said).toBeGreaterThan(0)
    expect(said).toBeLessThan(5)
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const late = open()
    late.write('CONNECT a.example:443 HTTP/1.1\r\n\r\n')
    expect(String(((await once(late, 'data')) as [Buffer])[0])).toContain('403')
  }, 30_000)
  it('who says nothing is let go', async () => {
    const { open } = await serving()
    const silent = open()
    await once(silent.resume(), 'close')
    expect(silent.destroyed).toBe(true)
  }, 15_000)
})

describe('T-116, T-118: a tunnel to a port of TLS', () => {
  /** What arrives behind a tunnel for `host` when the client says this first. */
  async function arrives(says: Buffer | string, pieces = 1) {
    const upstream = createServer().listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    closing.push(() => upstream.close())
    const { port } = upstream.address() as AddressInfo
    let arrived = 0
    upstream.on('connection', (socket) => {
      closing.push(() => socket.destroy())
      socket.on('data', ({ length }: Buffer) => (arrived += length))
      socket.on('error', () => undefined)
    })
    const rules = { allowed: [parseHostRule(`127.0.0.1:${port}`)], blocked: [] }
    const { attempts, open } = await serving({ rules, tlsPorts: [port] })
    const client = open()
    client.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\n`)
    await once(client, 'data')
    const bytes = Buffer.from(says as string)
    const size = Math.ceil(bytes.length / pieces)
    for (let at = 0; at < bytes.length; at += size) {
      client.write(bytes.subarray(at, at + size))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await expect.poll(() => arrived === bytes.length || client.destroyed, { timeout: 5_000 }).toBe(true)
    return { arrived, reasons: attempts.map(({ reason }) => reason), size: bytes.length }
  }
  const hello = async (servername?: string): Promise<Buffer> => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const client = tlsConnect({ port, host: '127.0.0.1', ...(servername === undefined ? {} : { servername }) })
    client.on('error', () => undefined)
    const [socket] = (await once(server, 'connection')) as [Socket]
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    client.destroy()
    return bytes
  }

  it.each([1, 9])('TLS for the host goes through, in %i pieces', async (pieces) => {
    const { arrived, size, reasons } = await arrives(Buffer.concat([await hello(), Buffer.alloc(3_000, 23)]), pieces)
    expect({ arrived, reasons }).toEqual({ arrived: size, reasons: [undefined] })
  })
  it('TLS for another host does not, and it is said', async () => {
    expect(await arrives(await hello('evil.example'))).toMatchObject({
      arrived: 0,
      reasons: [undefined, 'host_mismatch'],
    })
  })
  it.each(['SSH-2.0-x\r\n', 'GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n'])('%j does not', async (text) => {
    expect(await arrives(text)).toMatchObject({ arrived: 0, reasons: [undefined, 'not_tls'] })
  })
})
