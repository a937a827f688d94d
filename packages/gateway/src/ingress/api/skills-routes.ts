import type { Json, JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

interface SkillDecision {
  readonly name: string
  readonly hash: string
  readonly by: string
  readonly reason: string
}

/** Admission as these routes use it. @throws SallyportError SP_SKILL_* */
export interface SkillsPort {
  list(): Promise<Json>
  show(name: string, hash?: string): Promise<Json>
  approve(decision: SkillDecision, approval: boolean): Promise<Json>
  reject(decision: SkillDecision): Promise<Json>
  promote(decision: SkillDecision): Promise<Json>
  rollback(decision: SkillDecision): Promise<Json>
  allow(
    rule: { name: string; hash: string; source: string; to: 'internal' | 'external' },
    by: string,
    reason: string,
  ): Promise<void>
  unblock(rule: { name?: string; hash?: string; publisher?: string }, by: string, reason: string): Promise<void>
}

const name = z.string().min(1).max(64)
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex: what was looked at')
const reason = z.string().trim().min(3, 'say why, in three characters or more').max(500)
const DECIDE = z.strictObject({ hash, reason, proof: PROOF })
const APPROVE = z.strictObject({ hash, reason, requiresApproval: z.boolean().default(false), proof: PROOF })
const REJECT = z.strictObject({ hash, reason })
const ALLOW = z.strictObject({
  ...{ name, hash, reason, proof: PROOF },
  source: z.string().min(1).max(4096),
  to: z.enum(['internal', 'external']),
})
const UNBLOCK = z
  .strictObject({
    name: name.optional(),
    hash: hash.optional(),
    publisher: z.string().min(1).max(200).optional(),
    reason,
    proof: PROOF,
  })
  .refine((rule) => (rule.name ?? rule.hash ?? rule.publisher) !== undefined, 'say which: name, hash or publisher')
const SHOW = z.strictObject({
  hash: z
    .string()
    .regex(/^[0-9a-f]{6,64}$/)
    .optional(),
})

/**
 * `/api/v1/skills/*`: what is admitted, and the decisions of people about it (HB-31, E-80). No entry of the agent plane decides
 * anything here, and every one that lets something in needs presence, also before the gateway has an operator.
 */
export function skillsRoutes(skills: SkillsPort, presence: PresencePort): Route[] {
  const get = { method: 'GET', plane: 'operator', scope: 'read' } as const
  const post = { method: 'POST', plane: 'operator', scope: 'policy' } as const
  const proved = (kind: string, payload: JsonObject, proof: Parameters<typeof requirePresence>[3]): Promise<string> =>
    requirePresence(presence, kind, payload, proof, 'refuse')
  return [
    {
      ...get,
      path: '/api/v1/skills',
      summary: 'Versions of skills with their states and whom they serve; the block list and the allow list.',
      handle: async () => ({ status: 200, body: await skills.list() }),
    },
    {
      ...get,
      path: '/api/v1/skills/:name',
      summary:
        'One version of a skill (`hash`, default what waits for a review): findings, capabilities, provenance, and what is different from the one in force.',
      handle: async ({ params, query }) => ({
        status: 200,
        body: await skills.show(params['name'] ?? '', readAs(SHOW, query).hash),
      }),
    },
    {
      ...post,
      path: '/api/v1/skills/:name/approve',
      presence: 'route',
      summary: 'Let a reviewed version, by its {hash}, out of quarantine for agents inside. Needs presence.',
      handle: async ({ params, body }) => {
        const { proof, ...asked } = readAs(APPROVE, body)
        const decided = { name: params['name'] ?? '', ...asked }
        const by = await proved('skill.approve', decided, proof)
        return { status: 200, body: await skills.approve({ ...decided, by }, asked.requiresApproval) }
      },
    },
    {
      ...post,
      path: '/api/v1/skills/:name/promote',
      presence: 'route',
      summary: 'Let a version that serves inside, by its {hash}, serve visitors too. Needs presence.',
      handle: async ({ params, body }) => {
        const { proof, ...asked } = readAs(DECIDE, body)
        const decided = { name: params['name'] ?? '', ...asked }
        return {
          status: 200,
          body: await skills.promote({ ...decided, by: await proved('skill.promote', decided, proof) }),
        }
      },
    },
    {
      ...post,
      path: '/api/v1/skills/:name/rollback',
      presence: 'route',
      summary: 'Put the version before, by its {hash}, into force again. Needs presence.',
      handle: async ({ params, body }) => {
        const { proof, ...asked } = readAs(DECIDE, body)
        const decided = { name: params['name'] ?? '', ...asked }
        return {
          status: 200,
          body: await skills.rollback({ ...decided, by: await proved('skill.rollback', decided, proof) }),
        }
      },
    },
    {
      ...post,
      path: '/api/v1/skills/:name/reject',
      presence: 'free',
      summary: 'Refuse a version that waits for a review or is off; it only narrows what may happen.',
      handle: async ({ params, body, principal }) => {
        const decided = { name: params['name'] ?? '', ...readAs(REJECT, body), by: principal.id }
        return { status: 200, body: await skills.reject(decided) }
      },
    },
    {
      ...post,
      path: '/api/v1/skill-rules/allow',
      presence: 'route',
      summary: 'Let exactly one {hash} from exactly one {source} in without a review. Needs presence.',
      handle: async ({ body }) => {
        const { proof, reason: why, ...rule } = readAs(ALLOW, body)
        await skills.allow(rule, await proved('skill.allow', { ...rule, reason: why }, proof), why)
        return { status: 200, body: { allowed: rule.name } }
      },
    },
    {
      ...post,
      path: '/api/v1/skill-rules/unblock',
      presence: 'route',
      summary:
        'Take a rule off the block list; what it put out of force stays so until it is reviewed. Needs presence.',
      handle: async ({ body }) => {
        const { proof, reason: why, ...given } = readAs(UNBLOCK, body)
        const rule = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
        await skills.unblock(rule, await proved('skill.unblock', { ...rule, reason: why }, proof), why)
        return { status: 200, body: { unblocked: rule as JsonObject } }
      },
    },
  ]
}
