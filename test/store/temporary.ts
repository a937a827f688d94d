import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { rawPublicKey } from '@sallyport/core'
import type { LogRow, StoreKeys } from '../../packages/gateway/src/store/ports.ts'

/** Keys of a throw-away gateway. */
export function makeKeys(origin = 'sallyport.test/install'): StoreKeys & { readonly publicKey: Uint8Array } {
  const { privateKey } = generateKeyPairSync('ed25519')
  return {
    mac: randomBytes(32),
    checkpointKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
    origin,
    publicKey: rawPublicKey(createPublicKey(privateKey)),
  }
}

/** A directory that goes away with the test. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-store-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A clock that stands still until it is told. */
export function makeClock(start = Date.parse('2026-11-20T10:00:00.000Z')) {
  const state = { wall: start, monotonic: 0 }
  return {
    now: () => state.wall,
    monotonic: () => state.monotonic,
    advance(ms: number): void {
      state.wall += ms
      state.monotonic += ms
    },
    setBack(ms: number): void {
      state.wall -= ms
    },
  }
}

/** A well-formed log row. */
export function makeRow(i: number, members: Partial<Record<string, unknown>> = {}): LogRow {
  const ts = Date.parse('2026-11-20T10:00:00.000Z') + i
  const record = {
    ...{ agentId: 'claude', auditId: `audit-${i}`, kind: 'decision', level: 'info', n: i, policyDecision: 'allowed' },
    ...{ sessionId: `session-${i % 3}`, timestamp: new Date(ts).toISOString(), toolName: `fs.tool${i % 2}` },
    ...members,
  }
  return {
    body: JSON.stringify(record),
    ts,
    kind: String(record.kind),
    auditId: String(record.auditId),
    session: String(record.sessionId),
    agent: String(record.agentId),
    tool: String(record.toolName),
    decision: String(record.policyDecision),
  }
}
