// A gateway in a process of its own, for tests that kill it:  node host.mjs STATE CONFIG
// Prints one line with the agent's key when it listens. The agent `tester` is at trust level 2.
import { createGateway, loadConfig } from 'sallyport'

const [stateDir, config] = process.argv.slice(2)
const loaded = loadConfig(config, { env: {}, stateDir, now: Date.now() })
const gateway = await createGateway(loaded, { stateDir, operationalSink: (_text, done) => done() })
if (gateway.identity.agents.get('tester') === undefined) {
  await gateway.identity.agents.add({ name: 'tester', by: 'test' })
  await gateway.identity.agents.setTrust('tester', 2, 'test', 'test')
}
await gateway.listen()
process.stdout.write('ready\n')
process.on('SIGTERM', () => void gateway.close().then(() => process.exit(0)))
