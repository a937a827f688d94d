const DAY = 86_400_000
const expires = new Date(Date.now() + 30 * DAY).toISOString().slice(0, 10)

const accepted = { reason: 'tests of other things', by: 'the tests', expires }

/** Members of a configuration for tests of other things, whose servers write where the test looks. */
export const unconfined = {
  sandbox: { mode: 'off' },
  acknowledgeInsecure: { 'sandbox.mode': accepted },
}
/** The same as lines of YAML. */
export const UNCONFINED = Object.entries(unconfined)
  .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  .join('\n')

/** The same, for tests whose tools run programs and wait for nobody. */
export const unelevated = {
  ...unconfined,
  tools: { elevated: [] },
  acknowledgeInsecure: { 'sandbox.mode': accepted, 'tools.elevated': accepted },
}
