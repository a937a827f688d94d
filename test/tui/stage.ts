import { join } from 'node:path'
import { operatorClient } from '../../packages/gateway/src/cli/client.ts'
import { derivePinKey, PIN_COST } from '../../packages/gateway/src/control/presence/pin.ts'
import { createSource, type Source } from '../../packages/gateway/src/tui/source.ts'
import { openStage, type Stage } from '../metrics/stage.ts'
import { unelevated } from '../unconfined.ts'

export const PIN = '480-corner-lantern'

const POLICY = `permit (principal, action, resource);
@id("test.ask") @decision("approve") @severity("medium") @advice("Counting to {tool} changes what the auditor sees.")
forbid (principal, action, resource) when { context.args has id && context.args.id like "ask*" }
unless { context.approved };`

export interface Dashboard extends Stage {
  readonly source: Source
  /** A call that waits for a person; resolves with the id of its request. */
  question(id: string): Promise<string>
  stateOf(approval: string): Promise<string>
}

/** A gateway that asks about ids that begin with `ask`, and Ana, whose PIN is known. */
export async function openDashboard(): Promise<Dashboard> {
  const stage = await openStage(unelevated, POLICY)
  const { presence } = stage.gateway
  const asked = await presence.claimChallenge('ab'.repeat(32))
  if (!asked.ok) throw new Error(asked.reason)
  const { nonce, notAfter, operators } = asked.value
  const salt = operators[0]?.salt ?? ''
  const key = await derivePinKey(PIN, Buffer.from(salt, 'hex'), PIN_COST)
  const verifier = Buffer.from(key).toString('hex')
  const done = await presence.claim({ name: 'ana', salt, verifier, nonce, notAfter }, 'test')
  if (!done.ok) throw new Error(done.reason)
  const client = operatorClient(join(stage.state, 'run', 'operator.sock'), new AbortController().signal)
  return {
    ...stage,
    source: createSource(client),
    async question(id) {
      const { status, text, body } = await stage.ask({
        method: 'POST',
        path: '/v1/calls',
        headers: { prefer: 'wait=1' },
        body: { tool: 'counter.count', arguments: { id } },
        bearer: stage.credential('tester'),
      })
      if (status !== 202) throw new Error(`${status} ${text}`)
      return String((body as { approvalId?: string }).approvalId)
    },
    stateOf: async (approval) =>
      String(((await stage.ask({ path: `/api/v1/approvals/${approval}` })).body as { state?: string }).state),
  }
}

export async function until(isSo: () => boolean | Promise<boolean>, what: () => string, ms = 20_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end;) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(what())
}
