import { SallyportError, type WordsChannel } from '@sallyport/core'
import { z } from 'zod'
import type { Clock, EvidencePort, Random } from '../../boundary/ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, Route } from './route.ts'

export interface WordsRoutesDeps {
  readonly flow: {
    hear(instance: string, words: string, channel: WordsChannel): void
    /** False when it would widen the plan of a session that has read untrusted text. */
    declare(instance: string, tools: readonly string[]): boolean
  }
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
}

const WORDS = z.strictObject({
  text: z.string().min(1).max(262_144),
  channel: z.enum(['typed', 'pasted']).default('typed'),
})
const PLAN = z.strictObject({ tools: z.array(z.string().min(1).max(128)).max(512) })

/** `/v1/session/*`: what the user said, and which tools the task will need (policy.md §2.2). */
export function wordsRoutes(deps: WordsRoutesDeps): Route[] {
  const note = (
    request: ApiRequest,
    event: string,
    extra: Readonly<Record<string, string | number | readonly string[]>>,
  ) =>
    deps.evidence.append([
      {
        kind: 'identity',
        auditId: deps.random.uuid(),
        timestamp: new Date(deps.clock.now()).toISOString(),
        level: 'info',
        event,
        actor: request.principal.id,
        agentId: request.principal.id,
        instance: request.principal.instance,
        ...extra,
      },
    ])
  return [
    {
      method: 'POST',
      path: '/v1/session/words',
      plane: 'agent',
      scope: 'execute',
      summary: 'Tell what the user said. Counts as the user’s words only under a credential with the scope `vouch`.',
      handle: async (request) => {
        const { text, channel } = readAs(WORDS, request.body)
        const { scopes, instance } = request.principal
        const trust: WordsChannel = scopes.includes('vouch') ? channel : 'relayed'
        await note(request, 'flow.words', { channel: trust, length: text.length })
        deps.flow.hear(instance, text, trust)
        return { status: 200, body: { trust } }
      },
    },
    {
      method: 'POST',
      path: '/v1/session/plan',
      plane: 'agent',
      scope: 'execute',
      summary:
        'Declare the tools that the task will need, before anything untrusted is read. Later it can only shrink.',
      handle: async (request) => {
        const { tools } = readAs(PLAN, request.body)
        await note(request, 'flow.plan', { tools })
        if (!deps.flow.declare(request.principal.instance, tools)) throw new SallyportError('SP_FLOW_PLAN')
        return { status: 200, body: { tools } }
      },
    },
  ]
}
