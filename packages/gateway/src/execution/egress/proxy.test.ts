import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { serveEgress, type EgressAttempt } from './proxy.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serving() {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const attempts: EgressAttempt[] = []
  const report = (attempt: EgressAttempt): void => void attempts.push(attempt)
  closing.push(serveEgress(listener, { rules: { allowed: [], blocked: [] }, report }))
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
