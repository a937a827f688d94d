import type { Confidentiality, Integrity } from '@sallyport/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { certificateFor, tlsUpstream, wayOut, type Upstream, type Way } from '../vault/lent-kit.ts'

describe('labels of the session behind a way out', () => {
  let upstream: Upstream
  let way: Way
  let knows: Confidentiality = 0
  const read: (readonly [host: string, integrity: Integrity, heard: number])[] = []
  let fails = false

  beforeAll(async () => {
    const certificate = certificateFor('localhost')
    upstream = await tlsUpstream(certificate, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
    const host = `localhost:${upstream.port}`
    const usual = { category: 'external', base: `https://${host}`, agents: ['coder'], secret: 'value' }
    way = await wayOut(
      { api: { ...usual, methods: ['GET', 'POST'] } },
      { value: 'a-key-of-the-vault-42' },
      {
        authorities: [certificate.cert.toString()],
        egress: {
          rules: {
            notes: { hosts: [host], allow: [{ paths: ['/notes/**'] }], integrity: 1, confidentiality: 1 },
            own: { hosts: [host], allow: [{ paths: ['/own/**'] }] },
          },
        },
        flow: {
          confidentiality: () => knows,
          reads: async (name, integrity) => {
            if (fails) throw new Error('The store is gone.')
            read.push([name, integrity, upstream.heard.length])
            return Promise.resolve()
          },
        },
      },
    )
  })
  beforeEach(() => {
    knows = 0
    fails = false
    read.length = 0
  })
  afterAll(() => {
    way.close()
    upstream.close()
  })
  const ask = async (path: string): Promise<unknown> =>
    (await way.ask(`/sallyport/api${path}`, {})).headers['x-sallyport-deny'] ?? 'ok'

  it('T-111: what is read there counts from before it is asked for', async () => {
    const before = upstream.heard.length
    expect(await ask('/notes/1')).toBe('ok')
    expect(read).toEqual([['localhost', 1, before]])
    expect(await ask('/own/1')).toBe('ok')
    expect(read).toHaveLength(1)
  })

  it.each([
    [1, 'ok'],
    [2, 'confidential'],
    [3, 'confidential'],
  ] as const)('T-115: a session that knows what is %s gets: %s', async (level, answer) => {
    knows = level
    const before = upstream.heard.length
    expect(await ask('/notes/1')).toBe(answer)
    expect(upstream.heard.length - before).toBe(answer === 'ok' ? 1 : 0)
    expect(await ask('/own/1')).toBe('ok')
    if (answer !== 'ok')
      expect(way.attempts.at(-2)).toMatchObject({ verdict: 'refused', reason: answer, rule: 'notes' })
  })

  it('T-093: nothing is asked for when the label cannot be kept', async () => {
    fails = true
    const before = upstream.heard.length
    const answer = await way.ask('/sallyport/api/notes/1', {}).catch(() => ({ status: 0 }))
    expect(answer.status).not.toBe(200)
    expect(upstream.heard).toHaveLength(before)
  })
})
