import { readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createAlerting } from '../../packages/gateway/src/alerting.ts'
import { systemClock } from '../../packages/gateway/src/clock.ts'
import { alertsSchema } from '../../packages/gateway/src/config/alerts-schema.ts'
import { createEvidence } from '../../packages/gateway/src/evidence/log/evidence.ts'
import { createOperationalLog } from '../../packages/gateway/src/evidence/log/operational.ts'
import { systemResolve } from '../../packages/gateway/src/execution/egress/dial.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'

/** Denies calls until it is killed, and says on standard output which denials were answered. */
const STDOUT = 1
const [directory = '', keyFile = '', config = '{}', round = '0', most = '0'] = process.argv.slice(2)
const keys = JSON.parse(readFileSync(keyFile, 'utf8')) as { mac: string; checkpointKey: string }
const store = await openStore(
  { driver: 'sqlite', path: join(directory, 'state.db') },
  { mac: Buffer.from(keys.mac, 'hex'), checkpointKey: Buffer.from(keys.checkpointKey, 'hex'), origin: 'alerts.test' },
  systemClock,
)
const operational = createOperationalLog({ clock: systemClock, sink: (_text, done) => done() })
const alerting = await createAlerting({
  ...{ store, clock: systemClock, random: systemRandom, operational, publish: () => undefined },
  config: alertsSchema.parse(JSON.parse(config)),
  ...{ evidence: () => evidence, exceptions: [], authorities: [], resolve: systemResolve },
})
const evidence = createEvidence({
  ...{ store, clock: systemClock, onWriteFailure: 'block', operational, tap: alerting.tap },
  alert: ({ name, severity, message }) => alerting.said(name, severity, message),
})
await alerting.start()
writeSync(STDOUT, 'ready\n')
for (let i = 0; i < Number(most); i++) {
  const agentId = `agent-${round}-${i}`
  const call = {
    ...{ kind: 'decision', auditId: `${round}-${i}`, timestamp: new Date().toISOString(), level: 'warn', agentId },
    ...{ toolName: 'fs.rm', toolCategory: 'group:fs', effect: 'write', sessionId: 's', requestId: 'r', actor: agentId },
    ...{ instance: agentId, surface: 'cli', trust: 'trusted', enforcement: 'gateway', policyDecision: 'denied' },
    ...{ policyRule: [], bundle: 'b', parameters: {}, parameterHash: 'h', severity: 'critical' },
  }
  await evidence.append([call as never])
  writeSync(STDOUT, `${agentId}\n`)
}
