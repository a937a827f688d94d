import { existsSync, statSync } from 'node:fs'
import { isJsonObject, toSallyportError, type Json, type JsonObject } from '@sallyport/core'
import { layout } from '../../config/paths.ts'
import { fail, ok, warn, type Check, type Finding } from './check.ts'

/** Tolerated step of the wall clock between the newest write of the store and now, ms. */
const CLOCK_SLACK = 60_000

/** Alive, claimed, policy in force, hooks of every agent still enforcing. */
export const gatewayCheck: Check = async ({ io }) => {
  if (!(await io.gateway.alive())) return [fail('gateway', 'No gateway answers; every call is denied.', 'sallyport up')]
  try {
    const status = objectOf(await io.gateway.request('GET', '/api/v1/status'))
    const policy = objectOf(await io.gateway.request('GET', '/api/v1/policy/current'))
    return [
      ok('gateway', `Version ${short(status['version'])} answers.`),
      status['claimed'] === true
        ? ok('operator', 'Somebody can approve.')
        : warn('operator', 'Nobody can approve; what needs a human is denied.', 'sallyport init --claim'),
      ...policyFindings(policy),
      ...hostFindings(status),
    ]
  } catch (thrown) {
    return [fail('gateway', toSallyportError(thrown).message, 'sallyport down, then sallyport up')]
  }
}

function policyFindings(policy: JsonObject): readonly Finding[] {
  const staged = policy['staged'] ?? null
  if (staged !== null)
    return [warn('policy', 'A change waits for an operator.', 'sallyport policy diff, then sallyport policy accept')]
  const error = policy['error'] ?? null
  if (error !== null)
    return [fail('policy', `The files do not load; the older policy stays: ${short(error)}`, 'sallyport policy check')]
  return [ok('policy', `Version ${short(policy['version'])} is in force.`)]
}

/** An agent that ran something we never allowed (T-042). */
function hostFindings(status: JsonObject): readonly Finding[] {
  const hosts = Array.isArray(status['hosts']) ? (status['hosts'] as readonly Json[]).map(short) : []
  const lost = hosts.filter((line) => line.includes('unenforced'))
  return lost.map((line) =>
    fail(
      'hooks-fire',
      `${line}: something ran that was never allowed, so its hooks do not enforce.`,
      'Look at `sallyport log query --kind alert`, repair the hooks, then restart gateway and agent.',
    ),
  )
}

/** The log, read from its own files, whatever a gateway says. */
export const logCheck: Check = async ({ io, site }) => {
  if (!existsSync(layout(site.stateDir).store)) return [ok('log', 'Empty.')]
  const { run } = await import('../log/verify.ts')
  try {
    const code = await run({ ...io, json: true, out: () => undefined, err: () => undefined }, [], {})
    return code === 0
      ? [ok('log', 'The chain and its checkpoints verify.')]
      : [fail('log', 'The log does not verify.', 'sallyport log verify')]
  } catch (thrown) {
    return [warn('log', `Could not be verified: ${toSallyportError(thrown).message}`, 'sallyport log verify')]
  }
}

/** A clock that went back makes expiry and order meaningless (T-165). */
export const clockCheck: Check = ({ site, now }) => {
  const { store, info } = layout(site.stateDir)
  const newest = Math.max(
    ...[store, `${store}-wal`, info].map((path) => (existsSync(path) ? statSync(path).mtimeMs : 0)),
  )
  return Promise.resolve([
    newest > now + CLOCK_SLACK
      ? fail(
          'clock',
          `The store was written at ${new Date(newest).toISOString()}, which is in the future.`,
          'Correct the clock of this machine.',
        )
      : ok('clock', 'Not behind the newest record.'),
  ])
}

const objectOf = (value: Json): JsonObject => (isJsonObject(value) ? value : {})
const short = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none')).slice(0, 300)
