import { readFileSync, writeSync } from 'node:fs'
import { systemClock } from '../../packages/gateway/src/clock.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'

/** Writes with 64 callers until it is killed, and says on standard output which records were acknowledged. */
const STDOUT = 1
const CALLERS = 64
const [path = '', keyFile = '', round = '0'] = process.argv.slice(2)
const keys = JSON.parse(readFileSync(keyFile, 'utf8')) as { mac: string; checkpointKey: string; origin: string }
const store = await openStore(
  { driver: 'sqlite', path, checkpoint: { everyMs: 50, records: 200 } },
  { mac: Buffer.from(keys.mac, 'hex'), checkpointKey: Buffer.from(keys.checkpointKey, 'hex'), origin: keys.origin },
  systemClock,
)
let next = 0

async function caller(): Promise<never> {
  for (;;) {
    const auditId = `${round}-${next++}`
    const timestamp = new Date().toISOString()
    const members = {
      auditId,
      kind: 'decision',
      level: 'info',
      policyDecision: 'allowed',
      timestamp,
      toolName: 'fs.write',
    }
    const row = { ...members, body: JSON.stringify({ agentId: 'a', pad: 'x'.repeat(300), sessionId: 's', ...members }) }
    await store.append([
      { ...row, ts: Date.parse(timestamp), session: 's', agent: 'a', tool: 'fs.write', decision: 'allowed' },
    ])
    // Synchronous: what is said was acknowledged, and what is not said may have been.
    say(`${auditId}\n`)
  }
}

/** A pipe that is full says so and takes the line a moment later. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(STDOUT, line)
      return
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown
    }
  }
}

await Promise.all(Array.from({ length: CALLERS }, caller))
