import { SallyportError, type Json, type JsonObject } from '@sallyport/core'
import { z } from 'zod'
import type { ApprovalsApi } from './approvals-api.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, Route } from './route.ts'

interface Asked {
  readonly id: string
  readonly auditId: string
  readonly args: JsonObject
  readonly by: readonly string[]
}
type Effect = 'allow' | 'deny'

/** What these routes need of drafts. */
export interface RuleDraftsPort {
  propose(asked: Asked, effect: Effect): Promise<object>
  createFrom(
    asked: Asked,
    effect: Effect,
    by: string,
  ): Promise<{ readonly draft: { readonly id: string }; readonly file: string }>
}

const EFFECT = z.strictObject({ effect: z.enum(['allow', 'deny']) })

/**
 * From a request to the rule that would answer it from now on. The rule is a draft like any other: it answers no request, and it is in
 * force when it was published, with the proof and the second person that takes.
 */
export function approvalRuleRoutes(approvals: Pick<ApprovalsApi, 'show'>, drafts: RuleDraftsPort): Route[] {
  const plane = { plane: 'operator' } as const
  const askedOf = async ({ params }: ApiRequest): Promise<Asked> => {
    const shown = await approvals.show(params['id'] ?? '')
    if (!shown.ok) throw new SallyportError(shown.code, shown.reason)
    const { id, auditId, args, policyRule } = shown.value.approval.request
    return { id, auditId, args, by: policyRule }
  }
  return [
    {
      ...plane,
      scope: 'read',
      method: 'GET',
      path: '/api/v1/approvals/:id/rule',
      summary: 'The narrowest rule that would `effect` (`allow` or `deny`) calls like this one, or why there is none.',
      handle: async (request) => {
        const { effect } = readAs(EFFECT, request.query)
        const proposal = await drafts.propose(await askedOf(request), effect)
        const { edits: _edits, request: _request, ...shown } = proposal as Record<string, unknown>
        return { status: 200, body: shown as Json }
      },
    },
    {
      ...plane,
      scope: 'policy',
      presence: 'inert',
      method: 'POST',
      path: '/api/v1/approvals/:id/rule',
      summary: 'Begin a draft with that rule and its tests. A draft decides nothing, and the request stays as it is.',
      handle: async (request) => {
        const { effect } = readAs(EFFECT, request.body)
        const { draft, file } = await drafts.createFrom(await askedOf(request), effect, request.principal.id)
        return { status: 201, body: { draft: draft.id, file } }
      },
    },
  ]
}
