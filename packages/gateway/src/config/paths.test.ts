import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toSallyportError } from '@sallyport/core'
import { listenUnix } from '../ingress/api/listen.ts'
import { requireSocketPath } from './paths.ts'

test('a state directory that is too deep for a socket is refused with what to do, and the longest that goes is taken', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-deep-'))
  const at = (length: number): string => join(root, 'é'.repeat(10), 'x'.repeat(length - Buffer.byteLength(root) - 22))
  const server = createServer()
  try {
    expect(Buffer.byteLength(at(107))).toBe(107)
    await listenUnix(server, at(107))
    expect(server.listening).toBe(true)
    let thrown: unknown
    try {
      requireSocketPath(at(108))
    } catch (error) {
      thrown = error
    }
    expect(toSallyportError(thrown)).toMatchObject({ code: 'SP_CONFIG_INVALID' })
    expect(toSallyportError(thrown).message).toContain('--state')
  } finally {
    server.close()
    rmSync(root, { recursive: true, force: true })
  }
})
